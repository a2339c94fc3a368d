"""`journeys demo`: a service on a new SQLite file with three made-up patients, and three things to try."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from service import clock, operations
from service.app import create_app
from service.cli.files import content_option, definitions_option
from service.cli.running import configuration, refusals
from service.demo import DemoPatient, seed
from service.logs import configure_logs

FOLDER = Path(".demo")


@click.command()
@click.option("--port", type=int, default=8000, show_default=True)
@definitions_option
@content_option
def demo(port: int, definitions: str, content: str) -> None:
    """Start a service with three made-up patients; everything it keeps is in the folder .demo.

    Example: `journeys demo --port 8400`
    """
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("demo.db*"):
        old.unlink()
    config = configuration(database=f"sqlite:///{FOLDER / 'demo.db'}", port=port, log_level="warning")
    configure_logs(config.log_level)
    with refusals():
        operations.upgrade_database(config.database)
        with operations.open_service(config.database) as service:
            done = operations.publish_from_files(service, Path(definitions), Path(content))
            if not done.is_done:
                for problem in done.problems:
                    click.echo(str(problem), err=True)
                raise SystemExit(1)
            scopes = ("enroll", "report", "read", "staff")
            clinic = operations.create_token(service, name="demo-clinic", scopes=scopes).text
            phone = operations.create_token(service, name="demo-phone", scopes=("report", "read")).text
            app = create_app(config, clock=clock.present, new_id=clock.new_id, service=service)
            patients = seed(app, clinic, clock.present().date())

        def ready(bound: int) -> None:
            click.echo(_what_to_try(f"http://{config.host}:{bound}", clinic, phone, patients))

        operations.run_server(config, ready=ready)


def _what_to_try(address: str, clinic: str, phone: str, patients: list[DemoPatient]) -> str:
    ana, ben, cam = patients
    lines = [f"Serving on {address}/docs (Ctrl-C stops it). Three made-up patients:"]
    lines += [f"  {one.ref}: {one.shows}" for one in patients]
    curl = "curl --silent"
    as_phone = f'{curl} --header "Authorization: Bearer {phone}"'
    as_clinic = f'{curl} --header "Authorization: Bearer {clinic}"'
    result = '{"id": "try-3", "type": "answers_given", "occurred_at": "%s", "facts": {"scan_result": "clear"}}'
    told = '{"id": "try-2", "type": "recurrence_discussed", "occurred_at": "%s"}'
    now = "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    lines += [
        "",
        "1. What demo-ana's app shows her, in Spanish:",
        f"{as_phone} {address}/v1/enrollments/{ana.enrollment}/content?locale=es",
        "",
        "2. demo-ben's recurrence is held until a person has told him. Say that it was done, and his app moves:",
        f'{as_clinic} --json "{_escaped(told % now)}" {address}/v1/enrollments/{ben.enrollment}/events',
        "",
        "3. demo-cam's result waits for a fact. Tell it, and the event goes on by itself:",
        f'{as_clinic} --json "{_escaped(result % now)}" {address}/v1/enrollments/{cam.enrollment}/events',
    ]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """A text for between double quotes of a shell, in which only $(…) is to be read."""
    return text.replace('"', '\\"')
