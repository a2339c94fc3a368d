"""SQL of what waits to leave, and of what could not, for operators. It names no patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, select, text

from service.effects.store.looks import Looker
from service.outreach.states import FAILED, SCHEDULED, SENDING, UNKNOWN
from service.outreach.store.letters import PRINTED, QUEUED
from service.platform.database.tables import attempts, letters, looks, messages, real_enrollments, records, reminders

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FailedMessages:
    """How many messages failed on a channel."""

    channel: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingTotals:
    """What waits to leave, and what could not.

    Attributes:
        oldest_message: since when the message, or the reminder without one, that is due longest waits; None: none is.
        abandoned: the messages whose sender died, and which no other sender has looked at.
        unknown: the messages of use of which nobody knows whether they arrived.
        failed: the messages that failed within a day, by the channel of their last attempt.
        oldest_letter: since when the letter that has waited longest to be printed, or confirmed as posted, has waited.
        oldest_change: since when the feed lacks a change of an enrollment.
    """

    oldest_message: datetime | None
    abandoned: int
    unknown: int
    failed: tuple[FailedMessages, ...]
    oldest_letter: datetime | None
    oldest_change: datetime | None


_IS_DUE = messages.c.next_at <= bindparam("now")
_OLDEST_MESSAGE = select(func.min(messages.c.next_at)).where(messages.c.status == SCHEDULED, _IS_DUE)
_OLDEST_REMINDER = (
    select(reminders.c.opened_at)
    .join_from(reminders, real_enrollments)
    .where(reminders.c.status == "pending", reminders.c.message.is_(None), real_enrollments.c.person.is_not(None))
    .order_by(reminders.c.opened_at)
    .limit(1)
)
_ABANDONED = select(func.count()).select_from(messages).where(messages.c.status == SENDING, _IS_DUE)
_IS_INDEXED = text("messages.status IN ('unknown', 'failed')")  # as the index says
_UNKNOWN = (
    select(func.count())
    .select_from(messages)
    .where(messages.c.status == UNKNOWN, messages.c.useful_until > bindparam("now"), _IS_INDEXED)
)
_later = attempts.alias("later")
_FAILED = (
    select(attempts.c.channel, func.count())
    .join_from(messages, attempts)
    .outerjoin(_later, and_(_later.c.message == messages.c.id, _later.c.sequence > attempts.c.sequence))
    .where(
        messages.c.status == FAILED,
        messages.c.ended_at > bindparam("since"),
        _IS_INDEXED,
        _later.c.message.is_(None),
    )
    .group_by(attempts.c.channel)
    .order_by(attempts.c.channel)
)
_OLDEST_LETTER = select(func.min(letters.c.changed_at)).where(letters.c.status.in_((QUEUED, PRINTED)))
_OF_LOOKER = looks.c.looker == bindparam("looker")
_OLDEST_LOOK = select(func.min(looks.c.next_at)).where(_OF_LOOKER, looks.c.next_at <= bindparam("now"))
_first_change = (
    select(func.min(records.c.recorded_at))
    .where(records.c.enrollment == real_enrollments.c.id, records.c.revision > func.coalesce(looks.c.revision, -1))
    .correlate(real_enrollments, looks)
    .scalar_subquery()
)
_changes = (
    select(_first_change.label("at"))
    .select_from(real_enrollments.outerjoin(looks, and_(_OF_LOOKER, looks.c.enrollment == real_enrollments.c.id)))
    .where(looks.c.revision.is_distinct_from(real_enrollments.c.revision))
    .subquery()
)
_OLDEST_CHANGE = select(func.min(_changes.c.at))


def outgoing_totals(connection: Connection, now: datetime, *, sends: bool, publishes: bool) -> OutgoingTotals:
    """What waits to leave, and what could not.

    Args:
        connection: the database.
        now: the present, UTC.
        sends: whether a channel is set up, so that messages are to be made.
        publishes: whether the feed is to be published.
    """
    waiting = [connection.execute(_OLDEST_MESSAGE, {"now": now}).scalar()]
    if sends:
        waiting += [connection.execute(_OLDEST_REMINDER).scalar(), _oldest_change(connection, "messages", now)]
    return OutgoingTotals(
        oldest_message=_earliest(*waiting),
        abandoned=connection.execute(_ABANDONED, {"now": now}).scalar_one(),
        unknown=connection.execute(_UNKNOWN, {"now": now}).scalar_one(),
        failed=tuple(FailedMessages(*row) for row in connection.execute(_FAILED, {"since": now - A_DAY})),
        oldest_letter=connection.execute(_OLDEST_LETTER).scalar(),
        oldest_change=_oldest_change(connection, "feed", now) if publishes else None,
    )


def _oldest_change(connection: Connection, looker: Looker, now: datetime) -> datetime | None:
    """When the enrollment changed, or was to be looked at, that has waited longest for a look."""
    return _earliest(
        connection.execute(_OLDEST_LOOK, {"looker": looker, "now": now}).scalar(),
        connection.execute(_OLDEST_CHANGE, {"looker": looker}).scalar(),
    )


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
