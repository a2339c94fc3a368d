"""The commands of those who write journeys: lint, play, test, diagram, paths, render. None touches a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import cast

import rich_click as click

from journeys.analysis.paths import AIMS, Aim, counts, cover, cover_as_json, cover_as_text, graph_of, to_story
from journeys.authoring.lint import CONTENT_RULES
from journeys.authoring.stories import (
    NoSuchState,
    Person,
    Played,
    Stage,
    Story,
    imagine,
    is_persona,
    meet,
    play,
    read_persona,
    read_story,
    transcript,
    updated,
)
from journeys.content.catalogue import Catalogue, find, world_of
from journeys.content.rendering import RENDERED_AS, Channel, NotForChannel, render
from journeys.content.templates import UnknownValue
from journeys.definition.facts import FactType, Value, read_text
from journeys.engine.machine import Release, make_release
from journeys.primitives.canonical import parse_time
from journeys.primitives.problems import Problem, counted, did_you_mean, only_errors
from service.cli.files import Files, refuse, stories_in
from service.cli.options import content_option, definitions_option, format_option, programme_option

EXIT_PROBLEMS = 1


@click.command()
@click.argument("paths", nargs=-1)
@definitions_option
@content_option
@format_option
def lint(paths: tuple[str, ...], definitions: str, content: str, form: str) -> None:
    """Check definitions and their content; every problem with file, line and column.

    PATHS are journeys or definition files; all of them unless given.

    Examples: `journeys lint`, `journeys lint nsclc --format json`
    """
    files = Files(Path(definitions), Path(content))
    named = [files.definition(path) for path in paths] or files.journeys()
    if not named:
        raise click.UsageError(f"There are no definitions in {files.definitions}.")
    linted = [files.lint(path) for path in named]
    problems = [problem for one in linted for problem in one.problems]
    problems += files.lint_personas(linted)
    if form == "json":
        click.echo(json.dumps([problem.as_dict() for problem in problems], ensure_ascii=False, indent=1))
    else:
        for problem in problems:
            click.echo(str(problem))
        errors = len(only_errors(problems))
        found = f"{counted(errors, 'error')}, {counted(len(problems) - errors, 'warning')}"
        click.echo(f"{counted(len(named), 'journey')} checked, {found}", err=True)
    if only_errors(problems):
        sys.exit(EXIT_PROBLEMS)


@click.command(name="play")
@click.argument("story", type=click.Path(exists=True, dir_okay=False))
@click.option("--locale", default="", help="The language of titles; the story's unless given.")
@programme_option
@definitions_option
@content_option
def play_story(story: str, locale: str, programme: str, definitions: str, content: str) -> None:
    """Play a story, or the days of a persona, and print its transcript.

    Example: `journeys play tests/stories/nsclc/01-stage-one-to-hospice.yaml`
    """
    files = Files(Path(definitions), Path(content))
    bench = _Bench(files, programme)
    played, problems = bench.play(Path(story))
    _say(problems)
    if played is None:
        sys.exit(EXIT_PROBLEMS)
    catalogue = bench.stage(played.story.journey).catalogue
    click.echo(transcript(played, catalogue, locale), nl=False)
    for line in mismatches_in_words(played):
        click.echo(line, err=True)
    if played.mismatches or played.problems:
        sys.exit(EXIT_PROBLEMS)


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--update", is_flag=True, help="Write what did happen into the stories' expectations.")
@programme_option
@definitions_option
@content_option
def test(paths: tuple[str, ...], update: bool, programme: str, definitions: str, content: str) -> None:
    """Play all stories and compare what happens with what they expect; no database is needed.

    PATHS are story files or folders; tests/stories unless given.

    Examples: `journeys test`, `journeys test tests/stories/nsclc --update`
    """
    files = Files(Path(definitions), Path(content))
    bench = _Bench(files, programme)
    failed = 0
    stories = list(stories_in(paths or ("tests/stories",)))
    for path in stories:
        if not path.is_file():
            raise click.UsageError(f"There is no story '{path}'.")
        played, problems = bench.play(path)
        if played is not None and update and not played.problems:
            path.write_bytes(updated(path.read_bytes(), played))
            continue
        lines = [str(problem) for problem in problems]
        lines += mismatches_in_words(played) if played is not None else []
        failed += bool(lines)
        for line in lines:
            click.echo(line)
    click.echo(f"{len(stories) - failed} passed, {failed} failed")
    if failed:
        sys.exit(EXIT_PROBLEMS)


@click.command()
@click.argument("journey")
@click.option("--format", "form", type=click.Choice(["svg", "mermaid"]), default="svg", show_default=True)
@click.option("--locale", default="", help="The language of titles.")
@definitions_option
@content_option
def diagram(journey: str, form: str, locale: str, definitions: str, content: str) -> None:
    """Draw a journey's states and ways.

    Examples: `journeys diagram nsclc > nsclc.svg`, `journeys diagram nsclc --format mermaid`
    """
    from journeys.authoring import diagram as diagrams  # Graphviz loads slowly

    files = Files(Path(definitions), Path(content))
    linted = files.lint(files.definition(journey))
    if linted.journey is None or linted.plan is None:
        refuse(linted)
    draw = diagrams.svg if form == "svg" else diagrams.mermaid
    click.echo(draw(linted.journey, locale=locale or linted.journey.locales[0]))


@click.command()
@click.argument("journey")
@click.option(
    "--cover", "aim", type=click.Choice(AIMS), default="transitions", show_default=True, help="What paths must cover."
)
@click.option("--format", "form", type=click.Choice(["text", "json", "stories"]), default="text", show_default=True)
@click.option(
    "--into", type=click.Path(file_okay=False), help="With --format stories: the folder in which each path is a file."
)
@definitions_option
@content_option
def paths(journey: str, aim: Aim, form: str, into: str | None, definitions: str, content: str) -> None:
    """Count a journey's ways, and print paths that cover every state, transition, or two transitions in a row.

    Examples: `journeys paths nsclc --cover pairs --format json`, `journeys paths nsclc --format stories --into build`
    """
    if into is not None and form != "stories":
        raise click.UsageError("--into goes with --format stories.")
    files = Files(Path(definitions), Path(content))
    linted = files.lint(files.definition(journey))
    wrong = [problem for problem in only_errors(linted.problems) if problem.rule not in CONTENT_RULES]
    if linted.journey is None or wrong:
        refuse(linted)
    release = make_release(linted.journey)
    covered = cover(release, aim)
    if form == "stories":
        stories = [to_story(path, release.plan) for path in covered.paths]
        if into is None:
            click.echo("---\n".join(stories), nl=False)
            return
        folder = Path(into)
        folder.mkdir(parents=True, exist_ok=True)
        for number, story in enumerate(stories, start=1):
            (folder / f"{aim}-{number:04}.yaml").write_text(story)
        click.echo(f"{len(stories)} stories in {folder}", err=True)
        return
    found = counts(graph_of(release.plan))
    if form == "json":
        click.echo(json.dumps(cover_as_json(found, covered), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(cover_as_text(found, covered)))


@click.command(name="render")
@click.argument("journey")
@click.argument("piece")
@click.option("--locale", default="", help="The language; the journey's first unless given.")
@click.option("--channel", type=click.Choice(RENDERED_AS), default="text", show_default=True)
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help="A fact the patient told; may be repeated.")
@click.option(
    "--persona",
    "persona",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file of a persona who reads it, on the persona's day.",
)
@click.option(
    "--state", "states", multiple=True, metavar="TRACK.STATE", help="Where the reader is; may be repeated, by track."
)
@click.option("--on", "on", default="", help="The day on which it is read; the persona's, or 2026-01-15.")
@programme_option
@definitions_option
@content_option
def render_piece(
    journey: str,
    piece: str,
    locale: str,
    channel: str,
    facts: tuple[str, ...],
    persona: Path | None,
    states: tuple[str, ...],
    on: str,
    programme: str,
    definitions: str,
    content: str,
) -> None:
    """Render one piece as a patient would read it: somebody of whom nothing is known, unless the options say more.

    Without a persona, every track is where it begins, unless --state puts the reader elsewhere.

    Examples: `journeys render nsclc scan-due --locale es --channel email --fact last_scan_on=2026-01-15`,
    `journeys render nsclc scan-plan --persona definitions/personas/nsclc-rosa.yaml --state disease.surveillance.booked`
    """
    files = Files(Path(definitions), Path(content))
    release, catalogue = files.load(journey, programme)
    found = catalogue.pieces.get(piece)
    if found is None:
        raise click.UsageError(f"'{piece}' is no piece of '{journey}'.{did_you_mean(piece, catalogue.pieces)}")
    person = _person(persona, Stage(release, catalogue)) if persona is not None else None
    now = person.today if person is not None and not on else _day(on or "2026-01-15")
    told = _facts(facts, catalogue.plan.facts)
    try:
        view = imagine(catalogue.plan, now, states, told, base=person.view if person is not None else None)
    except NoSuchState as error:
        raise click.UsageError(f"--state: {error}") from None
    here = find(catalogue, view, now, piece)
    world = world_of(view, now, here.stay if here is not None else None)
    wished = locale or (person.locale if person is not None else "") or catalogue.plan.journey.locales[0]
    try:
        rendered = render(found, catalogue.plan, world, locale=wished, channel=cast(Channel, channel))
    except NotForChannel as error:
        raise click.UsageError(str(error)) from None
    except UnknownValue as error:
        raise click.UsageError(f"{error} Tell it by --fact {error.fact}=…, or name a --persona.") from None
    if rendered.subject:
        click.echo(f"Subject: {rendered.subject}\n")
    if rendered.html:
        click.echo(rendered.html)
    if rendered.text:
        click.echo(rendered.text)


def _person(path: Path, stage: Stage) -> Person:
    persona, problems = read_persona(path.read_bytes(), str(path))
    if persona is not None and persona.journey != stage.release.plan.journey.key:
        raise click.UsageError(f"The persona '{persona.name}' is of the journey '{persona.journey}'.")
    person = None
    if persona is not None:
        person, problems = meet(persona, stage)
    if person is None:
        _say(problems)
        sys.exit(EXIT_PROBLEMS)
    return person


def _day(text: str) -> datetime:
    try:
        return parse_time(text)[0]
    except ValueError as error:
        raise click.UsageError(f"--on must be a day such as 2026-01-15: {error}.") from None


def _facts(given: tuple[str, ...], kinds: Mapping[str, FactType]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name not in kinds:
            raise click.UsageError(f"--fact takes NAME=VALUE; '{name}' is no fact.{did_you_mean(name, kinds)}")
        try:
            found[name] = read_text(kinds[name], value)
        except ValueError as error:
            raise click.UsageError(f"--fact {name}: {error}.") from None
    return found


class _Bench:
    """Reads each journey once, and plays stories on it."""

    def __init__(self, files: Files, programme: str = "") -> None:
        self.files = files
        self.programme = programme
        self.stages: dict[str, Stage] = {}

    def stage(self, journey: str) -> Stage:
        if journey not in self.stages:
            release, catalogue = self.files.load(journey, self.programme)
            self.stages[journey] = Stage(release, catalogue)
        return self.stages[journey]

    def play(self, path: Path) -> tuple[Played | None, list[Problem]]:
        story, problems = _script(path)
        if story is None:
            return None, problems
        stage = self.stage(story.journey)

        def find(name: str) -> tuple[Release, Catalogue] | None:
            for place in (path.parent / name, self.files.definitions / name):
                if place.is_file():
                    return self.files.load(str(place), self.programme)
            return None

        played = play(story, Stage(stage.release, stage.catalogue, find))
        return played, [*problems, *played.problems]


def _script(path: Path) -> tuple[Story | None, list[Problem]]:
    """A story, or a persona's days as one."""
    data = path.read_bytes()
    if not is_persona(data):
        return read_story(data, str(path))
    persona, problems = read_persona(data, str(path))
    return (persona.story if persona is not None else None), problems


def mismatches_in_words(played: Played) -> list[str]:
    """Each expectation that did not come true, as a line with file and place."""
    found = []
    for mismatch in played.mismatches:
        mark = played.story.steps[mismatch.step].mark
        found.append(
            f"{played.story.file}:{mark.line}:{mark.column} step {mismatch.step + 1}: {mismatch.key} "
            f"is {mismatch.actual!r}, expected {mismatch.expected!r}"
        )
    return found


def _say(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)


COMMANDS = (lint, play_story, test, diagram, paths, render_piece)
