"""The order in which events apply (fold.md, section 1): arrival never decides, so a late event folds the log again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter

from journeys.definition.compiler import ReleasePlan
from journeys.engine.events import Arrival, Event, Retraction
from journeys.engine.machine import Release
from journeys.engine.state import EventKey, State

Releases = Mapping[str, Release]
#: Releases by id.


def is_late(arrival: Arrival, state: State | None) -> bool:
    """Whether an arrival changes what was already folded, so that the whole log is folded again."""
    if isinstance(arrival, Retraction) or arrival.replaces is not None or arrival.kind == "migrated":
        return True
    return state is not None and (arrival.kind == "enrolled" or arrival.at <= state.folded_to)


def sorted_events(releases: Releases, release: str, events: Iterable[Event]) -> list[tuple[EventKey, Event]]:
    """Events in the order they apply, each with its key (fold.md, section 1)."""
    moves = sorted((event for event in events if event.kind == "migrated"), key=lambda event: (event.at, event.uid))

    def in_force(at: datetime) -> ReleasePlan:
        current = release
        for move in moves:
            if at > move.at:
                current = move.data["to"]
        return releases[current].plan

    ordered: list[tuple[EventKey, Event]] = []
    for event in events:
        if event.kind == "migrated":
            continue
        plan = in_force(event.at) if moves else releases[release].plan
        if event.kind == "reported":
            rank = plan.ranks.get(event.type, plan.last_rank)
        else:
            rank = -1 if event.kind == "enrolled" else plan.last_rank
        ordered.append(((event.at, event.sequence, rank, event.reporter, event.id), event))
    ordered.sort(key=itemgetter(0))
    for move in moves:
        position = next((i for i, (key, event) in enumerate(ordered) if event.at > move.at), len(ordered))
        ordered.insert(position, ((move.at, move.sequence, 0, move.reporter, move.id), move))
    return ordered
