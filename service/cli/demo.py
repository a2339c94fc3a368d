"""`journeys demo`: a service on a new SQLite file with three made-up patients, the page /demo, what to try."""

from __future__ import annotations

import json
import os
import shlex
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.canonical import time_text
from service.cli.files import Files, files_options
from service.cli.output import write_lines
from service.cli.startup import configuration, refusals, require_port

if TYPE_CHECKING:
    from service.app import Application
    from service.demo import Demonstration, LoopbackOnly
    from service.publishing.service import Service

FOLDER = Path(".demo")
#: Browsers that would take the terminal over, by the names that the standard library knows them by.
OF_TERMINALS = ("elinks", "links", "lynx", "w3m", "www-browser")


@click.command()
@click.option("--port", type=int, default=8000, show_default=True)
@click.option("--open/--no-open", "opens", default=True, help="Whether to open the page where a browser can be.")
@files_options
def demo(port: int, opens: bool, files: Files) -> None:
    """Start a service with three made-up patients and the page /demo; its database is in the folder .demo.

    Only this machine can reach it. A changed definition or text is published at once; errors are shown with their
    lines.

    Example: `journeys demo --port 8400`
    """

    from service import processes
    from service.demo import Demonstration, MovableClock, beside, is_loopback
    from service.platform import clock, errors
    from service.platform.logs import configure_logs

    config = configuration(database=f"sqlite:///{FOLDER / 'demo.db'}", port=port, log_level="warning")
    if not is_loopback(config.host):
        raise click.UsageError(errors.DEMONSTRATION_HOST)
    require_port(config.host, config.port)  # another demonstration may run in this folder
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("demo.db*"):
        old.unlink()
    configure_logs(config.log_level)
    present = MovableClock(clock.present)
    begun: list[Demonstration] = []

    def around(app: Application, service: Service) -> LoopbackOnly:
        demonstration = Demonstration(app, service, present, files.definitions, files.content)
        done = demonstration.begin()
        if not done.is_done:
            write_lines(done.problems, err=True)
            raise SystemExit(1)
        demonstration.files.watch()
        begun.append(demonstration)
        return beside(app, demonstration)

    def ready(bound: int) -> None:
        host = f"[{config.host}]" if ":" in config.host else config.host
        address = f"http://{host}:{bound}"
        click.echo(_what_to_try(address, begun[0]))
        if opens and can_open_browser(os.environ, sys.platform):
            webbrowser.open(f"{address}/demo")

    with refusals():
        try:
            processes.run_server(config, ready=ready, clock=present, around=around)
        finally:
            for demonstration in begun:
                demonstration.files.stop()


def can_open_browser(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a browser with a window of its own can be opened: by somebody at a terminal, and not in that terminal."""
    if not sys.stdout.isatty():
        return False
    has_windows = platform in ("darwin", "win32") or bool(
        environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    )
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    name = Path(str(getattr(browser, "name", ""))).name
    return has_windows and name not in OF_TERMINALS


def _what_to_try(address: str, demonstration: Demonstration) -> str:
    ana, ben, cam = demonstration.patients
    clinic, phone = demonstration.tokens.clinic, demonstration.tokens.phone
    # The same lines can be pasted again: the times in them are fixed, so the same answers come back.
    now = time_text(demonstration.clock())
    discussed = {"id": "try-2", "type": "recurrence_discussed", "occurred_at": now}
    result = {"id": "try-3", "type": "answered", "occurred_at": now, "facts": {"scan_result": "clear"}}
    joined = demonstration.programmes_to_join()
    lines = [f"Serving on {address}/docs (Ctrl-C stops it). Three made-up patients:"]
    lines += [f"  {patient.ref}: {patient.shows}" for patient in demonstration.patients]
    lines += [
        "",
        f"See the patients, move the clock, report events: {address}/demo",
        *(f"Join by yourself: {address}/join/{each}; codes arrive at {address}/demo/inbox" for each in joined),
        f"Read and sign their content: {address}/room. Work as their care team: {address}/care",
        *(f"  sign in as {name}: {does}" for name, does in demonstration.staff.names),
        f"  the password of all, made for this demonstration: {demonstration.staff.password}",
        "",
        "Or paste these commands into another terminal.",
        "",
        "1. Read the screen of demo-ana's app, in Spanish:",
        _curl(phone, f"{address}/v1/enrollments/{ana.enrollment}/content?locale=es&format=text"),
        "",
        "2. demo-ben's recurrence is held until a person has told him. Report that. The outcome is 'stayed': the",
        "   illness has not changed, but the content under 'now' is about the recurrence from then on:",
        _curl(clinic, f"{address}/v1/enrollments/{ben.enrollment}/events", discussed),
        "",
        "3. demo-cam's result waits for a fact. Report the fact; the waiting event is then applied:",
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


COMMANDS = (demo,)
