"""Verification: whether stored states follow from their logs, and which enrollments are stuck. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from journeys.engine import MAX_AHEAD, Difference, verify
from service.enrollments.store import enrollments, log
from service.enrollments.store.enrollments import StoredEnrollment
from service.platform.process import Process

if TYPE_CHECKING:
    from service.publishing.service import Service

PAGE = 200


@dataclass(frozen=True, slots=True)
class StuckEvent:
    """An event that waits (`for_facts` names for what) or was ignored (`why`, by track)."""

    event: str
    type: str
    at: datetime
    outcome: str
    for_facts: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stuck:
    """An enrollment that needs attention: events that had no effect, or timers that cannot be fired."""

    enrollment: str
    journey: str
    events: tuple[StuckEvent, ...]
    failures: int


def verify_all(service: Service) -> Iterator[Difference]:
    """Return every part of a stored enrollment that does not follow from its log."""
    for stored in _all(service):
        with service.database.reading() as connection:
            releases = service.library.releases(connection)
            entries = log.read_log(connection, stored.id, stored.log_length)
            yield from verify(
                releases, stored.enrollment, [entry.arrival for entry in entries], stored.present(service.clock())
            )


def find_ahead(process: Process) -> Iterator[Difference]:
    """The enrollments that are folded beyond the present: a clock was ahead, or an event of them lies in the future."""
    now = process.clock()
    for stored in _all(process):
        state = stored.enrollment.state
        if state is not None and state.folded_to > stored.present(now) + MAX_AHEAD:
            yield Difference(stored.id, "time")


def find_stuck(process: Process) -> Iterator[Stuck]:
    """The enrollments whose events wait or were ignored, or whose timers fail."""
    with process.database.reading() as connection:
        ignoring = set(log.with_ignored(connection))
    for stored in _all(process):
        if stored.is_sandbox:
            continue
        events = list(_waiting(stored))
        if stored.id in ignoring:
            with process.database.reading() as connection:
                events += [
                    StuckEvent(
                        ignored_event.uid,
                        ignored_event.type,
                        ignored_event.occurred_at,
                        "ignored",
                        why=tuple(sorted(set(ignored_event.why.values()))),
                    )
                    for ignored_event in log.list_ignored(connection, stored.id)
                ]
        if events or stored.failures:
            yield Stuck(stored.id, stored.journey, tuple(events), stored.failures)


def _waiting(stored: StoredEnrollment) -> Iterator[StuckEvent]:
    state = stored.enrollment.state
    for waiting_event in state.waiting if state is not None else ():
        yield StuckEvent(
            waiting_event.event,
            waiting_event.type,
            waiting_event.key[0],
            "waiting",
            for_facts=tuple(sorted(waiting_event.missing)),
        )


def _all(process: Process) -> Iterator[StoredEnrollment]:
    after = ""
    while True:
        with process.database.reading() as connection:
            page = enrollments.list_all(connection, after, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].id
