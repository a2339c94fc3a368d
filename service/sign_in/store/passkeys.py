"""SQL of the passkeys of patients. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared
from service.platform.database.tables import passkeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of a patient.

    Attributes:
        id: random.
        person: the id of the patient's person.
        credential_digest: the keyed digest of the credential's id.
        credential, public_key: the id and the public key, in base64url.
        browser, system: in which it was made; see `devices`.
        sign_count: how often the device says that it was used.
        created_at, used_at: when it was made and used last, UTC.
    """

    id: str
    person: str
    credential_digest: str
    credential: str
    public_key: str
    browser: str
    system: str
    sign_count: int
    created_at: datetime
    used_at: datetime | None = None


_OF_CREDENTIAL = select(passkeys).where(passkeys.c.credential_digest == bindparam("digest")).with_for_update()
_OF_PERSON = Prepared(
    select(passkeys).where(passkeys.c.person == bindparam("person")).order_by(passkeys.c.created_at, passkeys.c.id)
)
_INSERT = InsertIgnoring(passkeys, passkeys.c.id)
_USE = (
    update(passkeys)
    .where(passkeys.c.id == bindparam("the_id"))
    .values(sign_count=bindparam("count"), used_at=bindparam("at"))
)
_DELETE = delete(passkeys).where(passkeys.c.id == bindparam("the_id"), passkeys.c.person == bindparam("the_person"))


def lock_passkey(connection: Connection, credential_digest: str) -> Passkey | None:
    """The passkey of a credential, which nobody else uses before this transaction ends; or None."""
    row = connection.execute(_OF_CREDENTIAL, {"digest": credential_digest}).first()
    return _passkey(row) if row is not None else None


def passkeys_of_person(connection: Connection, person: str) -> list[Passkey]:
    """The passkeys of a person, oldest first."""
    return [_passkey(row) for row in _OF_PERSON.all(connection, {"person": person})]


def add_passkey(connection: Connection, passkey: Passkey) -> bool:
    """Stores a new passkey; false where somebody has its credential already."""
    values = {
        "id": passkey.id,
        "person": passkey.person,
        "credential_digest": passkey.credential_digest,
        "payload": seal({"credential": passkey.credential, "public_key": passkey.public_key}),
        "browser": passkey.browser,
        "system": passkey.system,
        "sign_count": passkey.sign_count,
        "created_at": passkey.created_at,
    }
    return _INSERT.first(connection, values) is not None


def note_use(connection: Connection, passkey: str, sign_count: int, now: datetime) -> None:
    """Stores the last use of a passkey."""
    connection.execute(_USE, {"the_id": passkey, "count": sign_count, "at": now})


def delete_passkey(connection: Connection, person: str, passkey: str) -> bool:
    """Deletes a passkey of a person; false where the person has none of this id."""
    return connection.execute(_DELETE, {"the_id": passkey, "the_person": person}).rowcount == 1


def _passkey(row: Any) -> Passkey:
    payload = unseal(row.payload)
    return Passkey(
        id=row.id,
        person=row.person,
        credential_digest=row.credential_digest,
        credential=payload["credential"],
        public_key=payload["public_key"],
        browser=row.browser,
        system=row.system,
        sign_count=row.sign_count,
        created_at=row.created_at,
        used_at=row.used_at,
    )
