"""Runs the rules over a journey and its content and gives every problem, sorted by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from journeys.catalogue import Catalogue, Piece, PieceSource, read_piece, read_sources
from journeys.compiler import ReleasePlan, compile_journey
from journeys.conditions import ConditionError
from journeys.definition import read_journey
from journeys.lint.rules import RULES
from journeys.lint.subject import Subject
from journeys.model import Journey
from journeys.problems import Problem, only_errors


@dataclass(frozen=True, slots=True)
class Linted:
    """What lint read of a journey, and every problem; `plan` and `catalogue` only where it could be compiled."""

    journey: Journey | None
    plan: ReleasePlan | None
    sources: tuple[PieceSource, ...]
    catalogue: Catalogue | None
    problems: tuple[Problem, ...]

    @property
    def is_publishable(self) -> bool:
        """Whether nothing stops publishing."""
        return self.plan is not None and not only_errors(self.problems)


def lint_journey(
    journey: Journey, pieces: Mapping[str, Piece] | None = None, sources: Sequence[PieceSource] = ()
) -> list[Problem]:
    """Every problem that the rules find in a journey (its shape was checked when it was read)."""
    subject = Subject(journey, pieces, sources)
    return sorted({replace(problem, rule=rule.ID) for rule in RULES for problem in rule.check(subject)})


def lint_files(definition: Path, content: Path | None) -> Linted:
    """Everything that is wrong with a definition and the content of its journey.

    Args:
        definition: the YAML file.
        content: the folder that holds a folder of pieces for each journey, or None to leave content alone.
    """
    journey, problems = read_journey(definition.read_bytes(), str(definition))
    if journey is None:
        return Linted(None, None, (), None, tuple(problems))
    if content is None:
        problems = [*problems, *lint_journey(journey)]
        plan = None if only_errors(problems) else compile_journey(journey)
        return Linted(journey, plan, (), None, tuple(sorted(problems)))
    folder = content / journey.key
    sources, _, refused = read_sources(folder)
    problems = [*problems, *refused]
    if not folder.is_dir():
        message = f"There is no folder {folder}: patients of '{journey.key}' would see nothing."
        problems.append(Problem(str(definition), journey.mark.line, journey.mark.column, "warning", "content", message))
    plan = _compiled(journey)
    pieces: dict[str, Piece] = {}
    for source in sources:
        if plan is None:
            break
        piece, found = read_piece(source, plan, file=str(folder))
        problems += found
        if source.key in pieces:
            place = str(folder / source.place / "piece.yaml")
            message = f"The key '{source.key}' is taken by {pieces[source.key].place}; a piece's key is unique."
            problems.append(Problem(place, 1, 1, "error", "piece", message))
        elif piece is not None:
            pieces[source.key] = piece
    problems += lint_journey(journey, pieces, sources)
    catalogue = Catalogue(plan, pieces) if plan is not None else None
    return Linted(journey, plan, tuple(sources), catalogue, tuple(sorted(set(problems))))


def _compiled(journey: Journey) -> ReleasePlan | None:
    """The plan of a journey as far as it compiles; its problems are the rules' to name."""
    try:
        return compile_journey(journey)
    except (ConditionError, KeyError, ValueError, AssertionError):
        return None
