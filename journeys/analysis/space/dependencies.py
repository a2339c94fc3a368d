"""What conditions depend on: the tracks they read, and the states whose visits they count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Compiled, InState, Node, Visits, walk
from journeys.primitives.state_path import StatePath, track_of


def conditions_of(plan: ReleasePlan, tracks: Iterable[str]) -> Iterator[Compiled]:
    """The conditions of the transitions and timers of some tracks."""
    for track in (plan.tracks[name] for name in tracks):
        for candidates in track.handlers.values():
            yield from (candidate.condition for candidate in candidates if candidate.condition is not None)
        for state in track.states.values():
            yield from (timer.when for timer in state.timers if timer.when is not None)


def visits_in(nodes: Iterable[Node]) -> dict[str, int]:
    """The states whose visits conditions count, each with the number from which more makes no difference."""
    counts: dict[str, int] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Visits):
                counts[part.path] = max(counts.get(part.path, 0), part.number + 1)
    return counts


def tracks_of(nodes: Iterable[Node], states: Iterable[str] = ()) -> set[str]:
    """The tracks of some states (full paths, or tracks) and of the states that conditions read."""
    parts = (part for node in nodes for part in walk(node))
    return {track_of(state) for state in states} | {
        track_of(part.path) for part in parts if isinstance(part, InState | Visits)
    }


def dependencies_of(plan: ReleasePlan, track: str) -> tuple[str, ...]:
    """A track and all others whose states or entries decide where it goes, in the order of the definition."""
    dependencies = {track}
    waiting = [track]
    while waiting:
        name = waiting.pop()
        raised = [trigger for trigger in plan.tracks[name].triggers if trigger in plan.heard]
        read_tracks = {StatePath.parse(trigger).path for trigger in raised}
        read = tracks_of((condition.node for condition in conditions_of(plan, [name])), read_tracks)
        waiting += sorted(read - dependencies)
        dependencies |= read
    return tuple(name for name in plan.tracks if name in dependencies)
