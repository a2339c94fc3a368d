"""An enrollment's steps: time passes first, then what arrives; and what of each the outside is told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from journeys.engine import Arrival, Enrollment, Event, Releases, Step, active_events, advance, effects_of
from journeys.engine.advance import Record
from service.enrollments.store.enrollments import Stored, ToldFrom
from service.enrollments.store.log import Recorded

Log = Callable[[], Sequence[Arrival]]
_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of an enrollment, and the steps it took."""

    stored: Stored
    steps: tuple[Step, ...]

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.steps)

    @property
    def records(self) -> list[Recorded]:
        """The new lines of history."""
        return [
            Recorded(step.enrollment.revision, record.kind, record.item, record.at, record.data)
            for step in self.steps
            for record in step.records
        ]

    @property
    def revised(self) -> list[tuple[str, int, str]]:
        """The items whose earlier result no longer holds, the revision that says so, and their outcome since."""
        return [
            (record.item, step.enrollment.revision, _outcome_since(record))
            for step in self.steps
            for record in step.records
            if record.kind in ("revised", "undone")
        ]


def pass_time(releases: Releases, stored: Stored, now: datetime, log: Log) -> Passed:
    """An enrollment with every timer fired that is due by now.

    Where a timer begins a hold, what fired before it is a step of its own: the patient was told that much.
    """
    before = stored.enrollment
    due = before.state.next_due_at if before.state is not None else None
    if due is None or due > now:
        return Passed(stored, ())
    step = advance(releases, before, tuple, (), now)
    if before.told is None and step.enrollment.told is not None:
        first = advance(releases, before, tuple, (), step.enrollment.told.view.at - _BEFORE)
        if first.enrollment.revision != before.revision and first.enrollment.told is None:
            second = advance(releases, first.enrollment, tuple, (), now)
            return _passed(stored, (first, second), log)
    return _passed(stored, (step,), log)


def arrive(releases: Releases, stored: Stored, arrival: Arrival, now: datetime, log: Log) -> Passed:
    """An enrollment after something arrived; every timer due by now must have fired."""
    step = advance(releases, stored.enrollment, log, [arrival], now)
    return _passed(stored, (step,), lambda: [*log(), arrival], arrival)


def decide(before: Enrollment, passed: Passed, event: Event, releases: Releases, *, masked: bool) -> dict[str, Any]:
    """The decision on an event, as it is stored and answered for ever.

    `masked`: for a reader who sees what the patient was told, while something is held. Nothing is revealed then.
    """
    step = passed.steps[-1]
    result = step.results[event.uid]
    decision: dict[str, Any] = result.to_stored() | {"cleared": list(step.cleared)}
    if not masked:
        return decision
    ends = event.type in releases[before.release].plan.ends and result.outcome == "advanced"
    outcome = "advanced" if ends else "stayed"
    return {
        "event": event.uid,
        "outcome": outcome,
        "by_track": dict.fromkeys(decision["by_track"], outcome),
        "transitions": [],
        "waiting_for": [],
        "cleared": [],
    }


def cleared_reminders(before: Enrollment, step: Step, releases: Releases) -> list[str]:
    """Of what a step cleared, the reminders: what a patient may know of."""
    if before.state is None or not step.cleared:
        return []
    following = effects_of(before.state, releases[before.state.release].plan)
    reminders = {one.id for one in following if one.kind == "reminder"}
    return [effect.name for effect in step.effects if effect.action == "clear" and effect.id in reminders]


def release_at(enrollment: Enrollment, log: Sequence[Arrival], at: datetime) -> str:
    """The release in force at an instant, by the migrations in the log."""
    release = enrollment.release
    moves = (event for event in active_events(log) if event.kind == "migrated")
    for move in sorted(moves, key=lambda event: (event.at, event.uid)):
        if move.at <= at:
            release = move.data["to"]
    return release


def _outcome_since(record: Record) -> str:
    return str(record.data["outcome"]) if record.kind == "revised" and "outcome" in record.data else "undone"


def _passed(stored: Stored, steps: tuple[Step, ...], log: Log, arrival: Arrival | None = None) -> Passed:
    """The steps that changed anything, and the enrollment after them."""
    changed = tuple(
        step
        for step, revision in zip(
            steps, (stored.enrollment.revision, *(one.enrollment.revision for one in steps)), strict=False
        )
        if step.enrollment.revision != revision
    )
    after = steps[-1].enrollment
    return Passed(replace(stored, enrollment=after, told=_told_from(stored, after, log, arrival)), changed)


def _told_from(stored: Stored, after: Enrollment, log: Log, arrival: Arrival | None) -> ToldFrom | None:
    """What the told view is made of: as before, unless it is another one now (fold.md, section 12)."""
    before = stored.enrollment
    if after.told is None or after.state is None:
        return None
    if before.told is not None and after.told.view == before.told.view:
        return stored.told
    at = after.told.view.at
    release = release_at(after, log(), at) if after.state.release != after.release else after.release
    if before.told is None and before.state is not None and arrival is not None:
        # All that was known before this arrival.
        return ToldFrom(release, stored.log_length, None)
    # All that is known, up to the beginning of the first hold that is still open.
    length = stored.log_length + (arrival is not None and before.state is not None)
    return ToldFrom(release, length, after.state.holds[0].id)
