"""Paths and the engine: the events that a path reports, what the engine makes of them, whether it is what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from journeys.analysis.paths.graph import Edge, Graph
from journeys.analysis.paths.path import REPORTERS, Path, PathEvent
from journeys.definition.facts import DECLINED, Value
from journeys.engine import Event, Joining, Move, Report, Result, State, admit, admit_entry, refold
from journeys.engine.machine import Release
from journeys.primitives.canonical import time_text

ENROLLMENT = "path"
#: The enrollment that a path is replayed as.


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the engine made of a path: the last state, the transitions with their times, and the leaves visited."""

    state: State
    results: tuple[Result, ...]
    edges: tuple[Edge, ...]
    times: tuple[datetime, ...]
    states: tuple[str, ...]

    def is_as_claimed(self, path: Path) -> bool:
        """Whether it is what the path says of itself."""
        return (self.edges, self.times, self.states) == (path.edges, path.times, path.states)


def replay(release: Release, graph: Graph, path: Path) -> Replayed:
    """What the engine makes of the events of a path, from the first to `until`.

    Raises:
        Refused: when the journey does not accept an event of it.
    """
    events = [enrolled(release, path.entry, path.facts, path.began)]
    events += [admitted(release, event) for event in path.events]
    return replay_events(release, graph, events, path.until)


def replay_events(release: Release, graph: Graph, events: Sequence[Event], until: datetime) -> Replayed:
    """What the engine makes of admitted events, all together and from the first, to an instant."""
    state, results = refold({release.id: release}, release.id, events, until)
    assert state is not None
    edges, times, states = went(graph, results)
    return Replayed(state, tuple(results), edges, times, states)


def went(graph: Graph, results: Iterable[Result]) -> tuple[tuple[Edge, ...], tuple[datetime, ...], tuple[str, ...]]:
    """The transitions that results tell of, their times, and the leaves visited."""
    edges: list[Edge] = []
    times: list[datetime] = []
    states: list[str] = []
    for result in results:
        for move in result.transitions:
            edge = edge_of(graph, move)
            if edge is not None:
                edges.append(edge)
                times.append(result.at)
            if move.end is not None:
                states.append(f"{move.track}.{move.end}")
    return tuple(edges), tuple(times), tuple(states)


def edge_of(graph: Graph, move: Move) -> Edge | None:
    """The transition that the engine made; None where an enrollment began or was placed."""
    if move.declared is not None:
        return graph.edge_of(move.declared)
    if move.end is None:
        return graph.end_of(move.track, move.trigger)
    return None


def enrolled(release: Release, entry: str | None, facts: Mapping[str, Value], at: datetime) -> Event:
    """The event with which a path begins."""
    return admit_entry(
        release.plan,
        ENROLLMENT,
        Joining(entry, wire(facts), REPORTERS["patient"], "patient", at, is_day(at)),
        at,
    )


def admitted(release: Release, event: PathEvent) -> Event:
    """The event of a path as the engine takes it; its time, which no other has, is its id.

    Raises:
        Refused: when the journey does not accept it.
    """
    report = Report(
        id=time_text(event.at),
        type=event.type,
        reporter=REPORTERS[event.by],
        by=event.by,
        at=event.at,
        day=is_day(event.at),
        facts=wire(event.facts),
        told=event.told,
    )
    return admit(release.plan, ENROLLMENT, report, event.at)


def wire(facts: Mapping[str, Value]) -> dict[str, object]:
    """Facts as they are reported."""
    return {name: {"declined": True} if value is DECLINED else value for name, value in facts.items()}


def is_day(at: datetime) -> bool:
    """Whether an instant is a day's first: then the day alone is reported."""
    return not (at.hour or at.minute or at.second or at.microsecond)
