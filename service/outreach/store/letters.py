"""SQL of letters: queued, printed in batches, posted, returned or withdrawn. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared
from service.platform.database.tables import letters

QUEUED, PRINTED, POSTED, RETURNED, WITHDRAWN = "queued", "printed", "posted", "returned", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPage:
    """The words of a letter: its language, both addresses, the day it was written, its title, and its safe HTML."""

    locale: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    day: str
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLetter:
    """A letter, without its words.

    Attributes:
        id: random; printed on the letter.
        message, person, contact: the message that it carries, to whom, and to which address.
        status: `queued`, `printed`, `posted`, `returned` or `withdrawn`.
        batch: the id of the batch that it was printed in, or None.
        queued_at, changed_at: when it was queued, and when its status last changed, UTC.
    """

    id: str
    message: str
    person: str
    contact: str
    status: str
    batch: str | None
    queued_at: datetime
    changed_at: datetime


_COLUMNS = (
    *(letters.c.id, letters.c.message, letters.c.person, letters.c.contact, letters.c.status, letters.c.batch),
    *(letters.c.queued_at, letters.c.changed_at),
)
_IN_ORDER = (letters.c.queued_at, letters.c.id)
_INSERT = InsertIgnoring(letters, letters.c.id)
_ONE = Prepared(select(*_COLUMNS).where(letters.c.id == bindparam("id")))
_OF_MESSAGE = Prepared(select(*_COLUMNS).where(letters.c.message == bindparam("message")))
_OF_STATUS = Prepared(select(*_COLUMNS).where(letters.c.status == bindparam("status")).order_by(*_IN_ORDER))
_OF_PERSON = Prepared(
    select(*_COLUMNS)
    .where(letters.c.person == bindparam("person"), letters.c.status == bindparam("status"))
    .order_by(*_IN_ORDER)
)
_OF_BATCH = Prepared(select(*_COLUMNS).where(letters.c.batch == bindparam("batch")).order_by(*_IN_ORDER))
_PAGES = Prepared(
    select(letters.c.id, letters.c.payload).where(letters.c.batch == bindparam("batch")).order_by(*_IN_ORDER)
)
_MOVE = update(letters).where(letters.c.id == bindparam("the_id"), letters.c.status == bindparam("before"))
_CHANGE: dict[str, Any] = {"status": bindparam("to"), "changed_at": bindparam("now")}
_PRINT = Prepared(_MOVE.values(**_CHANGE, batch=bindparam("the_batch")).returning(letters.c.id))
_QUEUE_AGAIN = Prepared(
    _MOVE.values(
        **_CHANGE, contact=bindparam("the_contact"), payload=bindparam("the_payload"), queued_at=bindparam("queued_at")
    ).returning(letters.c.id)
)
_END = Prepared(_MOVE.values(**_CHANGE, payload=None).returning(letters.c.id))


def add_letter(connection: Connection, letter: StoredLetter, page: LetterPage) -> bool:
    """Stores a new letter; false where its message has one already."""
    values = {
        "id": letter.id,
        "message": letter.message,
        "person": letter.person,
        "contact": letter.contact,
        "status": letter.status,
        "batch": letter.batch,
        "payload": _sealed(page),
        "queued_at": letter.queued_at,
        "changed_at": letter.changed_at,
    }
    return _INSERT.first(connection, values) is not None


def queue_again(connection: Connection, before: str, letter: StoredLetter, page: LetterPage) -> bool:
    """Puts a letter with its contact and words into the queue in place of the same letter, by its id, as it was.

    False where it is not in the status `before` any more.
    """
    values = {
        "the_id": letter.id,
        "before": before,
        "to": QUEUED,
        "the_contact": letter.contact,
        "the_payload": _sealed(page),
        "queued_at": letter.queued_at,
        "now": letter.changed_at,
    }
    return _QUEUE_AGAIN.first(connection, values) is not None


def find_letter(connection: Connection, letter: str) -> StoredLetter | None:
    """A letter by its id, or None."""
    row = _ONE.first(connection, {"id": letter})
    return StoredLetter(**row._asdict()) if row is not None else None


def letter_of_message(connection: Connection, message: str) -> StoredLetter | None:
    """The letter that carries a message, or None."""
    row = _OF_MESSAGE.first(connection, {"message": message})
    return StoredLetter(**row._asdict()) if row is not None else None


def letters_of_status(connection: Connection, status: str) -> list[StoredLetter]:
    """All letters of a status, the longest queued first."""
    return [StoredLetter(**row._asdict()) for row in _OF_STATUS.all(connection, {"status": status})]


def letters_of_person(connection: Connection, person: str, status: str) -> list[StoredLetter]:
    """The letters of a person in a status, the longest queued first."""
    rows = _OF_PERSON.all(connection, {"person": person, "status": status})
    return [StoredLetter(**row._asdict()) for row in rows]


def letters_of_batch(connection: Connection, batch: str) -> list[StoredLetter]:
    """The letters of a batch, the longest queued first."""
    return [StoredLetter(**row._asdict()) for row in _OF_BATCH.all(connection, {"batch": batch})]


def pages_of_batch(connection: Connection, batch: str) -> list[tuple[str, LetterPage]]:
    """The ids and words of the letters of a batch that are not posted yet, the longest queued first."""
    return [
        (row.id, _page(unseal(row.payload)))
        for row in _PAGES.all(connection, {"batch": batch})
        if row.payload is not None
    ]


def put_into_batch(connection: Connection, letter: str, batch: str, now: datetime) -> bool:
    """Marks a queued letter as printed in a batch; false where it is not queued any more."""
    values = {"the_id": letter, "before": QUEUED, "to": PRINTED, "the_batch": batch, "now": now}
    return _PRINT.first(connection, values) is not None


def end_letter(connection: Connection, letter: str, before: str, to: str, now: datetime) -> bool:
    """Moves a letter to a status in which nobody needs its words, which are erased.

    False where it is not in the status `before` any more.
    """
    values = {"the_id": letter, "before": before, "to": to, "now": now}
    return _END.first(connection, values) is not None


def _sealed(page: LetterPage) -> bytes:
    return seal(
        {
            "locale": page.locale,
            "sender": list(page.sender),
            "recipient": list(page.recipient),
            "day": page.day,
            "title": page.title,
            "body": page.body,
        }
    )


def _page(payload: dict[str, Any]) -> LetterPage:
    addresses = {name: tuple(payload[name]) for name in ("sender", "recipient")}
    return LetterPage(**{**payload, **addresses})
