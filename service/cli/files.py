"""The author's files, and reading them for a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import rich_click as click

from journeys.primitives.files import UnreadableFile, read_bounded
from journeys.primitives.problems import Problem, counted, did_you_mean, only_errors
from service.cli.options import content_option, definitions_option, options_as
from service.cli.progress import problem_line

if TYPE_CHECKING:
    from journeys.authoring.lint import Linted
    from journeys.content.catalogue import Catalogue
    from journeys.definition.model import Journey
    from journeys.definition.programmes import Programmes
    from journeys.engine.machine import Release


@dataclass(frozen=True, slots=True)
class Files:
    """The folders of definitions and content."""

    definitions: Path
    content: Path

    def journeys(self) -> list[Path]:
        """Every definition, by name."""
        from journeys.definition.reading import definitions_in

        return definitions_in(self.definitions)

    def definition(self, journey: str) -> Path:
        """The file of a definition, by the journey's key or a path.

        Raises:
            click.UsageError: the journey is unknown.
        """
        from journeys.authoring.lint import SOURCES
        from journeys.definition.reading.programmes import SUFFIX

        path = Path(journey)
        for suffix in (SUFFIX, MAPPING, SOURCES):
            if path.name.endswith(suffix):
                path = path.with_name(path.name.removesuffix(suffix) + ".yaml")  # linted with its journey
        if path.suffix in (".yaml", ".yml") and path.is_file():
            return path
        path = self.definitions / f"{journey}.yaml"
        if not path.is_file():
            keys = ", ".join(file.stem for file in self.journeys()) or "none"
            raise click.UsageError(f"Unknown journey '{journey}'. Journeys in {self.definitions}: {keys}.")
        return path

    def lint(self, definition: Path) -> Linted:
        """The problems of a definition and its content, and the journey that was read."""
        from journeys.authoring.lint import lint_files

        return lint_files(definition, self.content)

    def read(self, definition: Path) -> Linted:
        """As `lint`, with the problems alone that keep the journey from being played or a piece from being shown."""
        from journeys.authoring.lint import PLAY_RULES, lint_files

        return lint_files(definition, self.content, rules=PLAY_RULES)

    def passed_over(self) -> list[Problem]:
        """A warning for each file beside the definitions that is never read."""
        from journeys.definition.reading import passed_over

        return passed_over(self.definitions)

    def personas(self) -> list[Path]:
        """The personas beside the definitions."""
        return sorted((self.definitions / PERSONAS).glob("*.yaml"))

    def lint_personas(self, results: Sequence[Linted]) -> list[Problem]:
        """The problems of the personas of linted journeys, each played to its day."""
        from journeys.authoring.lint import read_checked
        from journeys.authoring.stories import Stage, meet, read_persona
        from journeys.definition.reading import passed_over
        from journeys.engine.machine import make_release

        stages = {
            result.journey.key: Stage(make_release(result.journey), result.catalogue)
            for result in results
            if result.journey is not None and result.catalogue is not None and not _blocking_problems(result)
        }
        journeys = {path.stem for path in self.journeys()}
        journeys |= {result.journey.key for result in results if result.journey is not None}
        problems = passed_over(self.definitions / PERSONAS, has_companions=False)
        for path in self.personas():
            data, file_problems = read_checked(path)
            persona, persona_problems = read_persona(data, str(path)) if data is not None else (None, [])
            problems += [*file_problems, *persona_problems]
            if persona is not None and persona.journey not in journeys:
                message = f"Unknown journey '{persona.journey}'.{did_you_mean(persona.journey, journeys)}"
                problems.append(Problem(str(path), 1, 1, "error", "persona", message))
            elif persona is not None and persona.journey in stages:
                problems += meet(persona, stages[persona.journey])[1]
        return problems

    def lint_mappings(self, results: Iterable[Linted]) -> list[Problem]:
        """The problems of the FHIR mappings beside linted definitions; rules need a journey that compiled."""
        from journeys.authoring.lint import read_checked
        from journeys.interop.fhir import read_mapping

        problems = []
        for result in results:
            file = Path(result.journey.file.removesuffix(".yaml") + MAPPING) if result.journey is not None else None
            if file is None or not os.path.lexists(file):
                continue
            data, file_problems = read_checked(file)
            problems += file_problems
            if data is not None and result.plan is not None:
                problems += read_mapping(data, str(file), result.plan)[1]
        return problems

    def lint_sources(self, results: Iterable[Linted]) -> list[Problem]:
        """The problems of the sources of rows beside linted definitions; they need a journey that compiled."""
        from journeys.authoring.lint import read_sources_beside

        return [
            problem
            for result in results
            if result.journey is not None and result.plan is not None
            for problem in read_sources_beside(result.journey.file, result.plan)[1]
        ]

    def load(self, journey: str, programme: str = "") -> tuple[Release, Catalogue]:
        """A journey ready to run in a programme (by default the first); a journey with errors ends the command.

        Pieces with problems are left out, with a note on the error output: a story can be played before every text
        is written.

        Raises:
            click.UsageError: the journey or the programme is unknown.
        """
        from journeys.engine.machine import make_release

        linted = self.read(self.definition(journey))
        if linted.journey is None or linted.catalogue is None or _blocking_problems(linted):
            refuse(linted)
        left_out = len(linted.sources) - len(linted.catalogue.pieces)
        if left_out:
            names = sorted({source.key for source in linted.sources} - set(linted.catalogue.pieces))
            has, is_left_out = ("has", "is left out") if left_out == 1 else ("have", "are left out")
            keys = f": {', '.join(names)}" if names else ""
            click.echo(
                f"{counted(left_out, 'piece')} {has} problems and {is_left_out}{keys}. See journeys lint.", err=True
            )
        return make_release(linted.journey), self._in_programme(linted.catalogue, programme)

    def programmes(self, journey: Journey) -> Programmes:
        """The programmes beside a definition; a release for a migration uses those of its journey."""
        from journeys.definition.programmes import Programmes
        from journeys.definition.reading import programmes_file, read_authored, read_programmes

        for definition in (Path(journey.file), self.definitions / f"{journey.key}.yaml"):
            file = programmes_file(definition)
            data, _ = read_authored(file) if file.is_file() else (None, [])
            if data is not None:
                return read_programmes(data, str(file))[0]
        return Programmes("", exists=False)

    def _in_programme(self, catalogue: Catalogue, programme: str) -> Catalogue:
        """The catalogue with the values and the limits of messages of a programme."""
        from journeys.definition.programmes import values_of

        by_key = self.programmes(catalogue.plan.journey).by_key
        if programme and programme not in by_key:
            raise click.UsageError(f"Unknown programme '{programme}'.{did_you_mean(programme, by_key)}")
        if not by_key:
            return catalogue
        chosen = by_key[programme or next(iter(by_key))]
        return catalogue.in_programme(values_of(chosen), chosen.messages)


def read_option_file(path: Path, most: int | None = None) -> bytes:
    """The bytes of a file that an option names; it has at most `most` bytes, by default as many as an author's file.

    Raises:
        click.UsageError: the path is not a regular file, may not be read, or has more than `most` bytes.
    """
    from journeys.definition.reading import MAX_BYTES

    limit = MAX_BYTES if most is None else most
    try:
        data = read_bounded(path, limit)
    except UnreadableFile as error:
        raise click.UsageError(f"'{path}': {error}") from None
    if len(data) > limit:
        raise click.UsageError(f"'{path}': The file is larger than {limit} bytes ({limit // 1024} KB).")
    return data


#: The folders of definitions and content, passed to a command as `files`.
files_options = options_as("files", Files, definitions_option, content_option)


def _blocking_problems(linted: Linted) -> list[Problem]:
    """The problems that keep a journey from being played."""
    from journeys.authoring.lint import CONTENT_RULES

    return [problem for problem in only_errors(linted.problems) if problem.rule not in CONTENT_RULES]


def refuse(linted: Linted) -> NoReturn:
    """Prints the problems of a journey and ends the command."""
    problems = only_errors(linted.problems) or only_errors(linted.problems_of_publishing)
    for problem in problems:
        click.echo(problem_line(problem), err=True)
    click.echo(f"{counted(len(problems), 'problem')}; fix them first.", err=True)
    sys.exit(1)


#: The folder beside definitions that holds personas.
PERSONAS = "personas"
#: How the name of a FHIR mapping ends, beside the definition of its journey.
MAPPING = ".fhir.yaml"

#: Folders of this name, beside stories, hold definitions to migrate to.
RELEASES = "releases"


def stories_in(paths: tuple[str, ...]) -> Iterator[Path]:
    """The story files of paths; a folder means all files in it, except releases that stories migrate to."""
    for text in paths:
        path = Path(text)
        if path.is_dir():
            files = sorted(path.rglob("*.yaml"))
            yield from (file for file in files if RELEASES not in file.relative_to(path).parts)
        else:
            yield path


def unread_stories(paths: tuple[str, ...]) -> Iterator[Problem]:
    """A warning for each file in folders of stories that looks like YAML and is not read."""
    from journeys.definition.reading import passed_over

    for folder in map(Path, paths):
        for inner in (folder, *(path for path in sorted(folder.rglob("*")) if path.is_dir())):
            yield from passed_over(inner, has_companions=False)
