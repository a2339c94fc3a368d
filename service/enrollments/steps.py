"""The steps of an enrollment: due timers first, then an arrival. Pure: it neither reads nor writes a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from journeys.engine import Arrival, Enrollment, Releases, Step, active_events, advance
from journeys.engine.advance import Record
from service.enrollments.store.enrollments import StoredEnrollment, ToldFrom
from service.enrollments.store.log import HistoryLine

Log = Callable[[], Sequence[Arrival]]
_BEFORE = timedelta(microseconds=1)


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


def pass_time(releases: Releases, stored: StoredEnrollment, now: datetime, log: Log) -> Advance:
    """An enrollment with every timer fired that is due by now.

    Where a timer begins a hold, the timers before it are a step of their own: the told view includes that step.
    """
    before = stored.enrollment
    due = before.state.next_due_at if before.state is not None else None
    if due is None or due > now:
        return Advance(stored, ())
    step = advance(releases, before, tuple, (), now)
    if before.told is None and step.enrollment.told is not None:
        first = advance(releases, before, tuple, (), step.enrollment.told.view.at - _BEFORE)
        if first.enrollment.revision != before.revision and first.enrollment.told is None:
            second = advance(releases, first.enrollment, tuple, (), now)
            return _advanced(stored, (first, second), log)
    return _advanced(stored, (step,), log)


def arrive(releases: Releases, stored: StoredEnrollment, arrival: Arrival, now: datetime, log: Log) -> Advance:
    """An enrollment after an arrival; `stored` must have no timer due by now."""
    step = advance(releases, stored.enrollment, log, [arrival], now)
    return _advanced(stored, (step,), lambda: [*log(), arrival], arrival)


def release_at(enrollment: Enrollment, log: Sequence[Arrival], at: datetime) -> str:
    """The id of the release in force at a time, by the migrations in the log."""
    release = enrollment.release
    migrations = (event for event in active_events(log) if event.kind == "migrated")
    for migration in sorted(migrations, key=lambda event: (event.at, event.uid)):
        if migration.at <= at:
            release = migration.data["to"]
    return release


def _outcome_since(record: Record) -> str:
    return str(record.data["outcome"]) if record.kind != "undone" and "outcome" in record.data else "undone"


def _advanced(stored: StoredEnrollment, steps: tuple[Step, ...], log: Log, arrival: Arrival | None = None) -> Advance:
    """The steps that changed anything, and the enrollment after them."""
    changed = tuple(
        step
        for step, revision in zip(
            steps, (stored.enrollment.revision, *(step.enrollment.revision for step in steps)), strict=False
        )
        if step.enrollment.revision != revision
    )
    after = steps[-1].enrollment
    return Advance(replace(stored, enrollment=after, told=_told_from(stored, after, log, arrival)), changed)


def _told_from(stored: StoredEnrollment, after: Enrollment, log: Log, arrival: Arrival | None) -> ToldFrom | None:
    """The source of the told view; unchanged while the told view is the same (fold.md, section 12)."""
    before = stored.enrollment
    if after.told is None or after.state is None:
        return None
    if before.told is not None and after.told.view == before.told.view:
        return stored.told
    at = after.told.view.at
    release = release_at(after, log(), at) if after.state.release != after.release else after.release
    if before.told is None and before.state is not None and arrival is not None:
        # The told view includes all entries before this arrival.
        return ToldFrom(release, stored.log_length, None)
    # The told view includes all entries, up to the beginning of the first open hold.
    length = stored.log_length + (arrival is not None and before.state is not None)
    return ToldFrom(release, length, after.state.holds[0].id)
