"""SQL of messages: made of reminders, asked for, changed and listed. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, exists, func, insert, select, update

from service.outreach.states import SCHEDULED, SENDING
from service.persons.store import StoredPerson, person_of_row
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared, PreparedForMany, Target
from service.platform.database.tables import messages, persons, real_enrollments, reminders

OF_PERSON = "of_person_"

MessageKind = Literal["reminder", "piece", "answer", "code"]
ANSWER = "answer"
#: The purpose of an answer to what a person wrote, and of a code that the person asked for.


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message to a person. Its defaults are those of a new message.

    Attributes:
        id: random; also the key by which a provider can tell a repeat.
        person, enrollment: to whom, and of which enrollment.
        status: `scheduled`, `sending` or `unknown`, or one of `FINAL`.
        reason: why it waits or did not leave, or None.
        kind: what it is of: a reminder, a piece that is sent by itself, the words of the person, which it answers, or
            the code that verifies a contact.
        subject: the id of the reminder, of the occasion of the piece, or of the contact that is answered or verified.
        state: the full path of the state of a reminder or an occasion; of an answer empty.
        piece: the key of the piece that it says.
        purpose, topic, channels: those of the piece when the message was made, so that its permission can be asked for.
            An answer has the purpose `ANSWER`, which needs no permission, and the channel of the words.
        earlier: the messages by which the same was sent by other channels, of which no receipt came; oldest first.
        due: when it fell due, UTC.
        useful_until: from here on it is of no use.
        next_at: when the gate is asked next, or when the lease of a worker ends; None: never.
        tries: how often it was handed over to this contact.
        opened_at, ended_at: when it was made, and when it became final.
    """

    id: str
    person: str
    enrollment: str
    status: str = SCHEDULED
    reason: str | None = None
    kind: MessageKind
    subject: str
    state: str = ""
    piece: str
    purpose: str
    topic: str | None = None
    channels: tuple[str, ...]
    due: datetime
    useful_until: datetime
    next_at: datetime | None
    tries: int = 0
    opened_at: datetime
    ended_at: datetime | None = None
    earlier: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The id of the first message that sent the same."""
        return next(iter(self.earlier), self.id)

    @property
    def is_answer(self) -> bool:
        """Whether the person asked for it, by what they wrote or for a code, so that it needs no permission."""
        return self.kind in ("answer", "code")


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message that is due, and its person."""

    message: StoredMessage
    person: StoredPerson


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
        real_enrollments.c.person,
        real_enrollments.c.current_release,
        reminders.c.state,
        reminders.c.piece,
        reminders.c.due,
    )
    .join_from(reminders, real_enrollments)
    .where(reminders.c.status == "pending", reminders.c.message.is_(None), real_enrollments.c.person.is_not(None))
    .order_by(reminders.c.opened_at, reminders.c.id)
    .limit(bindparam("count"))
)
_RECALLED = PreparedForMany(select(reminders.c.id).where(reminders.c.status == "recalled"), reminders.c.id)
_POINT = Prepared(
    update(reminders)
    .where(reminders.c.id == bindparam("the_id"), reminders.c.status == "pending", reminders.c.message.is_(None))
    .values(message=bindparam("message"))
    .returning(reminders.c.id)
)
_CHANGING = ("status", "reason", "due", "useful_until", "next_at", "tries", "ended_at")
_INSERT = Prepared(insert(messages))
_INSERT_ONCE = InsertIgnoring(messages, messages.c.id)
_BY_ID = PreparedForMany(select(messages), messages.c.id)
#: A person gets one message after the other: while one is being handed over, the next is not claimed.
_under_way = messages.alias("under_way")
_IS_DUE = (messages.c.next_at <= bindparam("now")) & ~exists().where(
    _under_way.c.person == messages.c.person, _under_way.c.status == SENDING, _under_way.c.next_at > bindparam("now")
)
_STILL_DUE = PreparedForMany(select(messages).where(_IS_DUE), messages.c.id)
_NEXT_DUE = Prepared(
    select(messages, *(column.label(f"{OF_PERSON}{column.name}") for column in persons.c))
    .join_from(messages, persons)
    .where(_IS_DUE)
    .order_by(messages.c.next_at, messages.c.id)
    .limit(bindparam("count"))
    .with_for_update(of=persons, skip_locked=True, key_share=True)
)
_DUE_OF_PERSON = PreparedForMany(
    select(messages)
    .where(messages.c.status == SCHEDULED, messages.c.next_at <= bindparam("now"))
    .order_by(messages.c.next_at, messages.c.id),
    messages.c.person,
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
_OF_ENROLLMENT_AND_PERSON = _OF_ENROLLMENT.where(messages.c.person == bindparam("person"))
_NEXT_INSTANT = select(func.min(messages.c.next_at))
_OF_STATUS = select(messages).where(messages.c.status == bindparam("status")).order_by(messages.c.id)
_UPDATE = Prepared(
    update(messages).where(messages.c.id == bindparam("the_id")).values({name: bindparam(name) for name in _CHANGING})
)
_MOVE_UP = Prepared(
    update(messages)
    .where(
        messages.c.occasion == bindparam("the_occasion"),
        messages.c.status == SCHEDULED,
        messages.c.next_at > bindparam("at"),
    )
    .values(next_at=bindparam("at"))
)


def unsent_reminders(connection: Connection, count: int) -> list[UnsentReminder]:
    """Pending reminders of which no message was made, the longest open first."""
    return [UnsentReminder(*row) for row in _UNSENT.all(connection, {"count": count})]


def add_message_of_reminder(connection: Connection, message: StoredMessage) -> bool:
    """Stores a new message, and lets its reminder point to it; false where the reminder has a message already."""
    if _POINT.first(connection, {"the_id": message.subject, "message": message.id}) is None:
        return False
    add_message(connection, message)
    return True


def add_message_of_occasion(connection: Connection, message: StoredMessage, digest: str) -> bool:
    """Stores a new message of an occasion with a keyed digest; false where the occasion has a message already."""
    return _INSERT_ONCE.first(connection, {**_values(message), "occasion": digest}) is not None


def move_up(connection: Connection, digest: str, at: datetime) -> None:
    """Has the gate asked at an instant (UTC) about the message of an occasion, unless it is asked before."""
    _MOVE_UP.run(connection, {"the_occasion": digest, "at": at})


def add_message(target: Target, message: StoredMessage) -> None:
    """Stores a new message."""
    _INSERT.run(target, _values(message))


def find_message(connection: Connection, message: str) -> StoredMessage | None:
    """A message by its id, or None."""
    return query_messages(connection, [message])().get(message)


def query_messages(connection: Connection, ids: Collection[str]) -> Callable[[], dict[str, StoredMessage]]:
    """A function that fetches messages by their ids; see `Prepared.send`."""
    groups = _BY_ID.send_groups(connection, ids)
    return lambda: {id: _message(row) for id, rows in groups().items() for row in rows}


def next_due(connection: Connection, now: datetime, count: int = 1) -> list[DueMessage]:
    """Up to `count` messages, each of another person, those that are due longest; empty only where none is due.

    Within a transaction their persons are locked; those whom another transaction has locked are passed over. PostgreSQL
    locks the person as of now, but reads the message as of the beginning of the statement: a message that another
    sender has taken meanwhile is not due any more, and the next is looked for.
    """
    while rows := _NEXT_DUE.all(connection, {"now": now, "count": count}):
        current = {row.id: [row] for row in rows}
        if connection.dialect.name == "postgresql":
            current = _STILL_DUE.groups(connection, list(current), {"now": now})
        due: dict[str, DueMessage] = {}
        for row in rows:
            if current[row.id] and row.person not in due:
                due[row.person] = DueMessage(_message(current[row.id][0]), person_of_row(row, OF_PERSON))
        if due:
            return list(due.values())
    return []


def query_recalled(connection: Connection, reminders: Collection[str]) -> Callable[[], frozenset[str]]:
    """A function that fetches which of these reminders were recalled; see `Prepared.send`."""
    groups = _RECALLED.send_groups(connection, reminders)
    return lambda: frozenset(reminder for reminder, rows in groups().items() if rows)


def messages_of_person(connection: Connection, person: str, status: str, count: int) -> list[StoredMessage]:
    """Messages of a person in a status, first those that are asked about first."""
    rows = _OF_PERSON.all(connection, {"person": person, "status": status, "count": count})
    return [_message(row) for row in rows]


def query_due_messages(
    connection: Connection, persons: Collection[str], now: datetime
) -> Callable[[], dict[str, list[StoredMessage]]]:
    """A function that fetches the messages of each person that wait for the gate and are due; see `Prepared.send`.

    First come those that are asked about first.
    """
    groups = _DUE_OF_PERSON.send_groups(connection, persons, {"now": now})
    return lambda: {person: [_message(row) for row in rows] for person, rows in groups().items()}


def messages_of_enrollment(
    connection: Connection, enrollment: str, after: str, count: int, *, person: str | None = None
) -> list[StoredMessage]:
    """Messages of an enrollment by id, from after an id; those to one person, or to the patient and the caregivers."""
    values = {"enrollment": enrollment, "after": after, "count": count}
    if person is None:
        return [_message(row) for row in connection.execute(_OF_ENROLLMENT, values)]
    rows = connection.execute(_OF_ENROLLMENT_AND_PERSON, {**values, "person": person})
    return [_message(row) for row in rows]


def next_instant(connection: Connection) -> datetime | None:
    """The earliest instant at which the gate is asked about a message, or None."""
    return connection.execute(_NEXT_INSTANT).scalar()


def messages_of_status(connection: Connection, status: str) -> list[StoredMessage]:
    """All messages of a status, oldest first."""
    return [_message(row) for row in connection.execute(_OF_STATUS, {"status": status})]


def update_message(target: Target, message: StoredMessage) -> None:
    """Stores what has changed of a message."""
    _UPDATE.run(target, {"the_id": message.id, **_changing(message)})


def _values(message: StoredMessage) -> dict[str, Any]:
    payload = {
        "kind": message.kind,
        "subject": message.subject,
        "state": message.state,
        "piece": message.piece,
        "purpose": message.purpose,
        "topic": message.topic,
        "channels": list(message.channels),
        "earlier": list(message.earlier),
    }
    return {
        "id": message.id,
        "person": message.person,
        "enrollment": message.enrollment,
        "occasion": None,
        "payload": seal(payload),
        "opened_at": message.opened_at,
        **_changing(message),
    }


def _changing(message: StoredMessage) -> dict[str, Any]:
    return {
        "status": message.status,
        "reason": message.reason,
        "due": message.due,
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
        kind=payload["kind"],
        subject=payload["subject"],
        state=payload["state"],
        piece=payload["piece"],
        purpose=payload["purpose"],
        topic=payload.get("topic"),  # messages of earlier versions have none
        channels=tuple(payload["channels"]),
        due=row.due,
        useful_until=row.useful_until,
        next_at=row.next_at,
        tries=row.tries,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        earlier=tuple(payload["earlier"]),
    )
