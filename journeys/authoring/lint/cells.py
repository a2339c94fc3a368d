"""Enumerates all combinations of values that the conditions of sibling transitions distinguish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.conditions import TooManyCells, World, cells_of, compile_condition
from journeys.definition.model import StateDefinition, Track, Transition
from journeys.primitives.state_path import is_within


def cells(
    subject: LintSubject, track: Track, state: StateDefinition, siblings: Sequence[Transition]
) -> Iterator[World]:
    """Every cell of the siblings' conditions, in the states where the conditions apply.

    Raises:
        TooManyCells: when there are too many cells to enumerate.
    """
    nodes = [node for transition in siblings if (node := subject.parsed(transition.when, track.name)) is not None]
    leaves = {
        other.name: [
            f"{other.name}.{path}" for path in other.leaves if other is not track or is_within(path, state.path)
        ]
        for other in subject.journey.tracks.values()
    }
    return cells_of(nodes, subject.journey.fact_types, leaves)


def decide(
    subject: LintSubject, track: Track, state: StateDefinition, siblings: Sequence[Transition]
) -> Iterator[tuple[list[bool | None], World]]:
    """For each cell, the truth of each sibling's condition, and the cell.

    Empty if a condition does not parse or there are too many cells; other rules report both.
    """
    compiled = []
    for transition in siblings:
        node = subject.parsed(transition.when, track.name)
        if node is None or transition.when is None:
            return
        compiled.append(compile_condition(transition.when.text, node, subject.journey.fact_types))
    try:
        worlds = cells(subject, track, state, siblings)
    except TooManyCells:
        return
    for world in worlds:
        yield [condition.ask(world) for condition in compiled], world


def values_in_words(world: World) -> str:
    """The facts and visits of a cell, in words."""
    parts = [f"{name} = {value}" for name, value in sorted(world.values.items())]
    parts += [f"visits('{path}') = {count}" for path, count in sorted(world.visits.items())]
    return ", ".join(parts) or "these states"
