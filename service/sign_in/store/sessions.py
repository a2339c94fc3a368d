"""SQL of the sessions of patients; of a cookie only the digest is stored. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.platform.database.statements import Prepared
from service.platform.database.tables import patient_sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientSession:
    """A session of a signed-in patient.

    Attributes:
        id: random; it names the session in lists, and is not the secret.
        digest: of the cookie.
        person: the id of the patient's person.
        way: how it began: `code`, `provider` or `passkey`.
        browser, system: words of closed lists; see `devices`.
        created_at, seen_at: when it began, and when a request of it came last, UTC.
    """

    id: str
    digest: str
    person: str
    way: str
    browser: str
    system: str
    created_at: datetime
    seen_at: datetime


_INSERT = Prepared(insert(patient_sessions))
_LIVE = select(patient_sessions).where(patient_sessions.c.ended_at.is_(None))
_BY_DIGEST = Prepared(_LIVE.where(patient_sessions.c.digest == bindparam("digest")))
_OF_PERSON = Prepared(
    _LIVE.where(patient_sessions.c.person == bindparam("person")).order_by(
        patient_sessions.c.seen_at.desc(), patient_sessions.c.id
    )
)
_NOTE = (
    update(patient_sessions).where(patient_sessions.c.id == bindparam("the_id")).values(seen_at=bindparam("seen_at"))
)
_END_LIVE = update(patient_sessions).where(patient_sessions.c.ended_at.is_(None)).values(ended_at=bindparam("at"))
_END = _END_LIVE.where(
    patient_sessions.c.id == bindparam("the_id"), patient_sessions.c.person == bindparam("the_person")
)
_END_DIGEST = _END_LIVE.where(patient_sessions.c.digest == bindparam("the_digest"))
_END_ALL = _END_LIVE.where(patient_sessions.c.person == bindparam("the_person"))


def add_session(connection: Connection, session: PatientSession) -> None:
    """Stores a new session."""
    values = {
        "id": session.id,
        "digest": session.digest,
        "person": session.person,
        "way": session.way,
        "browser": session.browser,
        "system": session.system,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
    }
    _INSERT.run(connection, values)


def find_session(connection: Connection, digest: str) -> PatientSession | None:
    """The session of a cookie that was not ended, however old; or None."""
    row = _BY_DIGEST.first(connection, {"digest": digest})
    return _session(row) if row is not None else None


def sessions_of_person(connection: Connection, person: str) -> list[PatientSession]:
    """The sessions of a person that were not ended, however old, the last seen first."""
    return [_session(row) for row in _OF_PERSON.all(connection, {"person": person})]


def note_seen(connection: Connection, session: str, now: datetime) -> None:
    """Stores when a request of a session came last."""
    connection.execute(_NOTE, {"the_id": session, "seen_at": now})


def end_session(connection: Connection, person: str, session: str, now: datetime) -> bool:
    """Ends a session of a person; false where the person has none of this id."""
    return connection.execute(_END, {"the_id": session, "the_person": person, "at": now}).rowcount == 1


def end_session_of_cookie(connection: Connection, digest: str, now: datetime) -> None:
    """Ends the session of a cookie, if there is one."""
    connection.execute(_END_DIGEST, {"the_digest": digest, "at": now})


def end_sessions(connection: Connection, person: str, now: datetime) -> None:
    """Ends every session of a person."""
    connection.execute(_END_ALL, {"the_person": person, "at": now})


def _session(row: Any) -> PatientSession:
    return PatientSession(
        id=row.id,
        digest=row.digest,
        person=row.person,
        way=row.way,
        browser=row.browser,
        system=row.system,
        created_at=row.created_at,
        seen_at=row.seen_at,
    )
