"""Why no path takes a transition, in words: which conditions, and what would have to be so at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from journeys.analysis.paths.graph import RAISED, Edge
from journeys.analysis.paths.ways import Cell, TrackConfiguration, Ways, leaves_at_once, outwards
from journeys.definition.conditions import Compiled, InState, Visits, World, in_words, walk

MANY = 6
#: How many states a sentence names.


def why_not(ways: Ways, at: Sequence[TrackConfiguration], first: Edge | None, edge: Edge) -> str:
    """Why a transition is never taken (right after `first` in its track, where given).

    `at` are the configurations there are then.
    """
    if first is not None and not at:
        return f"'{first.name}' is never taken itself."
    place = ways.tracks.index(edge.track)
    here = [one for one in at if edge.leaves_from(one[0][place])]
    if not here:
        return f"No path comes to '{edge.track}.{edge.source}'."
    leaves = sorted({one[0][place] for one in here})
    hasty = [one for leaf in leaves for one in ways.graph.out_of(edge.track, leaf) if leaves_at_once(one)]
    if hasty and edge not in hasty:
        return f"'{edge.track}.{leaves[0]}' is left in the instant it is entered: {hasty[0].name}."
    if edge.kind == "raised":
        entered = edge.trigger.removeprefix(RAISED)
        other = entered.partition(".")[0]
        if not any(entered in _entered(ways, one) for one in here):
            beside = ways.tracks.index(other)
            places = _listed(f"{other}.{one[0][beside]}" for one in here)
            return (
                f"'{entered}' would have to be entered while {_where(edge, leaves)}; "
                f"but then there is only {places}, from where nothing enters it."
            )
    return _unmet(ways, here, leaves, first, edge)


def _entered(ways: Ways, at: TrackConfiguration) -> set[str]:
    """The states that some step enters from a configuration."""
    found: set[str] = set()
    for step in ways.steps(at):
        for edge in step.edges:
            if edge.candidate is not None:
                found |= {state.full for state in edge.candidate.enters or ()}
    return found


def _unmet(
    ways: Ways, here: Sequence[TrackConfiguration], leaves: Sequence[str], first: Edge | None, edge: Edge
) -> str:
    """Of a transition whose trigger can come, but which is not chosen then."""
    asked = _asked_before(ways, leaves[0], edge)
    own = [edge.condition] if edge.condition is not None else []
    conditions = [*own, *(one.condition for one in asked if one.condition is not None)]
    cells = ways.cells(conditions)
    if edge.condition is not None and not any(
        edge.condition.ask(world) is True for world in _worlds(ways, here, cells)
    ):
        return f"'{edge.condition.text}' would have to be true; but {_what_is_so(ways, here, edge.condition, first)}."
    inner = [one for one in asked if one.source != edge.source]
    others = inner or asked
    names = " and ".join(
        dict.fromkeys(f"not ({in_words(one.condition.node)})" for one in others if one.condition is not None)
    )
    wanted = f"'{edge.condition.text}' would have to be true and " if edge.condition is not None else ""
    who = f"'{edge.track}.{others[0].source}' is asked first: " if others and inner else ""
    if names:
        return f"{who}{wanted}{names} would have to be so at once, which no values make so."
    return f"{who}something else is always taken on '{edge.on}'."


def _asked_before(ways: Ways, leaf: str, edge: Edge) -> list[Edge]:
    """What is asked on the same trigger before a transition is: the states inside, and those beside it."""
    return [
        one
        for one in ways.graph.edges
        if (one.track, one.trigger) == (edge.track, edge.trigger) and one != edge and one.leaves_from(leaf)
        if one.source.count(".") > edge.source.count(".") or one.source == edge.source
    ]


def _worlds(ways: Ways, here: Iterable[TrackConfiguration], cells: Sequence[Cell]) -> Iterable[World]:
    for at in here:
        leaves = dict(zip(ways.tracks, at[0], strict=True))
        for cell in cells:
            yield ways.world(leaves, at[1], cell)


def _what_is_so(ways: Ways, here: Sequence[TrackConfiguration], condition: Compiled, first: Edge | None) -> str:
    """What the configurations have in common that a condition reads, in words."""
    parts: list[str] = []
    counted = list(ways.counted)
    for node in walk(condition.node):
        if isinstance(node, Visits) and node.path in counted:
            numbers = {one[1][counted.index(node.path)] for one in here}
            parts.append(f"'{node.path}' was entered {_numbers(numbers, ways.counted[node.path])}")
        if isinstance(node, InState):
            places = {_is_in(ways, one, node.path) for one in here}
            if len(places) == 1:
                parts.append(f"the patient is {'' if places.pop() else 'not '}in '{node.path}'")
    if not parts:
        return "no values make it so"
    after = f" after '{first.name}'" if first is not None else ""
    return " and ".join(dict.fromkeys(parts)) + after


def _is_in(ways: Ways, at: TrackConfiguration, full: str) -> bool:
    name, _, path = full.partition(".")
    return name in ways.tracks and path in outwards(at[0][ways.tracks.index(name)])


def _numbers(numbers: set[int], most: int) -> str:
    words = {0: "never", 1: "once"}
    found = [
        f"{number} times or more" if number == most else words.get(number, f"{number} times")
        for number in sorted(numbers)
    ]
    return " or ".join(found)


def _where(edge: Edge, leaves: Sequence[str]) -> str:
    return f"'{edge.track}' is in {_listed(leaves)}"


def _listed(names: Iterable[str]) -> str:
    found = sorted(set(names))
    more = f" and {len(found) - MANY} more" if len(found) > MANY else ""
    return ", ".join(f"'{name}'" for name in found[:MANY]) + more
