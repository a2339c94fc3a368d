"""Replays the events of a path with the engine, and compares the result with the path's claim."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from journeys.analysis.paths.path import REPORTERS, Path, PathEvent
from journeys.definition.facts import DECLINED, Value
from journeys.definition.graph import Edge, Graph
from journeys.engine import Enrollment, Event, Joining, Move, Report, Result, State, admit, admit_entry, advance, refold
from journeys.engine.machine import Release
from journeys.primitives.canonical import time_text

ENROLLMENT = "path"
#: The id of the enrollment in a replay.


@dataclass(frozen=True, slots=True)
class Replayed:
    """The result of replaying a path: the last state, the transitions with their times, and the leaves visited."""

    state: State
    results: tuple[Result, ...]
    edges: tuple[Edge, ...]
    times: tuple[datetime, ...]
    states: tuple[str, ...]

    def is_as_claimed(self, path: Path) -> bool:
        """Whether the replay has the transitions, times and leaves that the path claims."""
        return (self.edges, self.times, self.states) == (path.edges, path.times, path.states)


def replay(release: Release, graph: Graph, path: Path) -> Replayed:
    """The result of folding the events of a path, from the first to `until`.

    Raises:
        Refused: when the journey does not accept one of the events.
    """
    return replay_events(release, graph, admitted_events(release, path), path.until)


def admitted_events(release: Release, path: Path) -> list[Event]:
    """The engine's events of a path.

    Raises:
        Refused: when the journey does not accept one of the events.
    """
    # Whoever made the path has admitted its answers by what the patient knew.
    events = [admitted(release, event, release.plan.facts) for event in path.events]
    return [enrolled(release, path.entry, path.facts, path.began), *events]


def replay_events(release: Release, graph: Graph, events: Sequence[Event], until: datetime) -> Replayed:
    """What the engine makes of admitted events, all together and from the first, to an instant."""
    state, results = refold({release.id: release}, release.id, events, until)
    assert state is not None
    edges, times, states = went(graph, results)
    return Replayed(state, tuple(results), edges, times, states)


def told_view(release: Release, events: Iterable[Event], until: datetime) -> State:
    """The told view after admitted events that arrived when they happened."""
    releases, enrollment = {release.id: release}, Enrollment(ENROLLMENT, release.id)
    log: list[Event] = []  # read where a timer fired in the instant of an event
    for event in events:
        enrollment = advance(releases, enrollment, lambda: log, [event], event.at).enrollment
        log.append(event)
    view = advance(releases, enrollment, tuple, (), until).enrollment.view
    assert view is not None
    return view


def went(graph: Graph, results: Iterable[Result]) -> tuple[tuple[Edge, ...], tuple[datetime, ...], tuple[str, ...]]:
    """The transitions in some results, their times, and the leaves visited."""
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
    """The transition of a move; None if the enrollment began or was placed."""
    if move.declared is not None:
        return graph.edge_of(move.declared)
    if move.end is None:
        return graph.end_of(move.track, move.trigger)
    return None


def enrolled(release: Release, entry: str | None, facts: Mapping[str, Value], at: datetime) -> Event:
    """The first event of a path."""
    return admit_entry(
        release.plan,
        ENROLLMENT,
        Joining(entry, wire(facts), REPORTERS["patient"], "patient", at, is_day(at)),
        at,
    )


def admitted(release: Release, event: PathEvent, known: Collection[str]) -> Event:
    """The engine's event for an event of a path; its unique time is its id.

    Args:
        release: the release of the path.
        event: the event.
        known: the names of the facts that the told view has heard of before it.

    Raises:
        Refused: when the journey does not accept the event.
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
    return admit(release.plan, ENROLLMENT, report, event.at, known=known)


def wire(facts: Mapping[str, Value]) -> dict[str, object]:
    """The reported form of facts."""
    return {name: {"declined": True} if value is DECLINED else value for name, value in facts.items()}


def is_day(at: datetime) -> bool:
    """Whether an instant is the first of a day; then only the day is reported."""
    return not (at.hour or at.minute or at.second or at.microsecond)
