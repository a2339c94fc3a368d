"""What becomes of a message after an attempt to hand it over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.outreach.incoming import ProviderReceipt, is_worth_retrying
from journeys.outreach.incoming.receipts import ReceiptKind
from service.effects.store.disclosures import PieceDisclosure, record_disclosures
from service.outreach.occasions import schedule_followers
from service.outreach.port import Accepted, AnswerLost, OptedOut, Outcome, Permanent, Reason, Transient
from service.outreach.receipts import store_receipt
from service.outreach.states import SCHEDULED, SENDING, UNKNOWN
from service.outreach.store import attempts, messages
from service.outreach.store.attempts import MAY_HAVE_ARRIVED, StoredAttempt
from service.outreach.store.messages import StoredMessage
from service.persons.store import StoredPerson, list_contacts, lock_persons, set_contact_status
from service.platform.database.statements import Writes, together
from service.platform.metrics import count_attempt
from service.platform.process import Process
from service.platform.retries import pause_after

MOST_TRIES = 12
_OF_ADDRESS = (Reason.BAD_ADDRESS, Reason.ENDED)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may be made for an attempt.

    Attributes:
        message, attempt: what is sent.
        disclosure: what counts as shown to the patient where the piece may arrive.
        is_followed: whether another piece is sent by itself after this one.
        fallback: the message by the next channels, which is made once this one is accepted.
    """

    message: StoredMessage
    attempt: StoredAttempt
    disclosure: PieceDisclosure | None
    is_followed: bool = False
    fallback: StoredMessage | None = None


def store_outcomes(
    process: Process, connection: Connection, outcomes: Sequence[tuple[Call, Outcome | None]]
) -> frozenset[str]:
    """Stores what became of calls, those of a person in their order; returns the ids of the persons, who are locked.

    None in place of an outcome: the call was not made in time, so that the gate is asked again.
    """
    by_person: dict[str, tuple[Call, Outcome | None]] = {}
    later = []  # two calls of one person: the first lasted longer than its lease
    for each in sorted(outcomes, key=lambda each: each[0].attempt.sequence):
        if by_person.setdefault(each[0].attempt.person, each) is not each:
            later.append(each)
    with together(connection):
        locked = lock_persons(connection, by_person)
        found = messages.query_messages(connection, {call.message.id for call, _ in by_person.values()})
    persons, stored = locked(), found()
    writes = Writes(connection.dialect)
    followed = set()
    for person in persons:
        call, outcome = by_person[person.id]
        done = _store_outcome(process, connection, writes, person, call, outcome, stored[call.message.id])
        if call.is_followed and done.result in MAY_HAVE_ARRIVED:
            followed.add(call.message.enrollment)
    writes.run(connection)
    for enrollment in sorted(followed):
        schedule_followers(connection, enrollment)
    if later:
        store_outcomes(process, connection, later)
    return frozenset(by_person)


def _store_outcome(
    process: Process,
    connection: Connection,
    writes: Writes,
    person: StoredPerson,
    call: Call,
    outcome: Outcome | None,
    stored: StoredMessage,
) -> StoredAttempt:
    """Stores what became of a call; returns its attempt as it is now.

    A message that another sender took after the lease changes only where it was accepted.
    """
    now = process.clock()
    done = _with_result(process, connection, call.attempt, outcome)
    attempts.update_attempt(writes, done)
    count_attempt(done.channel, done.result)
    if call.disclosure is not None and done.result in MAY_HAVE_ARRIVED:
        record_disclosures(writes, call.message.enrollment, [call.disclosure])
    if isinstance(outcome, Accepted):
        if stored.status != "sent":
            messages.update_message(writes, replace(stored, status="sent", reason=None, next_at=None, ended_at=now))
            if call.fallback is not None:
                messages.add_message(writes, call.fallback)
    else:
        after = _after(process, connection, person, done, outcome, stored, now)
        if stored.status == SENDING and stored.next_at == call.message.next_at:
            messages.update_message(writes, after)
    return done


def _with_result(
    process: Process, connection: Connection, attempt: StoredAttempt, outcome: Outcome | None
) -> StoredAttempt:
    match outcome:
        case None:
            return replace(attempt, result=attempts.WITHDRAWN)
        case Accepted():
            digest = outcome.id and process.digests.digest_of(connection, "provider", outcome.id)
            return replace(attempt, result=attempts.ACCEPTED, provider_digest=digest)
        case Transient():
            return replace(attempt, result=attempts.TRANSIENT, code=outcome.code or None)
        case Permanent():
            return replace(attempt, result=attempts.PERMANENT, code=outcome.code or None)
        case OptedOut():
            return replace(attempt, result=attempts.OPTED_OUT, code=outcome.code or None)
        case AnswerLost():
            return replace(attempt, result=attempts.LOST)


def _after(
    process: Process,
    connection: Connection,
    person: StoredPerson,
    attempt: StoredAttempt,
    outcome: Transient | AnswerLost | OptedOut | Permanent | None,
    stored: StoredMessage,
    now: datetime,
) -> StoredMessage:
    """The message after an attempt that failed; what it means for the contact and for permission is stored too."""
    again = replace(stored, status=SCHEDULED, next_at=now)
    match outcome:
        case None:
            return again
        case Transient():
            if "." in outcome.code:
                _store_refusal(process, connection, person, attempt, now)
            return _to_try_again(stored, outcome.reason, outcome.retry_after, now)
        case AnswerLost():
            return replace(stored, status=UNKNOWN, reason=outcome.reason, next_at=None)
        case OptedOut():
            _store_refusal(process, connection, person, attempt, now)
            return replace(again, tries=0)
        case Permanent():
            if outcome.reason in _OF_ADDRESS:
                set_contact_status(connection, attempt.contact, "bad")
            elif "." in outcome.code:
                _store_refusal(process, connection, person, attempt, now)
            if not _is_good(connection, attempt):  # the gate is asked for another contact
                return replace(again, tries=0)
            if is_worth_retrying(outcome.code):
                return _to_try_again(stored, outcome.reason, None, now)
            return replace(stored, status="failed", reason=outcome.reason, next_at=None, ended_at=now)


def _store_refusal(
    process: Process, connection: Connection, person: StoredPerson, attempt: StoredAttempt, now: datetime
) -> None:
    """A refusal during the call means the same as a bounce, or an opt-out, that arrives later."""
    kind: ReceiptKind = "opted_out" if attempt.result == attempts.OPTED_OUT else "bounced"
    digest = process.digests.digest_of(connection, "receipt", f"{attempt.person} {attempt.sequence}")
    receipt = ProviderReceipt(digest, now, kind, (attempt.code or "") if kind == "bounced" else "")
    store_receipt(process, connection, person, attempt, receipt, now)


def _is_good(connection: Connection, attempt: StoredAttempt) -> bool:
    contacts = list_contacts(connection, attempt.person)
    return any(contact.id == attempt.contact and contact.status == "good" for contact in contacts)


def _to_try_again(stored: StoredMessage, reason: Reason, retry_after: timedelta | None, now: datetime) -> StoredMessage:
    tries = stored.tries + 1
    if tries >= MOST_TRIES:
        return replace(stored, status="failed", reason=reason, next_at=None, tries=tries, ended_at=now)
    again = now + max(pause_after(stored.tries, stored.id), retry_after or timedelta())
    next_at = min(again, max(stored.useful_until, now))
    return replace(stored, status=SCHEDULED, reason=reason, next_at=next_at, tries=tries)
