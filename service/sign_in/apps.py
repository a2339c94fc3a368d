"""Tokens that a signed-in patient gives to apps: made, listed and ended. It renders no page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from journeys.primitives.problems import counted
from service.access.store import tokens
from service.access.store.tokens import Token
from service.access.tokens import Minted, PatientTokenRequest, add_patient_token
from service.persons.store import lock_person
from service.platform import errors
from service.platform.logs import log
from service.platform.process import Process
from service.sign_in.sessions import SignedInPatient
from service.sign_in.store import apps
from service.sign_in.store import sessions as stored_sessions

MOST_APPS = 20
#: How long a token is valid where nothing else was asked for.
LIFETIME = timedelta(days=90)
TOO_MANY = f"A patient can have tokens for {counted(MOST_APPS, 'app')}. End the token of another app first."


@dataclass(frozen=True, slots=True)
class PatientApp:
    """An app with a token, without the secret."""

    token: Token
    name: str


@dataclass(frozen=True, slots=True)
class NewApp:
    """A new token of an app; the app sends `text`, which is stored nowhere."""

    app: PatientApp
    text: str


def add_app(process: Process, patient: SignedInPatient, name: str, expires_in: int) -> NewApp:
    """A new token with which an app reads and reports as the patient, for `expires_in` seconds.

    Raises:
        TooMany: the patient has as many tokens as are accepted.
        NotSignedIn: the person was erased meanwhile.
    """
    request = PatientTokenRequest(patient_ref=patient.person.reference, journey=None, expires_in=expires_in)
    with process.database.writing() as connection:
        if lock_person(connection, patient.person.id) is None:
            raise errors.NotSignedIn
        valid = [each for each in apps.apps_of_person(connection, patient.person.id) if _is_valid(process, each[0])]
        if len(valid) >= MOST_APPS:
            raise errors.TooMany(TOO_MANY)
        minted: Minted = add_patient_token(process, connection, request)
        apps.add_app(connection, minted.token.id, patient.person.id, name)
    return NewApp(PatientApp(minted.token, name), minted.text)


def list_apps(process: Process, person: str) -> list[PatientApp]:
    """The apps of a person whose tokens are valid, oldest first."""
    with process.database.reading() as connection:
        pairs = apps.apps_of_person(connection, person)
    return [PatientApp(token, name) for token, name in pairs if _is_valid(process, token)]


def end_app(process: Process, person: str, token: str) -> None:
    """Revokes the token of an app at once.

    Raises:
        NotFound: no app of the person has a valid token of this id.
    """
    if token not in {each.token.id for each in list_apps(process, person)}:
        raise errors.NotFound
    with process.database.writing() as connection:
        tokens.revoke(connection, token, process.clock())
    log().info("token revoked", token=token, minted=0)


def end_everything(process: Process, person: str) -> None:
    """Ends every session of a person, and revokes the token of every app."""
    with process.database.writing() as connection:
        now = process.clock()
        stored_sessions.end_sessions(connection, person, now)
        for token, _ in apps.apps_of_person(connection, person):
            tokens.revoke(connection, token.id, now)
    log().info("patient signed out everywhere")


def _is_valid(process: Process, token: Token) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > process.clock())
