"""The files of the preview, read and checked after each change; a file with a mistake keeps its last good version."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from journeys.authoring.lint import CONTENT_RULES, Linted, lint_files
from journeys.authoring.stories import Compile, Person, Stage, compiled_once, imagine, meet, read_persona_file
from journeys.content.catalogue import Catalogue, Piece, read_piece, read_sources
from journeys.definition.programmes import Programme, values_of
from journeys.definition.reading import definitions_in
from journeys.engine import State
from journeys.engine.machine import Release, make_release
from journeys.primitives.canonical import parse_time
from journeys.primitives.problems import Problem, only_errors
from service.platform.watched_folders import WatchedFolders

PERSONAS = "personas"
#: Who is shown while no persona is chosen.
TODAY = parse_time("2026-01-15")[0]


@dataclass(frozen=True, slots=True)
class PreviewedJourney:
    """A journey as the preview shows it; `kept` are the pieces with a mistake, shown in their last good version.

    `catalogues` has the pieces as they read in each programme, by its key; `catalogue` those of the first, or of none.
    `questionnaire` compiles the questions of each.
    """

    release: Release
    catalogue: Catalogue
    catalogues: Mapping[str, Catalogue]
    programmes: Mapping[str, Programme]
    people: Mapping[str, Person]
    kept: frozenset[str] = frozenset()
    is_old: bool = False
    questionnaire: Compile = field(default_factory=compiled_once, repr=False, compare=False)

    def somebody(self) -> State:
        """A patient without facts, with every track in its first state."""
        return imagine(self.release.plan, TODAY)


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """The result of the last check of the files; `number` counts the checks."""

    number: int = 0
    problems: tuple[Problem, ...] = ()
    journeys: Mapping[str, PreviewedJourney] = field(default_factory=dict)


class Workspace:
    """A folder of definitions and a folder of content, for all journeys or a single one."""

    def __init__(
        self, definitions: Path, content: Path, *, only: Path | None = None, personas: tuple[Path, ...] = ()
    ) -> None:
        """Files are read by `check` or after `start`.

        Args:
            definitions: the folder of definitions; its folder `personas` holds the personas.
            content: the folder that holds a folder of pieces for each journey.
            only: the one definition to show; all unless given.
            personas: further files of personas.
        """
        self._definitions = definitions
        self._content = content
        self._only = only
        self._personas = personas
        self._lock = threading.Lock()
        self._watched = WatchedFolders((definitions, content, *personas), self.look, self.catch_up)
        self._linted: dict[Path, Linted] = {}
        self._late: set[Path] = set()
        self.checked = CheckedFiles()

    def check(self) -> CheckedFiles:
        """Reads and checks every file anew."""
        with self._lock:
            self._linted = {path: lint_files(path, self._content) for path in self._definitions_there()}
            self._late.clear()
            return self._looked()

    def look(self, changed: frozenset[Path]) -> CheckedFiles:
        """Takes up what changed: pieces at once, and what else is to be said of their journey later, by `catch_up`."""
        with self._lock:
            files = self._definitions_there()
            self._linted = {path: linted for path, linted in self._linted.items() if path in files}
            for path in files:
                linted = self._linted.get(path)
                if linted is not None and self._is_content(linted, changed):
                    self._linted[path] = _reread(linted, self._content)
                    self._late.add(path)
                elif linted is None or linted.plan is None or self._is_definition(path, changed):
                    self._linted[path] = lint_files(path, self._content)
            return self._looked()

    def catch_up(self) -> CheckedFiles:
        """Checks the journeys as a whole of which only pieces were read anew."""
        with self._lock:
            if not self._late:
                return self.checked
            for path in self._late & set(self._definitions_there()):
                self._linted[path] = lint_files(path, self._content)
            self._late.clear()
            return self._looked()

    def _definitions_there(self) -> list[Path]:
        definitions = [self._only] if self._only is not None else definitions_in(self._definitions)
        return [path for path in definitions if path.is_file()]

    def _looked(self) -> CheckedFiles:
        problems: list[Problem] = []
        journeys: dict[str, PreviewedJourney] = {}
        for path, linted in self._linted.items():
            key = linted.journey.key if linted.journey is not None else path.stem
            problems += linted.problems
            shown = self._shown(linted, self.checked.journeys.get(key))
            if shown is not None:
                people, person_problems = self._people(key, shown)
                problems += person_problems
                journeys[key] = replace(shown, people={**shown.people, **people})
        self.checked = CheckedFiles(self.checked.number + 1, tuple(dict.fromkeys(problems)), journeys)
        return self.checked

    def _is_content(self, linted: Linted, changed: frozenset[Path]) -> bool:
        """Whether only pieces of a journey changed, and the journey can be shown."""
        if linted.plan is None or linted.catalogue is None:
            return False
        folder = (self._content / linted.plan.journey.key).resolve()
        definition = Path(linted.plan.journey.file)
        is_inside = any(folder in path.resolve().parents or folder == path.resolve() for path in changed)
        return is_inside and not self._is_definition(definition, changed)

    @staticmethod
    def _is_definition(definition: Path, changed: frozenset[Path]) -> bool:
        """Whether the definition or the programmes beside it changed."""
        folder = definition.resolve().parent
        ours = {folder / definition.name, folder / f"{definition.stem}.programmes.yaml"}
        return any(path.resolve() in ours for path in changed)

    def _shown(self, linted: Linted, before: PreviewedJourney | None) -> PreviewedJourney | None:
        """The journey as it is, or as it last was where the definition has a mistake."""
        folder = str(self._content)
        wrong = [problem for problem in only_errors(linted.problems) if not problem.file.startswith(folder)]
        if (
            linted.journey is None
            or linted.catalogue is None
            or any(problem.rule not in CONTENT_RULES for problem in wrong)
        ):
            return replace(before, is_old=True) if before is not None else None
        catalogue = linted.catalogue
        keys = {source.key for source in linted.sources} | {
            Path(problem.file).parent.name for problem in only_errors(linted.problems)
        }
        stale = keys - set(catalogue.pieces)

        def whole(now: Catalogue, last: Catalogue | None) -> Catalogue:
            if last is None or last.plan.id != now.plan.id:
                return now
            return replace(now, pieces={**now.pieces, **{key: last.pieces[key] for key in stale & set(last.pieces)}})

        programmes = linted.programmes.by_key if linted.programmes is not None and not wrong else {}
        earlier = before.catalogues if before is not None else {}
        catalogues = {
            key: whole(catalogue.in_programme(values_of(programme), programme.messages), earlier.get(key))
            for key, programme in programmes.items()
        }
        last = before.catalogue if before is not None else None
        first = next(iter(catalogues.values())) if catalogues else whole(catalogue, last)
        people = before.people if before is not None else {}
        return PreviewedJourney(
            make_release(linted.journey), first, catalogues, programmes, people, frozenset(stale & set(first.pieces))
        )

    def _people(self, journey: str, shown: PreviewedJourney) -> tuple[dict[str, Person], list[Problem]]:
        """The personas of a journey, played to their day, and what is wrong with their files."""
        people: dict[str, Person] = {}
        problems: list[Problem] = []
        for path in (*sorted((self._definitions / PERSONAS).glob("*.yaml")), *self._personas):
            if not path.is_file():
                continue
            persona, meet_problems = read_persona_file(path)
            problems += meet_problems
            if persona is None or persona.journey != journey:
                continue
            person, meet_problems = meet(persona, Stage(shown.release, shown.catalogue))
            problems += meet_problems
            if person is not None:
                people[path.stem] = person
        return people, problems

    def watch(self) -> None:
        """Begins to look at the files whenever one changes; when it is quiet, journeys are checked as a whole."""
        self._watched.start()

    def stop(self) -> None:
        """Ends the looking."""
        self._watched.stop()


def _reread(linted: Linted, content: Path) -> Linted:
    """What was read of a journey, its pieces read anew where their files changed; no rule is asked."""
    assert linted.plan is not None and linted.catalogue is not None
    folder = content / linted.plan.journey.key
    sources, _, refused = read_sources(folder)
    before = {source.place: (source.version, source.block) for source in linted.sources}
    pieces_before = linted.catalogue.pieces
    same = {source.place for source in sources if before.get(source.place) == (source.version, source.block)}
    untouched = [f"{folder / path}/" for path in same]
    problems = {
        problem
        for problem in linted.problems
        if not problem.file.startswith(f"{folder}/") or any(problem.file.startswith(path) for path in untouched)
    }
    problems.update(refused)
    pieces: dict[str, Piece] = {}
    for source in sources:
        if source.place in same:
            piece = pieces_before.get(source.key)
        else:
            piece, piece_problems = read_piece(source, linted.plan, file=str(folder))
            problems.update(piece_problems)
        if piece is not None:
            pieces[source.key] = piece
    catalogue = Catalogue(linted.plan, pieces)
    return replace(linted, sources=tuple(sources), catalogue=catalogue, problems=tuple(sorted(problems)))
