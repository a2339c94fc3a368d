"""The steps behind a reader's view: the part of the log that the reader may know of, folded again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from journeys.engine import Event, Result, Retraction, active_events, refold
from journeys.engine.told import OWN
from service.enrollments.answers import CallerView
from service.enrollments.store import log
from service.enrollments.store.log import LogEntry
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class Trace:
    """The results that led to a view, in the order of the fold; the events they may name, by uid.

    `taken_back` are the retracted events that patients or families reported themselves. Retracted events of staff are
    left out: the patient may never have been told of them. `log` is the whole log, which only staff may read.
    """

    results: Sequence[Result]
    events: Mapping[str, Event]
    taken_back: Sequence[Event]
    log: Sequence[LogEntry]


def trace_of(service: Service, connection: Connection, seen: CallerView, *, conditions: bool = False) -> Trace:
    """The trace of what a reader sees; `conditions` adds the evaluated conditions and the values that they saw."""
    view, enrollment = seen.view, seen.view.stored.enrollment
    entries = log.read_log(connection, enrollment.id)
    arrivals = [entry.arrival for entry in entries]
    told = None
    if not view.truth and enrollment.told.open:
        arrivals, told = enrollment.told.visible(arrivals), enrollment.told.told
    releases = service.library.releases(connection)
    until = view.at if view.shown is None else max(view.at, view.shown.folded_to)
    active = active_events(arrivals)
    _, results = refold(releases, enrollment.release, active, until, told=told, trace=conditions)
    retracted = {arrival.uid for arrival in arrivals if isinstance(arrival, Retraction)}
    events = [arrival for arrival in arrivals if isinstance(arrival, Event)]
    return Trace(
        results,
        {event.uid: event for event in active},
        [event for event in events if event.uid in retracted and event.by in OWN],
        entries,
    )
