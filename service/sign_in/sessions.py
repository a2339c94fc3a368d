"""Sessions of patients: begun, resumed, listed and ended. It renders no page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.access.passwords import digest_of
from service.persons.store import StoredPerson, load_person
from service.platform import errors
from service.platform.logs import log
from service.platform.process import Process
from service.sign_in.devices import Device
from service.sign_in.store import sessions
from service.sign_in.store.sessions import PatientSession

#: A session ends after so long without a request, and after so long in all (NIST SP 800-63B, 2.2.3: at AAL2 30 minutes
#: and 12 hours).
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
#: The last request of a session is stored at most so often.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session; the browser keeps `text`, which is stored nowhere else."""

    session: PatientSession
    text: str


@dataclass(frozen=True, slots=True)
class SignedInPatient:
    """A session with its person."""

    session: PatientSession
    person: StoredPerson


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who signs in: the digest of the browser's cookie so far, and the device."""

    browser: str
    device: Device


def begin_session(
    process: Process, connection: Connection, person: str, way: str, attempt: Attempt, now: datetime
) -> OpenedSession:
    """A new session of a person; the session before in the same browser ends."""
    text = process.new_secret()
    session = PatientSession(
        id=process.new_id(),
        digest=digest_of(text),
        person=person,
        way=way,
        browser=attempt.device.browser,
        system=attempt.device.system,
        created_at=now,
        seen_at=now,
    )
    sessions.end_session_of_cookie(connection, attempt.browser, now)
    sessions.add_session(connection, session)
    log().info("patient signed in", session=session.id, way=way)
    return OpenedSession(session, text)


def resume_session(process: Process, text: str) -> SignedInPatient:
    """The session of a browser; read from the database every time, so that ending it works at once.

    Raises:
        NotSignedIn: the session is unknown, ended or too old; these are not told apart.
    """
    now = process.clock()
    with process.database.reading() as connection:
        session = sessions.find_session(connection, digest_of(text))
        person = load_person(connection, session.person) if session is not None else None
    if session is None or person is None or not _is_live(session, now):
        raise errors.NotSignedIn
    if now >= session.seen_at + SEEN_EVERY:
        with process.database.writing() as connection:
            sessions.note_seen(connection, session.id, now)
    return SignedInPatient(session, person)


def list_sessions(process: Process, person: str) -> list[PatientSession]:
    """Where a person is signed in now, the last seen first."""
    now = process.clock()
    with process.database.reading() as connection:
        return [each for each in sessions.sessions_of_person(connection, person) if _is_live(each, now)]


def end_session(process: Process, person: str, session: str) -> None:
    """Ends a session of a person at once.

    Raises:
        NotFound: the person has no such session, or it has ended.
    """
    with process.database.writing() as connection:
        if not sessions.end_session(connection, person, session, process.clock()):
            raise errors.NotFound
    log().info("patient signed out", session=session)


def _is_live(session: PatientSession, now: datetime) -> bool:
    """Whether a session is recent; a clock may have been moved back."""
    return abs(now - session.seen_at) < IDLE and now < session.created_at + LONGEST
