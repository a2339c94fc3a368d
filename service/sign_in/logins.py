"""Logins of patients at providers: begun, recognised, linked to a known patient by a code too, listed and ended.

A claim fills a field of the patient that nobody filled, and never a permission. It renders no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.primitives.errors import Refused
from service.access import accounts
from service.access.provider import RecognisedPerson
from service.persons.introduce import tell_person
from service.persons.own import store_contact
from service.persons.store import lock_person
from service.platform import errors
from service.platform.logs import log
from service.platform.process import Process
from service.publishing.service import Service
from service.sign_in.claims import taken_claims
from service.sign_in.codes import LOGIN_WAITS, confirm_code
from service.sign_in.providers import PatientProvider
from service.sign_in.sessions import Attempt, OpenedSession, begin_session
from service.sign_in.smart import bring_record
from service.sign_in.store import logins
from service.sign_in.store.logins import PatientLogin, UnlinkedLogin

MOST_LOGINS = 10


def leave(process: Process, browser: str, provider: PatientProvider, back: str) -> str:
    """The address of the provider to which a browser (its cookie) goes; `back` is where it comes back.

    Raises:
        ProviderFailed: the provider cannot be reached.
    """
    begun = provider.provider.begin(process.new_secret, back, anew=False)
    accounts.leave(process, browser, {**begun.secrets, "patients": provider.key}, "")
    return begun.address


@dataclass(frozen=True, slots=True)
class LetIn:
    """A new session, and what else was done (`linked`, `record`, `no-record`, or nothing)."""

    opened: OpenedSession
    done: str = ""


def come_back(
    service: Service, providers: Mapping[str, PatientProvider], cookie: str, attempt: Attempt, query: str
) -> LetIn | None:
    """A new session of the patient whose login the provider recognised; None: the login is new, and waits for a code.

    From a FHIR server, the record of the patient is read as well.

    Raises:
        ProviderFailed: a check failed, or no sign-in was begun in this browser.
    """
    try:
        arrival = accounts.arrive(service, cookie)
    except errors.NotSignedIn:
        raise errors.ProviderFailed from None
    provider = providers.get(arrival.secrets.get("patients", ""))
    if provider is None:
        raise errors.ProviderFailed
    address = f"{arrival.secrets['to']}?{query}"
    person = provider.provider.finish(arrival.secrets, address, since=None, now=service.clock())
    if provider.fhir and not person.patient:
        raise errors.ProviderFailed
    opened = _recognise(service, provider, attempt, person)
    if opened is None:
        return None
    return LetIn(opened, bring_record(service, provider, opened.session.person, person.patient, person.token))


def _recognise(
    process: Process, provider: PatientProvider, attempt: Attempt, person: RecognisedPerson
) -> OpenedSession | None:
    now = process.clock()
    with process.database.writing() as connection:
        # Who sees several records at a FHIR server, such as those of children, has a login for each.
        name = f"{provider.issuer} {person.subject} {person.patient if provider.fhir else ''}"
        digest = process.digests.digest_of(connection, "login", name)
        logins.delete_unlinked(connection, attempt.browser)
        known = logins.find_login(connection, digest)
        if known is not None:
            return begin_session(process, connection, known.person, "provider", attempt, now)
        kept = {"patient": person.patient, "token": person.token} if provider.fhir else {}
        login = UnlinkedLogin(
            browser=attempt.browser,
            provider=provider.key,
            subject_digest=digest,
            claims=taken_claims(provider, person.claims) | kept,
            created_at=now,
        )
        logins.add_unlinked(connection, login)
    return None


def unlinked_login(process: Process, browser: str) -> UnlinkedLogin | None:
    """The login that waits in a browser for a code, or None."""
    with process.database.reading() as connection:
        login = logins.find_unlinked(connection, browser)
    return login if login is not None and process.clock() < login.created_at + LOGIN_WAITS else None


def forget_unlinked(process: Process, browser: str) -> None:
    """Forgets the login that waits in a browser: a code will sign in, and link nothing."""
    with process.database.writing() as connection:
        logins.delete_unlinked(connection, browser)


def confirm_and_link(service: Service, providers: Mapping[str, PatientProvider], attempt: Attempt, code: str) -> LetIn:
    """A new session by a code, which links the login that waits in this browser: both were proven.

    Raises:
        Refused: see `confirm_code`.
    """
    login = unlinked_login(service, attempt.browser)
    opened = confirm_code(service, attempt, code)
    provider = providers.get(login.provider) if login is not None else None
    if login is None or provider is None:
        return LetIn(opened)
    now, person = service.clock(), opened.session.person
    with service.database.writing() as connection:
        logins.delete_unlinked(connection, attempt.browser)
        is_linked = _link(service, connection, person, login, now)
    log().info("login linked" if is_linked else "login not linked", session=opened.session.id)
    if not is_linked:
        return LetIn(opened)
    claims = login.claims
    done = bring_record(service, provider, person, claims.get("patient", ""), claims.get("token", ""))
    return LetIn(opened, done or "linked")


def list_logins(process: Process, person: str) -> list[PatientLogin]:
    """The logins of a person, oldest first."""
    with process.database.reading() as connection:
        return logins.logins_of_person(connection, person)


def end_login(process: Process, person: str, login: str) -> None:
    """Deletes a login: it signs nobody in any more.

    Raises:
        NotFound: the person has no such login.
    """
    with process.database.writing() as connection:
        if not logins.delete_login(connection, person, login):
            raise errors.NotFound


def _link(process: Process, connection: Connection, person: str, login: UnlinkedLogin, now: datetime) -> bool:
    owner = lock_person(connection, person)
    if owner is None or len(logins.logins_of_person(connection, person)) >= MOST_LOGINS:
        return False
    claims = login.claims
    linked = PatientLogin(
        id=process.new_id(),
        person=person,
        provider=login.provider,
        subject_digest=login.subject_digest,
        name=claims.get("name", ""),
        created_at=now,
    )
    if not logins.add_login(connection, linked):  # somebody linked it meanwhile
        return False
    if owner.language_from == "record" and "language" in claims:
        tell_person(connection, person, "app", language=claims["language"])
    if owner.time_zone is None and "time_zone" in claims:
        tell_person(connection, person, "app", time_zone=claims["time_zone"])
    for channel in ("email", "sms"):
        if channel in claims:
            _fill_contact(process, connection, person, channel, claims[channel])
    return True


def _fill_contact(process: Process, connection: Connection, person: str, channel: str, address: str) -> None:
    try:
        store_contact(process, connection, person, channel, address, "provider")
    except (Refused, errors.TooMany):  # the patient has as many as are accepted
        log().info("contact of a login not taken")
