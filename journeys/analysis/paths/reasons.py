"""Explains in words why no path takes a transition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from journeys.analysis.paths.path_space import Cell, PathSpace, fires_at_once
from journeys.analysis.space import SpaceConfiguration
from journeys.definition.conditions import Compiled, InState, Visits, World, in_words, walk
from journeys.definition.graph import Edge
from journeys.definition.model import RAISED

MANY = 6
#: The number of states that a sentence lists.


def why_not(space: PathSpace, reachable: Sequence[SpaceConfiguration], first: Edge | None, edge: Edge) -> str:
    """The reason why a transition is never taken (or never right after `first` in its track).

    `reachable` are the configurations that are possible at that point.
    """
    if first is not None and not reachable:
        return f"'{first.name}' is never taken itself."
    track_index = space.index_of[edge.track]
    candidates = [configuration for configuration in reachable if edge.leaves_from(configuration.leaves[track_index])]
    if not candidates:
        return f"No path comes to '{edge.track}.{edge.source}'."
    leaves = sorted({configuration.leaves[track_index] for configuration in candidates})
    hasty = [
        exit_edge for leaf in leaves for exit_edge in space.graph.out_of(edge.track, leaf) if fires_at_once(exit_edge)
    ]
    if hasty and edge not in hasty:
        return f"'{edge.track}.{leaves[0]}' is left in the instant it is entered: {hasty[0].name}."
    if edge.kind == "raised":
        entered = edge.trigger.removeprefix(RAISED)
        other = entered.partition(".")[0]
        if not any(entered in _entered(space, configuration) for configuration in candidates):
            other_index = space.index_of[other]
            places = _listed(f"{other}.{configuration.leaves[other_index]}" for configuration in candidates)
            return (
                f"'{entered}' would have to be entered while {_where(edge, leaves)}; "
                f"but then there is only {places}, from where nothing enters it."
            )
    return _unmet(space, candidates, leaves, first, edge)


def _entered(space: PathSpace, at: SpaceConfiguration) -> set[str]:
    """Return the states that some step enters from a configuration."""
    entered: set[str] = set()
    for step in space.steps(at):
        for edge in step.edges:
            if edge.candidate is not None:
                entered |= {state.full for state in edge.candidate.enters or ()}
    return entered


def _unmet(
    space: PathSpace,
    candidates: Sequence[SpaceConfiguration],
    leaves: Sequence[str],
    first: Edge | None,
    edge: Edge,
) -> str:
    """Return why a transition is not chosen although its trigger can come."""
    earlier = _asked_before(space, leaves[0], edge)
    own = [edge.condition] if edge.condition is not None else []
    conditions = [*own, *(sibling.condition for sibling in earlier if sibling.condition is not None)]
    cells = space.cells(conditions)
    if edge.condition is not None and not any(
        edge.condition.ask(world) is True for world in _worlds(space, candidates, cells)
    ):
        common = _common_facts(space, candidates, edge.condition, first)
        return f"'{edge.condition.text}' would have to be true; but {common}."
    inner = [sibling for sibling in earlier if sibling.source != edge.source]
    others = inner or earlier
    names = " and ".join(
        dict.fromkeys(
            f"not ({in_words(sibling.condition.node)})" for sibling in others if sibling.condition is not None
        )
    )
    own_condition = f"'{edge.condition.text}' would have to be true and " if edge.condition is not None else ""
    who = f"'{edge.track}.{others[0].source}' is asked first: " if others and inner else ""
    if names:
        return f"{who}{own_condition}{names} would have to be so at once, which no values make so."
    return f"{who}something else is always taken on '{edge.on}'."


def _asked_before(space: PathSpace, leaf: str, edge: Edge) -> list[Edge]:
    """Return the transitions on the same trigger that come first: of states inside, and of the same state."""
    return [
        other
        for other in space.graph.edges
        if (other.track, other.trigger) == (edge.track, edge.trigger) and other != edge and other.leaves_from(leaf)
        if other.source.count(".") > edge.source.count(".") or other.source == edge.source
    ]


def _worlds(space: PathSpace, candidates: Iterable[SpaceConfiguration], cells: Sequence[Cell]) -> Iterable[World]:
    for configuration in candidates:
        for cell in cells:
            yield space.world(configuration, cell.world)


def _common_facts(
    space: PathSpace, candidates: Sequence[SpaceConfiguration], condition: Compiled, first: Edge | None
) -> str:
    """Describe the values that a condition reads and all configurations share."""
    parts: list[str] = []
    counted = list(space.counted)
    for node in walk(condition.node):
        if isinstance(node, Visits) and node.path in counted:
            numbers = {configuration.visits[counted.index(node.path)] for configuration in candidates}
            parts.append(f"'{node.path}' was entered {_numbers(numbers, space.counted[node.path])}")
        if isinstance(node, InState):
            places = {node.path in space.open_states(configuration) for configuration in candidates}
            if len(places) == 1:
                parts.append(f"the patient is {'' if places.pop() else 'not '}in '{node.path}'")
    if not parts:
        return "no values make it so"
    after = f" after '{first.name}'" if first is not None else ""
    return " and ".join(dict.fromkeys(parts)) + after


def _numbers(numbers: set[int], most: int) -> str:
    words = {0: "never", 1: "once"}
    phrases = [
        f"{number} times or more" if number == most else words.get(number, f"{number} times")
        for number in sorted(numbers)
    ]
    return " or ".join(phrases)


def _where(edge: Edge, leaves: Sequence[str]) -> str:
    return f"'{edge.track}' is in {_listed(leaves)}"


def _listed(names: Iterable[str]) -> str:
    unique_names = sorted(set(names))
    more = f" and {len(unique_names) - MANY} more" if len(unique_names) > MANY else ""
    return ", ".join(f"'{name}'" for name in unique_names[:MANY]) + more
