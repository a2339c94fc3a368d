"""The commands of the authors' bench: preview, new, schema. None touches a database, and none writes over a file."""

from __future__ import annotations

import json
import signal
import threading
import webbrowser
from collections.abc import Mapping
from pathlib import Path

import rich_click as click

from journeys.authoring.schema import SCHEMAS
from journeys.content.catalogue import read_sources
from journeys.definition.reading import read_journey
from journeys.definition.reading.shape import KEY
from journeys.primitives.problems import did_you_mean, only_errors
from service.cli.files import Files
from service.cli.options import content_option, definitions_option
from service.cli.startup import configuration, require_port
from service.platform.logs import configure_logs
from service.platform.server import Server
from service.preview import Bench, beginnings, make_bench

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


@click.group()
def new() -> None:
    """Start a journey or a piece: files that lint clean at once, with notes on what to write."""


@new.command(name="journey")
@click.argument("key")
@click.option("--title", default="", help="What it is called; the key unless given.")
@click.option("--stories", default="tests/stories", show_default=True, type=click.Path(file_okay=False))
@definitions_option
@content_option
def new_journey(key: str, title: str, stories: str, definitions: str, content: str) -> None:
    """Start a journey: a definition, its first pieces, a persona, a story. No file is written over.

    KEY is what it is called in files and requests.

    Example: `journeys new journey checkup --title "Yearly check-up"`
    """
    _require_key(key)
    called = title or key.replace("_", " ").replace("-", " ").capitalize()
    if not called.isprintable() or '"' in called or "\\" in called:
        raise click.UsageError("--title must be one line without quotes and backslashes.")
    folders = {"definitions": Path(definitions), "content": Path(content), "stories": Path(stories)}
    found = {}
    for path, text in beginnings.new_journey(key, called).items():
        folder, _, rest = path.partition("/")
        found[folders[folder] / rest] = text
    _write(found)
    click.echo(f"Next: journeys preview {key}", err=True)


@new.command(name="piece")
@click.argument("journey")
@click.argument("place")
@click.argument("key")
@definitions_option
@content_option
def new_piece(journey: str, place: str, key: str, definitions: str, content: str) -> None:
    """Start a piece, with a text for each of the journey's languages. No file is written over.

    PLACE is the state in which it is shown (disease.surveillance), or a track; KEY its name, unique in the journey.

    Example: `journeys new piece nsclc disease.surveillance how-scans-work`
    """
    _require_key(key)
    files = Files(Path(definitions), Path(content))
    path = files.definition(journey)
    read, problems = read_journey(path.read_bytes(), str(path))
    if read is None or only_errors(problems):
        raise click.UsageError(f"{path} has mistakes; mend them first (journeys lint {journey}).")
    written = place.replace("/", ".")
    full = written if written in read.tracks else read.resolve_state(written)
    if full is None:
        known = (*read.tracks, *read.state_paths)
        raise click.UsageError(f"'{place}' is no state or track of '{read.key}'.{did_you_mean(written, known)}")
    sources, _, _ = read_sources(files.content / read.key)
    taken = next((source.place for source in sources if source.key == key), None)
    if taken is not None:
        raise click.UsageError(f"The key '{key}' is taken by {taken}; a piece's key is unique in its journey.")
    _write({files.content / name: text for name, text in beginnings.new_piece(read, full, key).items()})


def _require_key(key: str) -> None:
    if not KEY.fullmatch(key) or len(key) > 64:
        raise click.UsageError(f"The key '{key[:80]}' must be lower case letters, digits, '_' and '-'.")


def _write(files: Mapping[Path, str]) -> None:
    """Writes all of them, or none where one is there."""
    there = [path for path in files if path.exists()]
    if there:
        raise click.UsageError(f"{there[0]} is there already; nothing was written.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x") as file:
            file.write(text)
        click.echo(str(path))


@click.command(name="schema")
@click.argument("kind", type=click.Choice(tuple(SCHEMAS)), default="journey")
def print_schema(kind: str) -> None:
    """Print the JSON Schema of a kind of file, for editors that complete and check as you write.

    Name the file in the first line of yours, `# yaml-language-server: $schema=journey.schema.json`, or in the editor's
    settings. Lint knows more, and decides.

    Example: `journeys schema journey > definitions/journey.schema.json`
    """
    click.echo(json.dumps(SCHEMAS[kind](), ensure_ascii=False, indent=1))


COMMANDS = (preview, new, print_schema)
