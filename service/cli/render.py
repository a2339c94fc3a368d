"""`journeys render`: one piece as a patient would read it. It touches no database."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import rich_click as click

from journeys.primitives.canonical import parse_time
from journeys.primitives.problems import did_you_mean
from journeys.primitives.words import RENDERED_AS
from service.cli.files import Files, files_options
from service.cli.options import options_as, programme_option
from service.cli.output import EXIT_PROBLEMS, write_lines
from service.cli.progress import progress_bar

if TYPE_CHECKING:
    from journeys.authoring.stories import Person, Stage
    from journeys.definition.facts import FactType, Value

#: The day on which a piece is read where neither an option nor a persona names one.
DEFAULT_DAY = "2026-01-15"


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """The options that describe the patient who reads a piece."""

    facts: tuple[str, ...]
    persona: Path | None
    states: tuple[str, ...]
    on: str


reader_options = options_as(
    "reader",
    ReaderOptions,
    click.option(
        "--fact", "facts", multiple=True, metavar="NAME=VALUE", help="A fact the patient told; may be repeated."
    ),
    click.option(
        "--persona",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The file of a persona, who reads the piece on the persona's day.",
    ),
    click.option(
        "--state", "states", multiple=True, metavar="TRACK.STATE", help="The reader's state; once for each track."
    ),
    click.option("--on", default="", help=f"The day of reading; by default the persona's day, or {DEFAULT_DAY}."),
)


@click.command(name="render")
@click.argument("journey")
@click.argument("piece")
@click.option("--locale", default="", help="The language; by default the journey's first.")
@click.option("--channel", type=click.Choice(RENDERED_AS), default="text", show_default=True)
@reader_options
@programme_option
@files_options
def render_piece(
    journey: str, piece: str, locale: str, channel: str, reader: ReaderOptions, programme: str, files: Files
) -> None:
    """Render one piece as a patient would read it; no fact about the patient is known, except by the options.

    Without a persona, every track is in its first state, unless --state names another.

    Examples: `journeys render nsclc scan-due --locale es --channel email --fact last_scan_on=2026-01-15`,
    `journeys render nsclc scan-plan --persona definitions/personas/nsclc-rosa.yaml --state disease.surveillance.booked`
    """
    from journeys.authoring.stories import NoSuchState, Stage, imagine
    from journeys.content.catalogue import find, world_of
    from journeys.content.rendering import Channel, NotForChannel, render
    from journeys.content.templates import UnknownValue

    with progress_bar("Reading"):
        release, catalogue = files.load(journey, programme)
    plan = catalogue.plan
    template = catalogue.pieces.get(piece)
    if template is None:
        raise click.UsageError(f"Unknown piece '{piece}' of '{journey}'.{did_you_mean(piece, catalogue.pieces)}")
    person = _read_person(reader.persona, Stage(release, catalogue)) if reader.persona is not None else None
    now = person.today if person is not None and not reader.on else _parse_day(reader.on or DEFAULT_DAY)
    facts = _read_facts(reader.facts, plan.facts)
    try:
        view = imagine(plan, now, reader.states, facts, base=person.view if person is not None else None)
    except NoSuchState as error:
        raise click.UsageError(f"--state: {error}") from None
    shown_piece = find(catalogue, view, now, piece)
    world = world_of(view, now, shown_piece.stay if shown_piece is not None else None)
    language = locale or (person.locale if person is not None else "") or plan.journey.locales[0]
    try:
        rendered = render(template, plan, world, locale=language, channel=cast(Channel, channel))
    except NotForChannel as error:
        raise click.UsageError(str(error)) from None
    except UnknownValue as error:
        raise click.UsageError(f"{error} Set it by --fact {error.fact}=…, or name a --persona.") from None
    if rendered.subject:
        click.echo(f"Subject: {rendered.subject}\n")
    write_lines(part for part in (rendered.html, rendered.text) if part)


def _read_person(path: Path, stage: Stage) -> Person:
    from journeys.authoring.stories import meet, read_persona_file

    persona, problems = read_persona_file(path)
    if persona is not None and persona.journey != stage.release.plan.journey.key:
        raise click.UsageError(f"The persona '{persona.name}' belongs to the journey '{persona.journey}'.")
    person = None
    if persona is not None:
        person, problems = meet(persona, stage)
    if person is None:
        write_lines(problems, err=True)
        sys.exit(EXIT_PROBLEMS)
    return person


def _parse_day(text: str) -> datetime:
    try:
        return parse_time(text)[0]
    except ValueError as error:
        raise click.UsageError(f"--on must be a day such as {DEFAULT_DAY}: {error}.") from None


def _read_facts(texts: tuple[str, ...], types: Mapping[str, FactType]) -> dict[str, Value]:
    from journeys.definition.facts import read_text

    facts: dict[str, Value] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in types:
            raise click.UsageError(f"--fact takes NAME=VALUE; unknown fact '{name}'.{did_you_mean(name, types)}")
        try:
            facts[name] = read_text(types[name], value)
        except ValueError as error:
            raise click.UsageError(f"--fact {name}: {error}.") from None
    return facts


COMMANDS = (render_piece,)
