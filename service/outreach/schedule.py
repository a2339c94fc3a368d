"""Making messages of reminders: each pending reminder becomes one message, once."""

from __future__ import annotations

from datetime import datetime, timedelta

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

USEFUL_FOR = timedelta(days=3)
#: For how long a message is of use, unless its timer counts back from a date: then until that date.
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
            add_message(
                connection,
                StoredMessage(
                    id=service.new_id(),
                    person=reminder.person,
                    enrollment=reminder.enrollment,
                    status=SCHEDULED,
                    reason=None,
                    reminder=reminder.id,
                    state=reminder.state,
                    piece=reminder.piece,
                    due=reminder.due,
                    useful_until=useful_until(releases[reminder.release].plan, reminder),
                    next_at=now,
                    tries=0,
                    opened_at=now,
                ),
            )
        return len(unsent)


def useful_until(plan: ReleasePlan, reminder: UnsentReminder) -> datetime:
    """The end of a reminder's use: the date from which its timer counts back, else some days after it fell due."""
    track, _, path = reminder.state.partition(".")
    states = plan.tracks[track].states if track in plan.tracks else {}
    if path in states:
        for timer in states[path].timers:
            if timer.remind == reminder.piece and timer.start is not None and timer.delay.is_zero_or_negative:
                return Duration(-timer.delay.months, -timer.delay.rest).after(reminder.due)
    return reminder.due + USEFUL_FOR
