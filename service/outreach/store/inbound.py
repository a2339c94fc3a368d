"""SQL of the words of persons. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from journeys.outreach.incoming import Reply
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared
from service.platform.database.tables import caregivers, inbound, real_enrollments, tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWords:
    """What a person wrote.

    Attributes:
        id: random; also the id of the task that they open.
        digest: the keyed digest of the source and its id.
        person, contact, channel: who wrote, and from where; what was written in an app has no contact.
        reply: what the person asks for.
        at, received_at: when the person wrote, by the word of the source, and when it arrived, UTC.
        text: what the person wrote, with what it quotes.
    """

    id: str
    digest: str
    person: str
    contact: str
    channel: str
    reply: Reply
    at: datetime
    received_at: datetime
    text: str


#: The channel of what was written in an app, and its contact.
APP, NO_CONTACT = "app", ""


@dataclass(frozen=True, slots=True)
class PersonsEnrollment:
    """The enrollment to which what a person wrote belongs, and its release."""

    id: str
    release: str


_COLUMNS = ("id", "digest", "person", "contact", "channel", "reply", "at", "received_at")
_INSERT = InsertIgnoring(inbound, inbound.c.id)
_FIND = Prepared(
    select(inbound).where(inbound.c.digest == bindparam("digest"), inbound.c.contact == bindparam("contact"))
)
_OF_ENROLLMENT = (
    select(inbound)
    .join_from(inbound, tasks, tasks.c.id == inbound.c.id)
    .where(tasks.c.enrollment == bindparam("enrollment"))
    .order_by(inbound.c.received_at, inbound.c.id)
)
_ENROLLMENT = Prepared(
    select(real_enrollments.c.id, real_enrollments.c.current_release)
    .where(real_enrollments.c.person == bindparam("person"))
    .order_by(real_enrollments.c.ended, real_enrollments.c.created_at.desc(), real_enrollments.c.id)
    .limit(1)
)

_OF_CAREGIVER = Prepared(
    select(real_enrollments.c.id, real_enrollments.c.current_release)
    .join_from(caregivers, real_enrollments, caregivers.c.enrollment == real_enrollments.c.id)
    .where(caregivers.c.person == bindparam("person"))
)


def add_words(connection: Connection, words: StoredWords) -> bool:
    """Stores what a person wrote; false where it is stored already."""
    values = {
        "id": words.id,
        "digest": words.digest,
        "person": words.person,
        "contact": words.contact,
        "channel": words.channel,
        "reply": words.reply,
        "at": words.at,
        "received_at": words.received_at,
        "payload": seal({"text": words.text}),
    }
    return _INSERT.first(connection, values) is not None


def find_words(connection: Connection, digest: str, contact: str) -> StoredWords | None:
    """What a person wrote, by the keyed digest of its source and from a contact."""
    row = _FIND.first(connection, {"digest": digest, "contact": contact})
    return _words(row) if row is not None else None


def words_with_tasks(connection: Connection, enrollment: str) -> list[StoredWords]:
    """What persons wrote that opened a task about an enrollment, in order of arrival."""
    return [_words(row) for row in connection.execute(_OF_ENROLLMENT, {"enrollment": enrollment})]


def _words(row: Any) -> StoredWords:
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return StoredWords(text=unseal(row.payload)["text"], **columns)


def enrollment_for_words(connection: Connection, person: str) -> PersonsEnrollment | None:
    """The enrollment to which what a person wrote belongs: the newest that has not ended, else the newest, if any.

    What a caregiver wrote belongs to that of the patient.
    """
    row = _ENROLLMENT.first(connection, {"person": person}) or _OF_CAREGIVER.first(connection, {"person": person})
    return PersonsEnrollment(*row) if row is not None else None
