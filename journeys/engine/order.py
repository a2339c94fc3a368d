"""The order in which events apply (fold.md, section 1): arrival never decides, so a late event folds the log again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from operator import itemgetter

from journeys.definition.compiler import ReleasePlan
from journeys.engine.events import Arrival, Event, Retraction
from journeys.engine.machine import Release
from journeys.engine.state import EventKey, State

Releases = Mapping[str, Release]
#: Releases by id.

BY_INSTANT, MIGRATION, BY_DAY, TELLING, END = range(5)
#: The order of events at one instant; the last three are known by their day alone.


def is_late(arrival: Arrival, state: State | None) -> bool:
    """Whether an arrival changes what was already folded, so that the whole log is folded again.

    An event known by its instant moves those events of its date that are known by their day.
    """
    if isinstance(arrival, Retraction) or arrival.replaces is not None or arrival.kind == "migrated":
        return True
    if state is None:
        return False
    moves_days = state.last_day is not None and arrival.at.date() == state.last_day and not arrival.is_mark
    return arrival.kind == "enrolled" or arrival.at <= state.folded_to or moves_days


def sorted_events(releases: Releases, release: str, events: Iterable[Event]) -> list[tuple[EventKey, Event]]:
    """Events in the order they apply, each with its key (fold.md, section 1)."""
    events = list(events)
    moves = sorted((event for event in events if event.kind == "migrated"), key=lambda event: (event.at, event.uid))
    last_instants = _last_instants(events) if any(event.day for event in events) else {}

    def in_force(at: datetime, *, by_day: bool) -> ReleasePlan:
        current = release
        for move in moves:
            if at > move.at or (by_day and at == move.at):
                current = move.data["to"]
        return releases[current].plan

    ordered: list[tuple[EventKey, Event]] = []
    for event in events:
        if event.kind == "migrated":
            ordered.append(((event.at, MIGRATION, 0, 0, event.uid, ""), event))
            continue
        by_day = event.day and event.kind != "enrolled"
        at = max(event.at, last_instants.get(event.at.date(), event.at)) if by_day else event.at
        plan = in_force(at, by_day=by_day) if moves else releases[release].plan
        if event.kind == "reported":
            rank = plan.ranks.get(event.type, plan.last_rank)
        else:
            rank = -1 if event.kind == "enrolled" else plan.last_rank
        group = _group_of_day(event, plan) if by_day else BY_INSTANT
        ordered.append(((at, group, event.sequence, rank, event.reporter, event.id), event))
    ordered.sort(key=itemgetter(0))
    return ordered


def _last_instants(events: Iterable[Event]) -> dict[date, datetime]:
    """By date, the last event that is known by its instant; marks do not count, because they move nothing."""
    last: dict[date, datetime] = {}
    for event in events:
        if not event.day and not event.is_mark:
            day = event.at.date()
            last[day] = max(event.at, last.get(day, event.at))
    return last


def _group_of_day(event: Event, plan: ReleasePlan) -> int:
    if event.kind != "reported":
        return BY_DAY
    if event.type in plan.ends:
        return END
    return TELLING if event.type in plan.tellings else BY_DAY
