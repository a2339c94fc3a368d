"""SQL of providers' receipts. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select

from journeys.outreach.incoming import ProviderReceipt
from service.outreach.store.attempts import StoredAttempt
from service.platform.database.statements import InsertIgnoring, Prepared, PreparedForMany
from service.platform.database.tables import receipts

ARRIVED = ("delivered", "opened", "clicked")
#: The receipts that say that a message was delivered or seen.
_INSERT = InsertIgnoring(receipts, receipts.c.digest)
_OF_CONTACT = Prepared(
    select(receipts.c.digest, receipts.c.at, receipts.c.kind, receipts.c.code).where(
        receipts.c.contact == bindparam("contact")
    )
)
_ARRIVED = PreparedForMany(
    select(receipts.c.message).where(or_(*(receipts.c.kind == kind for kind in ARRIVED))), receipts.c.message
)


def add_receipt(connection: Connection, receipt: ProviderReceipt, attempt: StoredAttempt, now: datetime) -> bool:
    """Stores a receipt of an attempt, whose id is the digest of its source and id; false where it is stored already."""
    values = {
        "digest": receipt.id,
        "message": attempt.message,
        "contact": attempt.contact,
        "kind": receipt.kind,
        "code": receipt.status,
        "at": receipt.at,
        "received_at": now,
    }
    return _INSERT.first(connection, values) is not None


def query_arrived(connection: Connection, messages: Collection[str]) -> Callable[[], frozenset[str]]:
    """A function that fetches which messages a receipt calls delivered or seen; see `Prepared.send`."""
    groups = _ARRIVED.send_groups(connection, messages)
    return lambda: frozenset(message for message, rows in groups().items() if rows)


def receipts_of_contact(connection: Connection, contact: str) -> list[ProviderReceipt]:
    """The receipts of the messages to a contact, in any order."""
    rows = _OF_CONTACT.all(connection, {"contact": contact})
    return [ProviderReceipt(row.digest, row.at, row.kind, row.code) for row in rows]
