"""The steps of an enrollment: due timers first, then arrivals. Pure: it neither reads nor writes a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from journeys.engine import Arrival, Releases, Step, advance
from journeys.engine.checkpoints import Checkpoints
from journeys.engine.enrollment import Record
from journeys.engine.past import Log
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.store.log import HistoryLine


@dataclass(frozen=True, slots=True)
class Advance:
    """An enrollment after some steps, and the steps that changed anything."""

    stored: StoredEnrollment
    steps: tuple[Step, ...]

    @property
    def records(self) -> list[HistoryLine]:
        """The new lines of history."""
        return [
            HistoryLine(step.enrollment.revision, record.kind, record.item, record.at, record.data)
            for step in self.steps
            for record in step.records
        ]

    @property
    def revised(self) -> list[tuple[str, int, str]]:
        """The items with a changed result: item, revision of the change, and outcome since."""
        return [
            (record.item, step.enrollment.revision, _outcome_since(record))
            for step in self.steps
            for record in step.records
            if record.kind in ("revised", "undone", "restored")
        ]

    @property
    def restored(self) -> list[str]:
        """The uids of the events that take part again, because their replacements were retracted."""
        return [record.item for step in self.steps for record in step.records if record.kind == "restored"]


def pass_time(releases: Releases, stored: StoredEnrollment, now: datetime) -> Advance:
    """An enrollment with every timer fired that is due by now."""
    due = stored.enrollment.next_due_at
    if due is None or due > now:
        return Advance(stored, ())
    return _advanced(stored, advance(releases, stored.enrollment, tuple, (), now))


def arrive(
    releases: Releases,
    stored: StoredEnrollment,
    arrivals: Sequence[Arrival],
    now: datetime,
    log: Log,
    checkpoints: Checkpoints | None = None,
) -> Advance:
    """An enrollment after arrivals of one call; `stored` must have no timer due by now.

    Raises:
        NewsAmongArrivals: several arrivals of staff concern news, and must arrive one by one.
    """
    return _advanced(stored, advance(releases, stored.enrollment, log, arrivals, now, checkpoints))


def _outcome_since(record: Record) -> str:
    return str(record.data["outcome"]) if record.kind != "undone" and "outcome" in record.data else "undone"


def _advanced(stored: StoredEnrollment, step: Step) -> Advance:
    """The enrollment after a step, and the step where it changed anything."""
    is_changed = step.enrollment.revision != stored.enrollment.revision
    return Advance(replace(stored, enrollment=step.enrollment), (step,) if is_changed else ())
