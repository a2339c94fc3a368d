"""Verifying a contact by a code: the person asks for it, it is sent there, and the person names it.

A code is the person's own request, so that it needs no permission. It is drawn when it is sent, and only its keyed
digest is stored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.content.rendering import Channel, with_code
from journeys.definition.conditions import NO_WORLD
from journeys.outreach.verification import (
    CODE_LIFE,
    CODE_PERIOD,
    MOST_CODES,
    SentCode,
    code_of,
    judge_code,
    next_code_at,
)
from journeys.primitives.errors import Refused
from journeys.primitives.problems import counted
from service.access.caller import Caller
from service.enrollments.answers import told_view
from service.enrollments.read import fold_to_now
from service.enrollments.store import enrollments
from service.outreach.port import Envelope
from service.outreach.store import codes
from service.outreach.store.codes import RequestedCode
from service.outreach.store.inbound import enrollment_for_task
from service.persons.addresses import digest_of_address
from service.persons.own import OwnPreferences, require_person, with_contacts
from service.persons.store import PersonContact, StoredPerson, list_contacts, load_person, lock_person, verify_contact
from service.platform import errors
from service.platform.process import Process
from service.publishing.service import Service

CODE_CHANNELS: dict[str, Channel] = {"email": "email", "sms": "sms"}
ONLY_OWN = "Only the patient may ask for a code and confirm it."
NO_CODE_THERE = "Codes go to e-mail addresses and mobile numbers."
NOT_GOOD = "This address is not used at the moment. Add it again, then ask for a code."
TOO_MANY = f"An address is sent {counted(MOST_CODES, 'code')} an hour. Try again later."
WRONG = "This is not the code that was sent last."
ENDED = "No code is valid now: the last was used, is older than ten minutes, or was tried too often. Ask for another."
_TOLD = Caller(token="", name="verification", scopes=frozenset(), by="patient")  # nosec B106 # it reads the told view


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """That a code was asked for: the contact, and until when (UTC) it is of use to send it."""

    contact: str
    useful_until: datetime


def request_code(service: Service, caller: Caller, contact: str) -> CodeRequest:
    """Asks for a code to a contact of the caller's own.

    Raises:
        Forbidden: the caller is not the patient.
        NotFound: the patient has no such contact.
        Refused: codes do not go to this kind of contact.
        Conflict: the contact is bad or paused.
        CodesTooOften: the address was sent as many codes as are accepted.
    """
    with service.database.writing() as connection:
        owner, own = _own_contact(service, connection, caller, contact)
        if own.channel not in CODE_CHANNELS:
            raise Refused({"contact": [NO_CODE_THERE]})
        if own.status != "good":
            raise errors.Conflict(NOT_GOOD)
        now = service.clock()
        digest = digest_of_address(service, connection, own.channel, own.address)
        allowed = next_code_at(codes.requests_since(connection, digest, now - CODE_PERIOD), now)
        if allowed > now:
            raise errors.CodesTooOften(math.ceil((allowed - now).total_seconds()), TOO_MANY)
        code = RequestedCode(
            id=service.new_id(), person=owner.id, contact=own.id, address_digest=digest, requested_at=now
        )
        request_code_message(connection, code)
        return CodeRequest(own.id, now + CODE_LIFE)


def request_code_message(connection: Connection, code: RequestedCode) -> None:
    """Stores a code that the sender is to send to its contact, by its channel, until `CODE_LIFE` has passed.

    The sender draws it (`draw_code`), writes it (`code_envelope`), and stores it with its attempt (`store_code`).
    """
    codes.add_code(connection, code)


def draw_code(process: Process) -> str:
    """A random code of six digits."""
    return code_of(process.new_secret())


def store_code(process: Process, connection: Connection, requested: RequestedCode, code: str, now: datetime) -> None:
    """Stores the keyed digest of a code that is about to be sent, in place of that of an earlier attempt."""
    digest = _digest_of(process, connection, requested, code)
    tries = requested.sent.tries if requested.sent is not None else 0
    codes.update_code(connection, requested.id, SentCode(digest, now, tries, is_used=False), now)


def code_envelope(
    service: Service, connection: Connection, requested: RequestedCode, code: str, now: datetime
) -> Envelope | None:
    """The message with a code, in the language of the person; None without an approved text, or without the contact."""
    person = load_person(connection, requested.person)
    contacts = list_contacts(connection, requested.person)
    contact = next((contact for contact in contacts if contact.id == requested.contact), None)
    newest = enrollment_for_task(connection, requested.person)
    enrollment = enrollments.load(connection, newest) if newest is not None else None
    if person is None or contact is None or enrollment is None:
        return None
    folded = fold_to_now(service, connection, enrollment, now).stored
    seen = told_view(service, connection, _TOLD, folded, person.language, now)
    text = next(iter(seen.servable.catalogue.texts("verification")), None)
    if text is None:
        return None
    rendered = seen.servable.renderer.render(
        text,
        seen.servable.catalogue.plan,
        NO_WORLD,
        locale=seen.chosen.locale,
        channel=CODE_CHANNELS[contact.channel],
    )
    written = with_code(rendered, code)
    return Envelope(
        address=contact.address,
        text=written.text,
        locale=written.locale,
        useful_until=requested.requested_at + CODE_LIFE,
        subject=written.subject or "",
        html=written.html,
    )


def confirm_code(service: Service, caller: Caller, contact: str, code: str) -> OwnPreferences:
    """Records that a contact is verified by a code, which is accepted once.

    Raises:
        Refused: the code is wrong, which counts as a try, or there is none to confirm.
        Forbidden, NotFound: see `request_code`.
    """
    with service.database.writing() as connection:
        owner, own = _own_contact(service, connection, caller, contact)
        now, requested = service.clock(), codes.last_sent(connection, own.id)
        sent = requested.sent if requested is not None else None
        digest = _digest_of(service, connection, requested, code) if requested is not None else ""
        verdict = judge_code(sent, digest, now)
        if verdict != "ended" and requested is not None and sent is not None:
            is_used = verdict == "accepted"
            codes.update_code(connection, requested.id, replace(sent, tries=sent.tries + 1, is_used=is_used), now)
        if verdict == "accepted":
            verify_contact(connection, own.id)
        answer = with_contacts(connection, owner)
    if verdict != "accepted":  # after the transaction, so that the try counts
        raise Refused({"code": [WRONG if verdict == "wrong" else ENDED]})
    return answer


def _digest_of(process: Process, connection: Connection, requested: RequestedCode, code: str) -> str:
    return process.digests.digest_of(connection, "code", f"{requested.id} {code}")


def _own_contact(
    process: Process, connection: Connection, caller: Caller, contact: str
) -> tuple[StoredPerson, PersonContact]:
    """The patient whose token this is, locked, and a contact of theirs."""
    if caller.patient_ref is None:
        raise errors.Forbidden(ONLY_OWN)
    owner = lock_person(connection, require_person(process, connection, caller, None).id)
    assert owner is not None
    own = next((each for each in list_contacts(connection, owner.id) if each.id == contact), None)
    if own is None:
        raise errors.NotFound
    return owner, own
