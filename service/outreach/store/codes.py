"""SQL of the codes that verify contacts, and of those by which patients sign in. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, insert, select, update

from journeys.outreach.verification import SentCode
from service.platform.database.statements import Prepared
from service.platform.database.tables import contact_codes

#: A code that confirms a contact signs nobody in, and the other way round.
CodePurpose = Literal["contact", "sign_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedCode:
    """A code that a person asked for.

    Attributes:
        id: random.
        person, contact: who asked, and the contact to which it goes.
        address_digest: the keyed digest of the address, whatever the person.
        purpose: what it is for.
        requested_at: when the person asked, UTC.
        sent: the code, once it was drawn.
    """

    id: str
    person: str
    contact: str
    address_digest: str
    purpose: CodePurpose = "contact"
    requested_at: datetime
    sent: SentCode | None = None


_INSERT = Prepared(insert(contact_codes))
_ONE = Prepared(select(contact_codes).where(contact_codes.c.id == bindparam("id")))
_REQUESTED_SINCE = select(contact_codes.c.requested_at).where(
    contact_codes.c.purpose == "contact", contact_codes.c.requested_at > bindparam("since")
)
_REQUESTED = Prepared(_REQUESTED_SINCE.where(contact_codes.c.address_digest == bindparam("digest")))
_REQUESTED_BY = Prepared(_REQUESTED_SINCE.where(contact_codes.c.person == bindparam("person")))
_LAST = Prepared(
    select(contact_codes)
    .where(
        contact_codes.c.contact == bindparam("contact"),
        contact_codes.c.purpose == "contact",
        contact_codes.c.drawn_at.is_not(None),
    )
    .order_by(contact_codes.c.drawn_at.desc(), contact_codes.c.id.desc())
    .limit(1)
)
_UPDATE = Prepared(
    update(contact_codes)
    .where(contact_codes.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in ("digest", "drawn_at", "tries", "used_at")})
)


def add_code(connection: Connection, code: RequestedCode) -> None:
    """Stores a code that is not drawn yet."""
    values = {
        "id": code.id,
        "person": code.person,
        "contact": code.contact,
        "address_digest": code.address_digest,
        "purpose": code.purpose,
        "requested_at": code.requested_at,
        "tries": 0,
    }
    _INSERT.run(connection, values)


def find_code(connection: Connection, code: str) -> RequestedCode | None:
    """A code by its id, or None."""
    row = _ONE.first(connection, {"id": code})
    return _code(row) if row is not None else None


def requests_since(connection: Connection, address_digest: str, since: datetime) -> list[datetime]:
    """When codes to confirm an address were asked for since an instant, UTC."""
    return [row.requested_at for row in _REQUESTED.all(connection, {"digest": address_digest, "since": since})]


def requests_by_person_since(connection: Connection, person: str, since: datetime) -> list[datetime]:
    """When a person asked for codes to confirm contacts since an instant, UTC, whatever became of the contacts."""
    return [row.requested_at for row in _REQUESTED_BY.all(connection, {"person": person, "since": since})]


def last_sent(connection: Connection, contact: str) -> RequestedCode | None:
    """The code to confirm a contact that was drawn last, or None."""
    row = _LAST.first(connection, {"contact": contact})
    return _code(row) if row is not None else None


def update_code(connection: Connection, code: str, sent: SentCode, now: datetime) -> None:
    """Stores what has changed of a code that was drawn."""
    used_at = now if sent.is_used else None
    values = {"digest": sent.digest, "drawn_at": sent.drawn_at, "tries": sent.tries, "used_at": used_at}
    _UPDATE.run(connection, {"the_id": code, **values})


def _code(row: Any) -> RequestedCode:
    sent = None if row.digest is None else SentCode(row.digest, row.drawn_at, row.tries, row.used_at is not None)
    return RequestedCode(
        id=row.id,
        person=row.person,
        contact=row.contact,
        address_digest=row.address_digest,
        purpose=row.purpose,
        requested_at=row.requested_at,
        sent=sent,
    )
