"""`journeys new` and `journeys schema`: start files of an author, without overwriting any. They touch no database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import rich_click as click

from journeys.primitives.problems import counted, did_you_mean, only_errors
from journeys.primitives.words import PATTERNS, SCHEMA_KINDS
from service.cli.files import Files, files_options
from service.cli.options import stories_option
from service.cli.output import write_lines
from service.cli.texts import read_texts, refuse_problems, write_files


@click.group()
def new() -> None:
    """Start a journey, a piece or a language: files without lint errors, with notes on what to write."""


DEFAULT_PATTERN = next(iter(PATTERNS))
_START = (
    "Start a journey by a pattern: a definition, its first pieces, a persona, a story. No file is overwritten.",
    "KEY names the journey in files and requests. The patterns are:",
    *(f"{name}: {line}" for name, line in PATTERNS.items()),
    'Example: `journeys new journey hip --pattern course --states planned,operation,rehab --title "A new hip"`',
)


@new.command(name="journey", help="\n\n".join(_START))
@click.argument("key")
@click.option(
    "--pattern",
    "name",
    type=click.Choice(tuple(PATTERNS)),
    default=DEFAULT_PATTERN,
    metavar="NAME",
    help=f"{DEFAULT_PATTERN} by default.",
)
@click.option("--title", default="", help="The title; by default made of the key.")
@click.option("--states", default="", metavar="A,B,…", help="Your own names of its states, in order.")
@stories_option
@files_options
def new_journey(key: str, name: str, title: str, states: str, stories: Path, files: Files) -> None:
    """Start a journey by a pattern."""
    from journeys.authoring.patterns import UnfitNames, patterns

    _require_key(key)
    full_title = title or key.replace("_", " ").replace("-", " ").capitalize()
    if not full_title.isprintable() or '"' in full_title or "\\" in full_title:
        raise click.UsageError("--title must be one line without quotes and backslashes.")
    pattern = patterns()[name]
    try:
        made = pattern.files(key, full_title, [state.strip() for state in states.split(",")] if states else ())
    except UnfitNames as error:
        raise click.UsageError(str(error)) from None
    folders = {"definitions": files.definitions, "content": files.content, "stories": stories}
    texts = {}
    for path, text in made.items():
        folder, _, rest = path.partition("/")
        texts[folders[folder] / rest] = text
    _write_new_files(texts)
    click.echo(f"Next: journeys preview {key}", err=True)


@new.command(name="piece")
@click.argument("journey")
@click.argument("place")
@click.argument("key")
@files_options
def new_piece(journey: str, place: str, key: str, files: Files) -> None:
    """Start a piece, with a text for each of the journey's languages. No file is overwritten.

    PLACE is the state in which the piece is shown (disease.surveillance), or a track; KEY is its name, unique in the
    journey.

    Example: `journeys new piece nsclc disease.surveillance how-scans-work`
    """
    from journeys.content.catalogue import read_sources
    from journeys.definition.reading import read_authored, read_journey
    from service.preview import scaffold

    _require_key(key)
    path = files.definition(journey)
    data, problems = read_authored(path)
    definition, problems = read_journey(data, str(path)) if data is not None else (None, problems)
    if definition is None or only_errors(problems):
        raise click.UsageError(f"{path} has errors; fix them first (journeys lint {journey}).")
    state = place.replace("/", ".")
    full_path = state if state in definition.tracks else definition.resolve_state(state)
    if full_path is None:
        paths = (*definition.tracks, *definition.state_paths)
        raise click.UsageError(f"Unknown state or track '{place}' of '{definition.key}'.{did_you_mean(state, paths)}")
    sources, _, _ = read_sources(files.content / definition.key)
    taken = next((source.place for source in sources if source.key == key), None)
    if taken is not None:
        raise click.UsageError(f"The key '{key}' is taken by {taken}; a piece's key is unique in its journey.")
    texts = scaffold.new_piece(definition, full_path, key)
    _write_new_files({files.content / name: text for name, text in texts.items()})


@new.command(name="locale")
@click.argument("locale")
@click.argument("journey")
@files_options
def new_locale(locale: str, journey: str, files: Files) -> None:
    """Start a language of a journey: a copy of each text of the first language, marked as waiting for translation.

    LOCALE is the language, such as es or pt-BR. Texts that exist in it stay, and only the others are added. Lint has
    one warning for each text that waits, and `journeys publish` refuses them.

    Example: `journeys new locale es checkup`
    """
    from journeys.authoring.translation import waiting_texts, with_locale
    from journeys.definition.reading.shape import LOCALE, spelling_of

    if not LOCALE.fullmatch(locale):
        raise click.UsageError(f"'{locale[:40]}' is not a locale such as es or pt-BR.{spelling_of(locale)}")
    texts = read_texts(files, journey)
    changed, problems = with_locale(texts, locale)
    if changed is None:
        refuse_problems(problems)
    write_files(changed)
    write_lines(sorted(changed))
    waiting = [text for text in waiting_texts({**texts.files, **changed}) if text.locale == locale]
    verb = "waits" if len(waiting) == 1 else "wait"
    click.echo(f"{counted(len(waiting), 'text')} of '{journey}' {verb} for translation into '{locale}'.", err=True)
    if waiting:
        click.echo(f"Next: journeys translation export {journey} {locale} --output FILE", err=True)


def _require_key(key: str) -> None:
    from journeys.definition.reading.shape import KEY

    if not KEY.fullmatch(key) or len(key) > 64:
        raise click.UsageError(f"The key '{key[:80]}' must be lower case letters, digits, '_' and '-'.")


def _write_new_files(texts: Mapping[Path, str]) -> None:
    """Writes all files, or none where one exists."""
    existing = [path for path in texts if path.exists()]
    if existing:
        raise click.UsageError(f"{existing[0]} exists already; nothing was written.")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x") as file:
            file.write(text)
        click.echo(str(path))


@click.command(name="schema")
@click.argument("kind", type=click.Choice(SCHEMA_KINDS), default="journey")
def print_schema(kind: str) -> None:
    """Print the JSON Schema of a kind of file, for editors that complete and check as you write.

    Name the schema in the first line of your file, `# yaml-language-server: $schema=journey.schema.json`, or in the
    editor's settings. Lint checks more than the schema can, and decides.

    Example: `journeys schema journey > definitions/journey.schema.json`
    """
    from journeys.authoring.schema import SCHEMAS

    click.echo(json.dumps(SCHEMAS[kind](), ensure_ascii=False, indent=1))


COMMANDS = (new, print_schema)
