"""The files of the bench: read and checked whenever one changes; of what has a mistake, the last good reading stays."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from journeys.authoring.lint import CONTENT_RULES, Linted, lint_files
from journeys.authoring.stories import Person, Stage, imagine, meet, read_persona
from journeys.content.catalogue import Catalogue, Piece, read_piece, read_sources
from journeys.definition.model import Programme
from journeys.definition.programmes import values_of
from journeys.definition.reading import definitions_in
from journeys.engine import Snapshot
from journeys.engine.machine import Release, make_release
from journeys.primitives.canonical import parse_time
from journeys.primitives.problems import Problem, only_errors
from service.platform.watched_folders import WatchedFolders

PERSONAS = "personas"
#: Who is shown while no persona is chosen.
TODAY = parse_time("2026-01-15")[0]


@dataclass(frozen=True, slots=True)
class Shown:
    """A journey as it can be shown; `kept` are pieces with a mistake, shown as they last were good.

    `catalogues` are what is read in each programme, by its key; `catalogue` in the first, or in none.
    """

    release: Release
    catalogue: Catalogue
    catalogues: Mapping[str, Catalogue]
    programmes: Mapping[str, Programme]
    people: Mapping[str, Person]
    kept: frozenset[str] = frozenset()
    is_old: bool = False

    def somebody(self) -> Snapshot:
        """A patient of whom nothing is known, where every track begins."""
        return imagine(self.release.plan, TODAY)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the last look at the files found; `number` counts the looks."""

    number: int = 0
    problems: tuple[Problem, ...] = ()
    journeys: Mapping[str, Shown] = field(default_factory=dict)


class Bench:
    """A folder of definitions and one of content, of all journeys or of one."""

    def __init__(
        self, definitions: Path, content: Path, *, only: Path | None = None, personas: tuple[Path, ...] = ()
    ) -> None:
        """Reads nothing yet.

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
        self.checked = Checked()

    def check(self) -> Checked:
        """Reads and checks every file anew."""
        with self._lock:
            self._linted = {path: lint_files(path, self._content) for path in self._definitions_there()}
            self._late.clear()
            return self._looked()

    def look(self, changed: frozenset[Path]) -> Checked:
        """Takes up what changed: pieces at once, and what else is to be said of their journey later, by `catch_up`."""
        with self._lock:
            there = self._definitions_there()
            self._linted = {path: one for path, one in self._linted.items() if path in there}
            for path in there:
                linted = self._linted.get(path)
                if linted is not None and self._is_content(linted, changed):
                    self._linted[path] = _reread(linted, self._content)
                    self._late.add(path)
                elif linted is None or linted.plan is None or self._is_definition(path, changed):
                    self._linted[path] = lint_files(path, self._content)
            return self._looked()

    def catch_up(self) -> Checked:
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

    def _looked(self) -> Checked:
        problems: list[Problem] = []
        journeys: dict[str, Shown] = {}
        for path, linted in self._linted.items():
            key = linted.journey.key if linted.journey is not None else path.stem
            problems += linted.problems
            shown = self._shown(linted, self.checked.journeys.get(key))
            if shown is not None:
                people, found = self._people(key, shown)
                problems += found
                journeys[key] = replace(shown, people={**shown.people, **people})
        self.checked = Checked(self.checked.number + 1, tuple(dict.fromkeys(problems)), journeys)
        return self.checked

    def _is_content(self, linted: Linted, changed: frozenset[Path]) -> bool:
        """Whether pieces of a journey that can be shown changed, and nothing else of it."""
        if linted.plan is None or linted.catalogue is None:
            return False
        folder = (self._content / linted.plan.journey.key).resolve()
        definition = Path(linted.plan.journey.file)
        is_inside = any(folder in one.resolve().parents or folder == one.resolve() for one in changed)
        return is_inside and not self._is_definition(definition, changed)

    @staticmethod
    def _is_definition(definition: Path, changed: frozenset[Path]) -> bool:
        """Whether the definition or the programmes beside it changed."""
        folder = definition.resolve().parent
        ours = {folder / definition.name, folder / f"{definition.stem}.programmes.yaml"}
        return any(one.resolve() in ours for one in changed)

    def _shown(self, linted: Linted, before: Shown | None) -> Shown | None:
        """The journey as it is, or as it last was where the definition has a mistake."""
        folder = str(self._content)
        wrong = [one for one in only_errors(linted.problems) if not one.file.startswith(folder)]
        if linted.journey is None or linted.catalogue is None or any(one.rule not in CONTENT_RULES for one in wrong):
            return replace(before, is_old=True) if before is not None else None
        catalogue = linted.catalogue
        there = {source.key for source in linted.sources} | {
            Path(one.file).parent.name for one in only_errors(linted.problems)
        }
        kept = there - set(catalogue.pieces)

        def whole(now: Catalogue, last: Catalogue | None) -> Catalogue:
            if last is None or last.plan.id != now.plan.id:
                return now
            return Catalogue(now.plan, {**now.pieces, **{key: last.pieces[key] for key in kept & set(last.pieces)}})

        programmes = linted.programmes.by_key if linted.programmes is not None and not wrong else {}
        earlier = before.catalogues if before is not None else {}
        catalogues = {
            key: whole(catalogue.with_values(values_of(one)), earlier.get(key)) for key, one in programmes.items()
        }
        last = before.catalogue if before is not None else None
        first = next(iter(catalogues.values())) if catalogues else whole(catalogue, last)
        people = before.people if before is not None else {}
        return Shown(
            make_release(linted.journey), first, catalogues, programmes, people, frozenset(kept & set(first.pieces))
        )

    def _people(self, journey: str, shown: Shown) -> tuple[dict[str, Person], list[Problem]]:
        """The personas of a journey, played to their day, and what is wrong with their files."""
        people: dict[str, Person] = {}
        problems: list[Problem] = []
        for path in (*sorted((self._definitions / PERSONAS).glob("*.yaml")), *self._personas):
            if not path.is_file():
                continue
            persona, found = read_persona(path.read_bytes(), str(path))
            problems += found
            if persona is None or persona.journey != journey:
                continue
            person, found = meet(persona, Stage(shown.release, shown.catalogue))
            problems += found
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
    before = {source.place: source.version for source in linted.sources}
    known = linted.catalogue.pieces
    same = {one.place for one in sources if before.get(one.place) == one.version}
    untouched = [f"{folder / place}/" for place in same]
    problems = {
        one
        for one in linted.problems
        if not one.file.startswith(f"{folder}/") or any(one.file.startswith(place) for place in untouched)
    }
    problems.update(refused)
    pieces: dict[str, Piece] = {}
    for source in sources:
        if source.place in same:
            piece = known.get(source.key)
        else:
            piece, found = read_piece(source, linted.plan, file=str(folder))
            problems.update(found)
        if piece is not None:
            pieces[source.key] = piece
    catalogue = Catalogue(linted.plan, pieces)
    return replace(linted, sources=tuple(sources), catalogue=catalogue, problems=tuple(sorted(problems)))
