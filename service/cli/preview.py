"""`journeys preview`: a page for authors that follows their files. It touches no database."""

from __future__ import annotations

import signal
import threading
import webbrowser
from pathlib import Path

import rich_click as click

from service.cli.files import Files, files_options
from service.cli.options import stories_option
from service.cli.output import write_lines
from service.cli.startup import configuration, require_port
from service.platform.editor import DEFAULT_EDITOR, EDITORS, editor_named

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
@stories_option
@click.option(
    "--editor",
    default=DEFAULT_EDITOR,
    show_default=True,
    envvar="JOURNEYS_EDITOR",
    help=f"Opens files at a line: {', '.join(EDITORS)}, or an address with {{file}} and {{line}} in it.",
)
@click.option("--port", type=int, default=8100, show_default=True)
@click.option("--open/--no-open", "opens", default=False, help="Whether to open the page in a browser.")
@files_options
def preview(
    journey: str, personas: tuple[Path, ...], stories: Path, editor: str, port: int, opens: bool, files: Files
) -> None:
    """Show the files as patients would read them, on a local page that follows every change.

    Walk through a journey: choose what happens, watch the phone, the diagram and the messages, and record the walk as
    a story. The page also shows each piece in every language and channel, in a state and for a persona of your choice,
    beside the problems that lint finds. It needs no sign-in and no database.

    JOURNEY is a journey or a definition file; all journeys by default.

    Example: `journeys preview nsclc --persona mine/rosa.yaml`
    """
    from service.platform.clock import present
    from service.platform.logs import configure_logs
    from service.platform.server import Server
    from service.preview import Desk, Workspace, make_preview

    only = files.definition(journey) if journey else None
    if only is None and not files.journeys():
        raise click.UsageError(f"No definitions in {files.definitions}.")
    try:
        opener = editor_named(editor)
    except ValueError as error:
        raise click.UsageError(f"--editor: {error}") from error
    config = configuration(host=HOST, port=port, log_level="warning")
    require_port(config.host, config.port)
    configure_logs(config.log_level)
    bench = Workspace(files.definitions, files.content, only=only, personas=personas)
    checked = bench.check()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    bench.watch()
    desk = Desk(bench, stories, opener, lambda: present().date())
    server = Server(make_preview(desk), config)
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
