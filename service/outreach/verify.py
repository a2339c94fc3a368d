"""Verifying a contact by a code: the person asks for it, it is sent there, and the person names it.

A code is the person's own request, so that it needs no permission. It is drawn when it is sent, and only its keyed
digest is stored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.content.catalogue.text_kinds import PieceKind
from journeys.outreach.verification import (
    CODE_LIFE,
    CODE_PERIOD,
    MOST_CODES,
    MOST_CODES_OF_PERSON,
    SentCode,
    code_of,
    judge_code,
    next_code_at,
)
from journeys.primitives.errors import Refused
from journeys.primitives.problems import counted
from service.access.caller import Caller
from service.enrollments.store import enrollments
from service.outreach.store import codes
from service.outreach.store.codes import RequestedCode
from service.outreach.store.inbound import enrollment_for_words
from service.outreach.store.messages import ANSWER, StoredMessage, add_message
from service.outreach.told import told_now
from service.persons.addresses import digest_of_address
from service.persons.own import OwnPreferences, require_person, with_contacts
from service.persons.store import PersonContact, StoredPerson, list_contacts, lock_person, verify_contact
from service.platform import errors
from service.platform.process import Process
from service.publishing.service import Service

CODE_CHANNELS = ("email", "sms")
ONLY_OWN = "Only the patient may ask for a code and confirm it."
NO_CODE_THERE = "Codes go to e-mail addresses and mobile numbers."
NOT_GOOD = "This address is not used at the moment. Add it again, then ask for a code."
TOO_MANY = (
    f"An address is sent {counted(MOST_CODES, 'code')} an hour, and a person can ask for {MOST_CODES_OF_PERSON}. "
    "Try again later."
)
WRONG = "This is not the code that was sent last."
NO_TEXT = "No code can be sent: this programme has no approved text for codes in the language of the person."
SANDBOX = "No code is sent to the person of a sandbox."
ENDED = "No code is valid now: the last was used, is older than ten minutes, or was tried too often. Ask for another."


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
        Conflict: the contact is bad or paused, or the journey has no approved text for codes in the language.
        CodesTooOften: the address was sent, or the patient asked for, as many codes as are accepted.
    """
    with service.database.writing() as connection:
        owner, own = _own_contact(service, connection, caller, contact)
        if own.channel not in CODE_CHANNELS:
            raise Refused({"contact": [NO_CODE_THERE]})
        if own.status != "good":
            raise errors.Conflict(NOT_GOOD)
        now = service.clock()
        digest = digest_of_address(service, connection, own.channel, own.address)
        since = now - CODE_PERIOD
        allowed = max(
            next_code_at(codes.requests_since(connection, digest, since), now, MOST_CODES),
            next_code_at(codes.requests_by_person_since(connection, owner.id, since), now, MOST_CODES_OF_PERSON),
        )
        if allowed > now:
            raise errors.CodesTooOften(math.ceil((allowed - now).total_seconds()), TOO_MANY)
        message = code_message(service, connection, owner, own, now)
        add_message(connection, message)
        code = RequestedCode(id=message.id, person=owner.id, contact=own.id, address_digest=digest, requested_at=now)
        codes.add_code(connection, code)
        return CodeRequest(own.id, message.useful_until)


def draw_code(process: Process) -> str:
    """A random code of six digits."""
    return code_of(process.new_secret())


def store_code(process: Process, connection: Connection, message: str, code: str, now: datetime) -> None:
    """Stores the keyed digest of a code that is about to be sent, in place of that of an earlier attempt."""
    requested = codes.find_code(connection, message)
    assert requested is not None
    digest = digest_of_code(process, connection, requested.id, code)
    tries = requested.sent.tries if requested.sent is not None else 0
    codes.update_code(connection, requested.id, SentCode(digest, now, tries, is_used=False), now)


def code_message(
    service: Service,
    connection: Connection,
    owner: StoredPerson,
    contact: PersonContact,
    now: datetime,
    kinds: Sequence[PieceKind] = ("verification",),
) -> StoredMessage:
    """The message with a code, which is drawn when it is sent; its text is of the first of these kinds that there is.

    Raises:
        Conflict: the person has only sandboxes, or the journey has no approved text for codes in the language.
    """
    enrollment = enrollment_for_words(connection, owner.id)
    if enrollment is None:
        raise errors.Conflict(SANDBOX)
    stored = enrollments.load(connection, enrollment.id)
    assert stored is not None
    approved = told_now(service, connection, stored, owner.language, now).servable.catalogue
    text = next((text for kind in kinds for text in approved.of_kind(kind)), None)
    if text is None:
        raise errors.Conflict(NO_TEXT)
    return StoredMessage(
        id=service.new_id(),
        person=owner.id,
        enrollment=stored.enrollment.id,
        kind="code",
        subject=contact.id,
        piece=text.key,
        purpose=ANSWER,
        channels=(contact.channel,),
        due=now,
        useful_until=now + CODE_LIFE,
        next_at=now,
        opened_at=now,
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
        digest = digest_of_code(service, connection, requested.id, code) if requested is not None else ""
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


def digest_of_code(process: Process, connection: Connection, requested: str, code: str) -> str:
    """The keyed digest of a code, bound to the id of its request."""
    return process.digests.digest_of(connection, "code", f"{requested} {code}")


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
