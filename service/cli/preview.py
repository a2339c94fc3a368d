"""`journeys preview`: a page for authors that follows their files. It touches no database."""

from __future__ import annotations

import signal
import threading
import webbrowser
from pathlib import Path

import rich_click as click

from service.cli.files import Files, files_options
from service.cli.output import write_lines
from service.cli.startup import configuration, require_port

HOST = "127.0.0.1"


@click.command()
@click.argument("journey", default="")
@click.option(
    "--persona",
    "personas",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A persona outside definitions/personas; may be repeated.",
)
@click.option("--port", type=int, default=8100, show_default=True)
@click.option("--open/--no-open", "opens", default=False, help="Whether to open the page in a browser.")
@files_options
def preview(journey: str, personas: tuple[Path, ...], port: int, opens: bool, files: Files) -> None:
    """Show the files as patients would read them, on a local page that follows every change.

    The page shows each piece in every language and channel, in a state and for a persona of your choice, beside the
    problems that lint finds. It needs no sign-in and no database, and stores nothing.

    JOURNEY is a journey or a definition file; all journeys by default.

    Example: `journeys preview nsclc --persona mine/rosa.yaml`
    """
    from service.platform.logs import configure_logs
    from service.platform.server import Server
    from service.preview import Workspace, make_preview

    only = files.definition(journey) if journey else None
    if only is None and not files.journeys():
        raise click.UsageError(f"No definitions in {files.definitions}.")
    config = configuration(host=HOST, port=port, log_level="warning")
    require_port(config.host, config.port)
    configure_logs(config.log_level)
    bench = Workspace(files.definitions, files.content, only=only, personas=personas)
    checked = bench.check()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    bench.watch()
    server = Server(make_preview(bench), config)
    try:
        address = f"http://{HOST}:{server.port}/"
        click.echo(f"Drafts on {address} (Ctrl-C stops it)")
        write_lines(checked.problems, err=True)
        if opens:
            webbrowser.open(address)
        stop.wait()
    finally:
        server.stop()
        bench.stop()


COMMANDS = (preview,)
