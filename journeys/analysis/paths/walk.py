"""Walking step by step with the real engine: a place on a way, and the next place after an event or after time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from journeys.analysis.paths.graph import Graph
from journeys.analysis.paths.path import Path, PathEvent
from journeys.analysis.paths.replay import admitted, enrolled, replay, went
from journeys.definition.facts import Value
from journeys.engine import Fold, Result, State
from journeys.engine.machine import Release
from journeys.primitives.errors import Refused

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a way has come to: the state at an instant, and how it came there from the place before."""

    state: State
    at: datetime
    results: tuple[Result, ...]
    event: PathEvent | None = None
    before: Place | None = None
    entry: str | None = None
    facts: Mapping[str, Value] | None = None

    def way(self) -> list[Place]:
        """All places from the first to this one."""
        found = [self]
        while found[-1].before is not None:
            found.append(found[-1].before)
        return found[::-1]

    @property
    def leaves(self) -> tuple[str, ...]:
        """The leaf of each track, as paths in the track."""
        return tuple(stays[-1].state for stays in self.state.tracks.values())


class Walker:
    """Takes steps through one release."""

    def __init__(self, release: Release, graph: Graph) -> None:
        self.release = release
        self.graph = graph
        self.releases = {release.id: release}

    def begin(self, entry: str | None, facts: Mapping[str, Value], at: datetime) -> Place:
        """The first place: the patient joins."""
        fold = Fold(self.releases, self.release.id)
        fold.apply_all([enrolled(self.release, entry, facts, at)], at)
        state = fold.state()
        assert state is not None
        return Place(state, at, tuple(fold.results), entry=entry, facts=facts)

    def report(self, place: Place, event: PathEvent) -> Place | None:
        """The place after an event, or None where the journey does not accept it."""
        try:
            arriving = admitted(self.release, event)
        except Refused:
            return None
        fold = Fold(self.releases, self.release.id, place.state)
        fold.apply_all([arriving], event.at)
        return self._after(place, fold, event.at, event)

    def wait(self, place: Place, until: datetime) -> Place:
        """The place when time has passed."""
        fold = Fold(self.releases, self.release.id, place.state)
        fold.fire_until(until)
        return self._after(place, fold, until, None)

    def _after(self, place: Place, fold: Fold, at: datetime, event: PathEvent | None) -> Place:
        state = fold.state()
        assert state is not None
        return Place(state, at, tuple(fold.results), event, place)

    def soon(self, place: Place) -> datetime:
        """When the next event may be reported: a day later, or before the next timer that leads somewhere."""
        due = next(self.leading(place), None)
        if due is None or due > place.at + DAY:
            return place.at + DAY
        half = (due - place.at) / 2
        return place.at + (half - timedelta(microseconds=half.microseconds) if half > timedelta(seconds=1) else half)

    def leading(self, place: Place) -> Iterator[datetime]:
        """When timers that may lead to another state are due, the first first."""
        tracks = self.release.plan.tracks
        yield from sorted(
            armed.due
            for name, stays in place.state.tracks.items()
            for stay in stays
            if stay.timers
            for timer in tracks[name].states[stay.state].timers
            if timer.to is not None and (armed := stay.timers.get(timer.name)) is not None
        )

    def path_to(self, place: Place, name: str) -> Path | None:
        """The path that leads to a place, as the engine replays it; None where it does not come out the same."""
        way = place.way()
        first = way[0]
        edges, times, states = went(self.graph, [result for one in way for result in one.results])
        path = Path(
            name=name,
            entry=first.entry,
            began=first.at,
            facts=first.facts or {},
            events=tuple(one.event for one in way if one.event is not None),
            until=place.at,
            states=states,
            edges=edges,
            times=times,
        )
        replayed = replay(self.release, self.graph, path)
        return path if replayed.is_as_claimed(path) and replayed.state == place.state else None
