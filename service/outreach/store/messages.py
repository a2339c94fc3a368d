"""SQL of messages: made of reminders, asked for, changed and listed. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.platform.database.payload import seal, unseal
from service.platform.database.statements import Prepared
from service.platform.database.tables import enrollments, messages, persons, reminders

SCHEDULED, SENDING, UNKNOWN = "scheduled", "sending", "unknown"
FINAL = ("sent", "failed", "expired", "cleared", "suppressed")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message to a person.

    Attributes:
        id: random; also the key by which a provider can tell a repeat.
        person, enrollment: to whom, and of which enrollment.
        status: `scheduled`, `sending` or `unknown`, or one of `FINAL`.
        reason: why it waits or did not leave, or None.
        reminder: the id of the effect that it follows from.
        state: the full path of the state of that effect.
        piece: the key of the piece that it says.
        due: when it fell due, UTC.
        useful_until: from here on it is of no use.
        next_at: when the gate is asked next, or when the lease of a worker ends; None: never.
        tries: how often it was handed over since the gate last chose a channel anew.
        opened_at, ended_at: when it was made, and when it became final.
        is_dated: whether a date ends its use, from which its timer counts back.
    """

    id: str
    person: str
    enrollment: str
    status: str
    reason: str | None
    reminder: str
    state: str
    piece: str
    due: datetime
    useful_until: datetime
    next_at: datetime | None
    tries: int
    opened_at: datetime
    ended_at: datetime | None = None
    is_dated: bool = False


@dataclass(frozen=True, slots=True)
class UnsentReminder:
    """A pending reminder of which no message was made yet."""

    id: str
    enrollment: str
    person: str
    release: str
    state: str
    piece: str
    due: datetime


_UNSENT = Prepared(
    select(
        reminders.c.id,
        reminders.c.enrollment,
        enrollments.c.person,
        enrollments.c.current_release,
        reminders.c.state,
        reminders.c.piece,
        reminders.c.due,
    )
    .join_from(reminders, enrollments)
    .where(reminders.c.status == "pending", reminders.c.message.is_(None), enrollments.c.person.is_not(None))
    .order_by(reminders.c.opened_at)
    .limit(bindparam("count"))
    .with_for_update(of=reminders, skip_locked=True)
)
_POINT = Prepared(
    update(reminders)
    .where(reminders.c.id == bindparam("the_id"), reminders.c.message.is_(None))
    .values(message=bindparam("message"))
)
_INSERT = Prepared(insert(messages))
_ONE = Prepared(select(messages).where(messages.c.id == bindparam("id")))
_NEXT_DUE = Prepared(
    select(messages)
    .join_from(messages, persons)
    .where(messages.c.next_at <= bindparam("now"))
    .order_by(messages.c.next_at, messages.c.id)
    .limit(1)
    .with_for_update(of=persons, skip_locked=True)
)
_OF_PERSON = Prepared(
    select(messages)
    .where(messages.c.person == bindparam("person"), messages.c.status == bindparam("status"))
    .order_by(messages.c.next_at, messages.c.id)
    .limit(bindparam("count"))
)
_OF_ENROLLMENT = (
    select(messages)
    .where(messages.c.enrollment == bindparam("enrollment"), messages.c.id > bindparam("after"))
    .order_by(messages.c.id)
    .limit(bindparam("count"))
)
_UNKNOWN = select(messages).where(messages.c.status == UNKNOWN).order_by(messages.c.id)
_UPDATE = Prepared(
    update(messages)
    .where(messages.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in ("status", "reason", "useful_until", "next_at", "tries", "ended_at")})
)


def unsent_reminders(connection: Connection, count: int) -> list[UnsentReminder]:
    """Pending reminders of which no message was made, the longest open first; no other worker gets the same."""
    return [UnsentReminder(*row) for row in _UNSENT.all(connection, {"count": count})]


def add_message(connection: Connection, message: StoredMessage) -> None:
    """Stores a new message, and lets its reminder point to it."""
    _INSERT.run(
        connection,
        {
            "id": message.id,
            "person": message.person,
            "enrollment": message.enrollment,
            "due": message.due,
            "payload": seal(
                {
                    "reminder": message.reminder,
                    "state": message.state,
                    "piece": message.piece,
                    "is_dated": message.is_dated,
                }
            ),
            "opened_at": message.opened_at,
            **_changing(message),
        },
    )
    _POINT.run(connection, {"the_id": message.reminder, "message": message.id})


def find_message(connection: Connection, message: str) -> StoredMessage | None:
    """A message by its id, or None."""
    row = _ONE.first(connection, {"id": message})
    return _message(row) if row is not None else None


def lock_next_due(connection: Connection, now: datetime) -> StoredMessage | None:
    """The message that is due longest of a person whom no other transaction holds, with the person locked; or None."""
    row = _NEXT_DUE.first(connection, {"now": now})
    return find_message(connection, row.id) if row is not None else None


def messages_of_person(connection: Connection, person: str, status: str, count: int) -> list[StoredMessage]:
    """Messages of a person in a status, first those that are asked about first."""
    rows = _OF_PERSON.all(connection, {"person": person, "status": status, "count": count})
    return [_message(row) for row in rows]


def messages_of_enrollment(connection: Connection, enrollment: str, after: str, count: int) -> list[StoredMessage]:
    """Messages of an enrollment by id, from after an id."""
    rows = connection.execute(_OF_ENROLLMENT, {"enrollment": enrollment, "after": after, "count": count})
    return [_message(row) for row in rows]


def list_unknown(connection: Connection) -> list[StoredMessage]:
    """The messages of which nobody knows whether they arrived, oldest first."""
    return [_message(row) for row in connection.execute(_UNKNOWN)]


def update_message(connection: Connection, message: StoredMessage) -> None:
    """Stores what has changed of a message."""
    _UPDATE.run(connection, {"the_id": message.id, **_changing(message)})


def _changing(message: StoredMessage) -> dict[str, Any]:
    return {
        "status": message.status,
        "reason": message.reason,
        "useful_until": message.useful_until,
        "next_at": message.next_at,
        "tries": message.tries,
        "ended_at": message.ended_at,
    }


def _message(row: Any) -> StoredMessage:
    payload = unseal(row.payload)
    return StoredMessage(
        id=row.id,
        person=row.person,
        enrollment=row.enrollment,
        status=row.status,
        reason=row.reason,
        reminder=payload["reminder"],
        state=payload["state"],
        piece=payload["piece"],
        due=row.due,
        useful_until=row.useful_until,
        next_at=row.next_at,
        tries=row.tries,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        is_dated=payload["is_dated"],
    )
