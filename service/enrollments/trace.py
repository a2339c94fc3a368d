"""The steps behind a reader's view: the part of the log that the reader may know of, folded again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.engine import Event, Result, Retraction, active_events, refold
from journeys.primitives.canonical import derived_id
from service.enrollments.answers import CallerView
from service.enrollments.store import log
from service.publishing.service import Service

OWN = ("patient", "family")


@dataclass(frozen=True, slots=True)
class Trace:
    """The results that led to a view, in the order of the fold; the events they may name, by uid.

    `taken_back` are the retracted events that patients or families reported themselves. Retracted events of staff are
    left out: the patient may never have been told of them.
    """

    results: Sequence[Result]
    events: Mapping[str, Event]
    taken_back: Sequence[Event]


def trace_of(
    service: Service, connection: Connection, seen: CallerView, now: datetime, *, conditions: bool = False
) -> Trace:
    """The trace of what a reader sees; `conditions` adds the evaluated conditions and the values that they saw."""
    view, stored = seen.view, seen.view.stored
    told_from = stored.told if view.held else None
    entries = log.read_log(connection, stored.id, told_from.log if told_from is not None else stored.log_length)
    arrivals = [entry.arrival for entry in entries]
    releases = service.library.releases(connection)
    state = stored.enrollment.state
    until = view.at if view.held or state is None else max(now, state.folded_to)
    active = active_events(arrivals)
    _, results = refold(releases, stored.enrollment.release, active, until, trace=conditions)
    if told_from is not None and told_from.cut is not None:
        results = _before(results, told_from.cut, releases[view.release].plan.held_facts)
    retracted = {arrival.uid for arrival in arrivals if isinstance(arrival, Retraction)}
    events = [arrival for arrival in arrivals if isinstance(arrival, Event)]
    return Trace(
        results,
        {event.uid: event for event in active},
        [event for event in events if event.uid in retracted and event.by in OWN],
    )


def _before(results: Sequence[Result], hold: str, held_facts: Mapping[str, object]) -> list[Result]:
    """The results before the one that began a hold, which is the stay in a held state or a held fact."""
    earlier: list[Result] = []
    for result in results:
        of_fact = any(derived_id("fact", name, result.key) == hold for name in held_facts)
        if hold in result.stays or of_fact:
            break
        earlier.append(result)
    return earlier
