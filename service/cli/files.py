"""Where the author's files are, and reading them for a command."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import rich_click as click

from journeys.authoring.lint import CONTENT_RULES, Linted, lint_files
from journeys.authoring.stories import Stage, meet, read_persona
from journeys.content.catalogue import Catalogue
from journeys.definition.model import Programmes
from journeys.definition.programmes import values_of
from journeys.definition.reading import definitions_in, programmes_file, read_programmes
from journeys.definition.reading.programmes import SUFFIX
from journeys.engine.machine import Release, make_release
from journeys.primitives.problems import Problem, counted, did_you_mean, only_errors


@dataclass(frozen=True, slots=True)
class Files:
    """The folders of definitions and content."""

    definitions: Path
    content: Path

    def journeys(self) -> list[Path]:
        """Every definition, by name."""
        return definitions_in(self.definitions)

    def definition(self, journey: str) -> Path:
        """The definition that a journey's key or a path names.

        Raises:
            click.UsageError: when there is none.
        """
        path = Path(journey)
        if path.name.endswith(SUFFIX):
            path = path.with_name(path.name.removesuffix(SUFFIX) + ".yaml")  # linted with its journey
        if path.suffix in (".yaml", ".yml") and path.is_file():
            return path
        path = self.definitions / f"{journey}.yaml"
        if not path.is_file():
            known = ", ".join(one.stem for one in self.journeys()) or "none"
            raise click.UsageError(f"There is no journey '{journey}' in {self.definitions}. There are: {known}.")
        return path

    def lint(self, definition: Path) -> Linted:
        """Everything that is wrong with a definition and its content."""
        return lint_files(definition, self.content)

    def personas(self) -> list[Path]:
        """The personas beside the definitions."""
        return sorted((self.definitions / PERSONAS).glob("*.yaml"))

    def lint_personas(self, linted: Sequence[Linted]) -> list[Problem]:
        """What is wrong with the personas of journeys that were linted, each played to its day."""
        stages = {
            one.journey.key: Stage(make_release(one.journey), one.catalogue)
            for one in linted
            if one.journey is not None and one.catalogue is not None and not _stoppers(one)
        }
        known = {path.stem for path in self.journeys()} | {one.journey.key for one in linted if one.journey is not None}
        problems: list[Problem] = []
        for path in self.personas():
            persona, found = read_persona(path.read_bytes(), str(path))
            problems += found
            if persona is not None and persona.journey not in known:
                message = f"There is no journey '{persona.journey}'.{did_you_mean(persona.journey, known)}"
                problems.append(Problem(str(path), 1, 1, "error", "persona", message))
            elif persona is not None and persona.journey in stages:
                problems += meet(persona, stages[persona.journey])[1]
        return problems

    def load(self, journey: str, programme: str = "") -> tuple[Release, Catalogue]:
        """A journey ready to run in a programme (the first unless given); ends the command where it cannot be.

        Pieces with problems are left out, and said on the error output: a story can be played before every text
        is written.

        Raises:
            click.UsageError: when there is no such journey or programme.
        """
        linted = self.lint(self.definition(journey))
        if linted.journey is None or linted.catalogue is None or _stoppers(linted):
            refuse(linted)
        left_out = len(linted.sources) - len(linted.catalogue.pieces)
        if left_out:
            names = sorted({source.key for source in linted.sources} - set(linted.catalogue.pieces))
            what = f"{counted(left_out, 'piece')} {'has' if left_out == 1 else 'have'} problems and"
            named = f": {', '.join(names)}" if names else ""
            click.echo(f"{what} {'is' if left_out == 1 else 'are'} left out{named}. See journeys lint.", err=True)
        return make_release(linted.journey), self._in_programme(linted.programmes, linted.catalogue, programme)

    def _in_programme(self, beside: Programmes | None, catalogue: Catalogue, programme: str) -> Catalogue:
        """The catalogue with the values of a programme; a release that a story moves to takes its journey's."""
        if beside is None or not beside.is_there:
            file = programmes_file(self.definitions / f"{catalogue.plan.journey.key}.yaml")
            beside = read_programmes(file.read_bytes(), str(file))[0] if file.is_file() else None
        known = beside.by_key if beside is not None else {}
        if programme and programme not in known:
            raise click.UsageError(f"'{programme}' is no programme of this journey.{did_you_mean(programme, known)}")
        if not known:
            return catalogue
        return catalogue.with_values(values_of(known[programme or next(iter(known))]))


def _stoppers(linted: Linted) -> list[Problem]:
    """The problems that keep a journey from being played."""
    return [problem for problem in only_errors(linted.problems) if problem.rule not in CONTENT_RULES]


def refuse(linted: Linted) -> NoReturn:
    """Prints the problems of a journey and ends the command."""
    problems = only_errors(linted.problems)
    for problem in problems:
        click.echo(str(problem), err=True)
    click.echo(f"{counted(len(problems), 'problem')}; mend them first.", err=True)
    sys.exit(1)


#: The folder beside definitions that holds personas.
PERSONAS = "personas"

#: Folders of this name, beside stories, hold definitions to migrate to.
RELEASES = "releases"


def stories_in(paths: tuple[str, ...]) -> Iterator[Path]:
    """The story files that paths name; a folder means all inside it, but for releases that stories move to."""
    for text in paths:
        path = Path(text)
        if path.is_dir():
            found = sorted(path.rglob("*.yaml"))
            yield from (one for one in found if RELEASES not in one.relative_to(path).parts)
        else:
            yield path
