"""`journeys demo`: a service on a new SQLite file with three made-up patients, and three things to try."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import rich_click as click

from journeys.canonical import time_text
from service import clock, operations
from service.app import create_app
from service.cli.files import content_option, definitions_option
from service.cli.running import configuration, refusals, require_port
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
    config = configuration(database=f"sqlite:///{FOLDER / 'demo.db'}", port=port, log_level="warning")
    require_port(config)  # another demonstration may run in this folder
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("demo.db*"):
        old.unlink()
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
    # The same lines can be pasted again: the times in them are fixed, so the same answers come back.
    now = time_text(clock.present())
    told = {"id": "try-2", "type": "recurrence_discussed", "occurred_at": now}
    result = {"id": "try-3", "type": "answers_given", "occurred_at": now, "facts": {"scan_result": "clear"}}
    lines = [f"Serving on {address}/docs (Ctrl-C stops it). Three made-up patients:"]
    lines += [f"  {one.ref}: {one.shows}" for one in patients]
    lines += [
        "",
        "Paste these into another terminal.",
        "",
        "1. What demo-ana's app shows her, in Spanish:",
        _curl(phone, f"{address}/v1/enrollments/{ana.enrollment}/content?locale=es&format=text"),
        "",
        "2. demo-ben's recurrence is held until a person has told him. Say that it was done. The outcome is 'stayed':",
        "   his illness is as it was, but what his app shows, under 'now', is about the recurrence from here on:",
        _curl(clinic, f"{address}/v1/enrollments/{ben.enrollment}/events", told),
        "",
        "3. demo-cam's result waits for a fact. Tell it, and the event goes on by itself:",
        _curl(clinic, f"{address}/v1/enrollments/{cam.enrollment}/events", result),
        "",
        f"{address}/docs has every route; its button 'Authorize' takes {clinic}",
    ]
    return "\n".join(lines)


def _curl(token: str, address: str, body: dict[str, Any] | None = None) -> str:
    """A line for a shell; its answer is laid out by the Python that everybody here has."""
    sent = f" --json '{json.dumps(body)}'" if body else ""
    call = f"curl --silent --show-error --header 'Authorization: Bearer {token}'{sent} '{address}'"
    return f"{call} | {shlex.quote(sys.executable)} -m json.tool --no-ensure-ascii"
