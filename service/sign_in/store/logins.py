"""SQL of the logins of patients at providers. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared
from service.platform.database.tables import patient_logins, unlinked_logins


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientLogin:
    """A login of a patient at a provider (its key in the configuration); `name` is what the provider calls them."""

    id: str
    person: str
    provider: str
    subject_digest: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkedLogin:
    """A login that a provider recognised in a browser, and no patient has; `claims` are those that are taken."""

    browser: str
    provider: str
    subject_digest: str
    claims: Mapping[str, str]
    created_at: datetime


_OF_SUBJECT = Prepared(select(patient_logins).where(patient_logins.c.subject_digest == bindparam("digest")))
_OF_PERSON = Prepared(
    select(patient_logins)
    .where(patient_logins.c.person == bindparam("person"))
    .order_by(patient_logins.c.created_at, patient_logins.c.id)
)
_INSERT = InsertIgnoring(patient_logins, patient_logins.c.id)
_DELETE = delete(patient_logins).where(
    patient_logins.c.id == bindparam("the_id"), patient_logins.c.person == bindparam("the_person")
)
_UNLINKED = Prepared(select(unlinked_logins).where(unlinked_logins.c.browser == bindparam("browser")))
_INSERT_UNLINKED = insert(unlinked_logins)
_DELETE_UNLINKED = delete(unlinked_logins).where(unlinked_logins.c.browser == bindparam("the_browser"))
_FORGET_UNLINKED = delete(unlinked_logins).where(unlinked_logins.c.created_at < bindparam("before"))


def find_login(connection: Connection, subject_digest: str) -> PatientLogin | None:
    """The login of a subject, or None."""
    row = _OF_SUBJECT.first(connection, {"digest": subject_digest})
    return _login(row) if row is not None else None


def logins_of_person(connection: Connection, person: str) -> list[PatientLogin]:
    """The logins of a person, oldest first."""
    return [_login(row) for row in _OF_PERSON.all(connection, {"person": person})]


def add_login(connection: Connection, login: PatientLogin) -> bool:
    """Stores a new login; false where somebody has it already."""
    values = {
        "id": login.id,
        "person": login.person,
        "provider": login.provider,
        "subject_digest": login.subject_digest,
        "payload": seal({"name": login.name}),
        "created_at": login.created_at,
    }
    return _INSERT.first(connection, values) is not None


def delete_login(connection: Connection, person: str, login: str) -> bool:
    """Deletes a login of a person; false where the person has none of this id."""
    return connection.execute(_DELETE, {"the_id": login, "the_person": person}).rowcount == 1


def find_unlinked(connection: Connection, browser: str) -> UnlinkedLogin | None:
    """The unlinked login of a browser, however old; or None."""
    row = _UNLINKED.first(connection, {"browser": browser})
    if row is None:
        return None
    return UnlinkedLogin(
        browser=row.browser,
        provider=row.provider,
        subject_digest=row.subject_digest,
        claims=unseal(row.payload),
        created_at=row.created_at,
    )


def add_unlinked(connection: Connection, login: UnlinkedLogin) -> None:
    """Stores an unlinked login; the browser has no other."""
    values = {
        "browser": login.browser,
        "provider": login.provider,
        "subject_digest": login.subject_digest,
        "payload": seal(dict(login.claims)),
        "created_at": login.created_at,
    }
    connection.execute(_INSERT_UNLINKED, values)


def delete_unlinked(connection: Connection, browser: str) -> None:
    """Deletes the unlinked login of a browser."""
    connection.execute(_DELETE_UNLINKED, {"the_browser": browser})


def forget_unlinked(connection: Connection, before: datetime) -> None:
    """Deletes the unlinked logins from before an instant."""
    connection.execute(_FORGET_UNLINKED, {"before": before})


def _login(row: Any) -> PatientLogin:
    return PatientLogin(
        id=row.id,
        person=row.person,
        provider=row.provider,
        subject_digest=row.subject_digest,
        name=unseal(row.payload)["name"],
        created_at=row.created_at,
    )
