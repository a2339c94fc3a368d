"""Sending: a message is claimed through the gate, handed over outside of any transaction, and its outcome stored.

Nothing else starts a send: an import contract in `pyproject.toml` keeps the adapters to this module.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from journeys.engine.effects import Following
from journeys.outreach import Final, Wait
from service.effects.store.disclosures import PieceDisclosure
from service.effects.store.tasks import open_task
from service.enrollments.store.enrollments import read_version
from service.outreach.outbox import ChannelSetup, Outbox
from service.outreach.outcomes import pause_after, store_outcome
from service.outreach.port import Envelope, Reason
from service.outreach.store import attempts, messages
from service.outreach.store.attempts import StoredAttempt
from service.outreach.store.messages import SCHEDULED, SENDING, UNKNOWN, StoredMessage
from service.outreach.weigh import WeighedDecision, weigh
from service.outreach.write import write_envelope
from service.persons.store import StoredPerson, list_contacts, load_person, lock_person, update_person
from service.platform.clock import monotonic
from service.platform.logs import log, where

LEASE = timedelta(seconds=60)
#: Longer than any adapter takes; after it another sender looks at what happened.
MOST_SECONDS_BEFORE_CALL = 2.0
#: Between the instant of the gate and the call.
LONGEST_WAIT = timedelta(minutes=15)
#: A message that waits is asked about at least so often: approvals and preferences change meanwhile.
UNREACHABLE_TITLE = "A message could not be sent: ask the patient how to reach them."
TASK_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this sender may hand over now."""

    message: StoredMessage
    attempt: StoredAttempt
    envelope: Envelope
    disclosure: PieceDisclosure
    setup: ChannelSetup


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A decision with the envelope that it would send, and what both were worked out from."""

    weighed: WeighedDecision
    envelope: Envelope | None
    basis: object


def send_next(outbox: Outbox) -> bool:
    """Asks the gate about the message that is due longest, and sends it if it may go; false where none is due.

    A message that cannot be weighed is asked about again later, so that it holds no other back.
    """
    begun, now = monotonic(), outbox.service.clock()
    prepared = None
    if outbox.service.database.is_sqlite:  # a transaction that writes would block all others
        with outbox.service.database.reading() as connection:
            stored = messages.next_due(connection, now)
            if stored is None:
                return False
            prepared = _look_ahead(outbox, connection, stored, now)
    claim = _claim(outbox, prepared, now)
    if not isinstance(claim, Claim):
        return claim
    outcome = None
    if monotonic() - begun <= MOST_SECONDS_BEFORE_CALL:
        outcome = claim.setup.channel.send(claim.envelope, claim.message.id)
        outbox.circuits.note(claim.attempt.channel, outcome, outbox.service.clock())
    store_outcome(outbox.service, claim.message, claim.attempt, outcome, claim.disclosure)
    return True


def _look_ahead(outbox: Outbox, connection: Connection, stored: StoredMessage, now: datetime) -> _Prepared | None:
    """What the gate decides about a message, worked out before SQLite's lock is taken; None where it cannot."""
    person = load_person(connection, stored.person)
    try:
        return _prepare(outbox, connection, stored, person, now) if person is not None else None
    except SQLAlchemyError:
        raise
    except Exception:  # the claim meets it again, and puts the message off
        return None


def _prepare(
    outbox: Outbox, connection: Connection, stored: StoredMessage, person: StoredPerson, now: datetime
) -> _Prepared:
    basis = _basis(connection, stored, person)
    weighed = weigh(outbox, connection, stored, person, now)
    contact = weighed.contact
    envelope = write_envelope(outbox, connection, weighed.weighed, contact, now) if contact is not None else None
    return _Prepared(weighed, envelope, basis if weighed.is_alone else None)


def _basis(connection: Connection, stored: StoredMessage, person: StoredPerson) -> object:
    """What a decision depends on; where it is the same, so is the decision on a message without rivals.

    The ledger and the attempts of a person change only with the person's `sequence`.
    """
    version = read_version(connection, stored.enrollment)
    return stored, person, version, tuple(list_contacts(connection, person.id))


def _claim(outbox: Outbox, prepared: _Prepared | None, now: datetime) -> Claim | bool:
    """The claim of the message that is due longest, or whether there was one."""
    with outbox.service.database.writing() as connection:
        stored = messages.next_due(connection, now)
        if stored is None:
            return False
        person = lock_person(connection, stored.person)
        assert person is not None
        if stored.status == SENDING:
            stored = _after_lost_sender(outbox, connection, stored)
            if stored.status != SCHEDULED:
                return True
        try:
            if prepared is None or prepared.basis != _basis(connection, stored, person):
                prepared = _prepare(outbox, connection, stored, person, now)
            return _carry_out(outbox, connection, person, prepared, now)
        except SQLAlchemyError:
            raise
        except Exception as error:  # the messages of the others must go all the same
            log().error("message-not-sent", message=stored.id, **where(error))
            messages.update_message(connection, _put_off(stored, now))
            return True


def _put_off(stored: StoredMessage, now: datetime) -> StoredMessage:
    """A message that could not be weighed or written: it is asked about later, while it is of use."""
    if now >= stored.useful_until:
        return replace(stored, status="expired", reason="too_late", next_at=None, ended_at=now)
    return replace(stored, next_at=now + pause_after(stored), tries=stored.tries + 1)


def _after_lost_sender(outbox: Outbox, connection: Connection, stored: StoredMessage) -> StoredMessage:
    """The message of a sender that died: it is sent again only where the provider can tell that it is a repeat."""
    last = attempts.attempts_of_message(connection, stored.id)[-1]
    setup = outbox.channels.get(last.channel)
    if setup is not None and setup.tells_repeats:
        attempts.update_attempt(connection, replace(last, result=attempts.TRANSIENT))
        stored = replace(stored, status=SCHEDULED)
    else:
        attempts.update_attempt(connection, replace(last, result=attempts.LOST))
        stored = replace(stored, status=UNKNOWN, next_at=None)
    messages.update_message(connection, stored)
    return stored


def _carry_out(
    outbox: Outbox, connection: Connection, person: StoredPerson, prepared: _Prepared, now: datetime
) -> Claim | bool:
    weighed, envelope = prepared.weighed, prepared.envelope
    stored, contact, situation = weighed.weighed.stored, weighed.contact, weighed.weighed.situation
    selected = weighed.weighed.selected
    if contact is None or envelope is None or situation is None or selected is None:
        _store_decision(connection, weighed, now)
        return True
    rests_until = outbox.circuits.rests_until(contact.channel, now)
    if rests_until is not None:
        waiting = replace(stored, reason=Reason.UNREACHABLE, next_at=rests_until)
        messages.update_message(connection, waiting)
        return True
    attempt = StoredAttempt(
        person=person.id,
        sequence=person.sequence + 1,
        message=stored.id,
        purpose=situation.message.purpose,
        channel=contact.channel,
        contact=contact.id,
        at=now,
    )
    update_person(connection, replace(person, sequence=attempt.sequence))
    attempts.add_attempt(connection, attempt)
    stored = replace(stored, status=SENDING, reason=None, next_at=now + LEASE)
    messages.update_message(connection, stored)
    piece = selected.piece
    disclosure = PieceDisclosure(piece.key, piece.version, selected.stay.id, envelope.locale, contact.channel, now)
    return Claim(stored, attempt, envelope, disclosure, outbox.channels[contact.channel])


def _store_decision(connection: Connection, weighed: WeighedDecision, now: datetime) -> None:
    """Stores that a message waits, or that it is final, with a task where a person can mend the reason."""
    stored, decision = weighed.weighed.stored, weighed.decision
    if isinstance(decision, Wait):
        stored = replace(stored, reason=decision.reason, next_at=min(decision.until, now + LONGEST_WAIT))
    elif isinstance(decision, Final):
        stored = replace(stored, status=decision.state, reason=decision.reason, next_at=None, ended_at=now)
        if decision.opens_task:
            open_task(connection, stored.enrollment, stored.id, _task(stored, now), now)
    messages.update_message(connection, stored)


def _task(stored: StoredMessage, now: datetime) -> Following:
    return Following(
        id=stored.id,
        kind="task",
        name="message",
        stay="",
        state=stored.state,
        title=UNREACHABLE_TITLE,
        assignee="care_team",
        due=now + TASK_WITHIN,
    )
