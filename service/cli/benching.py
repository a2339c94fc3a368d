"""The commands of the authors' bench: preview. None touches a database."""

from __future__ import annotations

import signal
import threading
import webbrowser
from pathlib import Path

import rich_click as click

from service.bench import Bench, make_bench
from service.cli.files import Files, content_option, definitions_option
from service.cli.opening import configuration, require_port
from service.logs import configure_logs
from service.server import Server

HOST = "127.0.0.1"


@click.command()
@click.argument("journey", default="")
@click.option(
    "--persona",
    "personas",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A persona that does not stand in definitions/personas; may be repeated.",
)
@click.option("--port", type=int, default=8100, show_default=True)
@click.option("--open/--no-open", "opens", default=False, help="Whether to open the page in a browser.")
@definitions_option
@content_option
def preview(journey: str, personas: tuple[Path, ...], port: int, opens: bool, definitions: str, content: str) -> None:
    """Show the files as patients would read them, on a page of this machine that follows every change.

    Each piece in every language and channel, in a state and to a persona of your choice; what lint finds stands
    beside it. Nobody signs in, nothing is kept, and no database is needed.

    JOURNEY is a journey or a definition file; all of them unless given.

    Example: `journeys preview nsclc --persona mine/rosa.yaml`
    """
    files = Files(Path(definitions), Path(content))
    only = files.definition(journey) if journey else None
    if only is None and not files.journeys():
        raise click.UsageError(f"There are no definitions in {files.definitions}.")
    config = configuration(host=HOST, port=port, log_level="warning")
    require_port(config.host, config.port)
    configure_logs(config.log_level)
    bench = Bench(files.definitions, files.content, only=only, personas=personas)
    checked = bench.check()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    bench.watch()
    server = Server(make_bench(bench), config)
    try:
        address = f"http://{HOST}:{server.port}/"
        click.echo(f"Drafts on {address} (Ctrl-C stops it)")
        for problem in checked.problems:
            click.echo(str(problem), err=True)
        if opens:
            webbrowser.open(address)
        stop.wait()
    finally:
        server.stop()
        bench.stop()


COMMANDS = (preview,)
