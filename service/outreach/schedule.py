"""Making messages of reminders: each pending reminder becomes one message, once."""

from __future__ import annotations

from datetime import datetime

from journeys.content.catalogue import DEFAULT_USEFUL_FOR
from journeys.definition.compiler import ReleasePlan
from journeys.primitives.durations import Duration
from service.outreach.store.messages import (
    SCHEDULED,
    StoredMessage,
    UnsentReminder,
    add_message,
    unsent_reminders,
)
from service.publishing.service import Service

BATCH = 50


def schedule_reminders(service: Service) -> int:
    """Makes a message of each pending reminder that has none, at most `BATCH` of them; returns how many."""
    with service.database.reading() as connection:
        if not unsent_reminders(connection, 1):
            return 0
    with service.database.writing() as connection:
        releases = service.library.releases(connection)
        now = service.clock()
        unsent = unsent_reminders(connection, BATCH)
        for reminder in unsent:
            date = date_of(releases[reminder.release].plan, reminder)
            message = StoredMessage(
                id=service.new_id(),
                person=reminder.person,
                enrollment=reminder.enrollment,
                status=SCHEDULED,
                reason=None,
                reminder=reminder.id,
                state=reminder.state,
                piece=reminder.piece,
                due=reminder.due,
                useful_until=date or DEFAULT_USEFUL_FOR.after(reminder.due),
                next_at=now,
                tries=0,
                opened_at=now,
                is_dated=date is not None,
            )
            add_message(connection, message)
        return len(unsent)


def date_of(plan: ReleasePlan, reminder: UnsentReminder) -> datetime | None:
    """The date from which the timer of a reminder counts back, or None where it counts from something that has been."""
    track, _, path = reminder.state.partition(".")
    states = plan.tracks[track].states if track in plan.tracks else {}
    for timer in states[path].timers if path in states else ():
        if timer.remind == reminder.piece and timer.start is not None and timer.delay.is_zero_or_negative:
            return Duration(-timer.delay.months, -timer.delay.rest).after(reminder.due)
    return None
