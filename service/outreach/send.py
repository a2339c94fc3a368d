"""Sending: a message is claimed through the gate, handed over outside of any transaction, and its outcome stored.

Nothing else starts a send: an import contract in `pyproject.toml` keeps the adapters to this module.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from journeys.content.catalogue import Piece
from journeys.engine.effects import Following
from journeys.outreach.gate import Final, Wait
from service.effects.store.disclosures import PieceDisclosure
from service.effects.store.tasks import open_task
from service.enrollments.store.enrollments import hold_each
from service.outreach.basis import Basis, read_bases
from service.outreach.occasions import schedule_followers
from service.outreach.outbox import ChannelSetup, Outbox
from service.outreach.outcomes import Call, store_outcomes
from service.outreach.port import Envelope, Outcome
from service.outreach.states import SCHEDULED, SENDING, UNKNOWN
from service.outreach.store import attempts, messages
from service.outreach.store.attempts import StoredAttempt
from service.outreach.store.messages import ANSWER, DueMessage, StoredMessage
from service.outreach.verify import draw_code, store_code
from service.outreach.weigh import WeighedMessage, weigh
from service.outreach.write import write_envelope
from service.persons.store import update_person
from service.platform.clock import monotonic
from service.platform.database import data_version
from service.platform.database.statements import Target, Writes
from service.platform.logs import log, where
from service.platform.retries import LEASE, MOST_SECONDS_BEFORE_CALL, pause_after

LONGEST_WAIT = timedelta(minutes=15)
#: A message that waits is asked about at least so often: approvals and preferences change meanwhile.
CHANGING = timedelta(seconds=1)
#: After it the gate is asked again about a message whose enrollment, or whose text, is being changed.
UNREACHABLE_TITLE = "A message could not be sent: ask the patient how to reach them."
TASK_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this sender may hand over now, until `begun` (seconds of the monotonic clock) is too long ago."""

    call: Call
    envelope: Envelope
    setup: ChannelSetup
    begun: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A call with its outcome, which is to be stored; None: it was not made, as the gate's answer was too old."""

    call: Call
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A decision with the envelope that it would send, and the code in it, if any."""

    basis: Basis
    weighed: WeighedMessage
    envelope: Envelope | None = None
    code: str | None = None


def send_next(outbox: Outbox) -> bool:
    """Asks the gate about the message that is due longest, and sends it if it may go; false where none is due."""
    claim = claim_next(outbox)
    if isinstance(claim, Claim):
        store_finished(outbox, [hand_over(outbox, claim)])
        return True
    return claim


def claim_next(outbox: Outbox) -> Claim | bool:
    """Asks the gate about the message that is due longest: the claim if it may go now, else whether one was due."""
    claims, was_due = claim_due(outbox, most=1)
    return claims[0] if claims else was_due


def claim_due(outbox: Outbox, finished: Sequence[Finished] = (), *, most: int) -> tuple[list[Claim], bool]:
    """Asks the gate about the messages that are due longest, each of another person: those that may go, if any was due.

    A message that cannot be weighed is asked about again later, so that it holds no other back. One thread of a process
    claims; each claim must be handed over. Calls that are finished are stored in the same transaction.
    """
    begun, now = monotonic(), outbox.service.clock()
    with _looking_ahead(outbox, now, most) as ahead:
        if ahead is not None and not ahead.due:
            store_finished(outbox, finished)
            return [], False
        claims: list[Claim] = []
        try:
            with outbox.service.database.writing() as connection:
                is_current = ahead is not None and ahead.is_current()
                changed = store_outcomes(outbox.service, connection, [(each.call, each.outcome) for each in finished])
                if ahead is not None and is_current and changed.isdisjoint(each.person.id for each in ahead.due):
                    due, prepared = ahead.due, ahead.prepared
                    resumed = _resume_lost(outbox, connection, due)
                    prepared = prepared | _prepare_each(outbox, connection, resumed, now)
                else:
                    due = messages.next_due(connection, now, most)
                    resumed = _resume_lost(outbox, connection, due)
                    before = ahead.prepared if ahead is not None else {}
                    prepared = _prepare_each(outbox, connection, [*_waiting(due), *resumed], now, before)
                waiting = [each.message for each in (*_waiting(due), *resumed)]
                _carry_out_each(outbox, connection, waiting, prepared, claims, now, begun)
        except BaseException:
            for claim in claims:  # it was not stored, so that nobody may hand it over
                outbox.providers.end(claim.call.attempt.channel, None, now, begun)
            raise
    return claims, bool(due)


def hand_over(outbox: Outbox, claim: Claim) -> Finished:
    """Calls the provider, unless the gate's answer is too old by now."""
    outcome = None
    try:
        if monotonic() - claim.begun <= MOST_SECONDS_BEFORE_CALL:
            outcome = claim.setup.channel.send(claim.envelope, claim.call.message.id)
    finally:
        outbox.providers.end(claim.call.attempt.channel, outcome, outbox.service.clock(), claim.begun)
    return Finished(claim.call, outcome)


def store_finished(outbox: Outbox, finished: Sequence[Finished]) -> None:
    """Stores what became of calls."""
    if finished:
        with outbox.service.database.writing() as connection:
            store_outcomes(outbox.service, connection, [(each.call, each.outcome) for each in finished])


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What is due, what the gate decides about each message by id, and whether nobody wrote since."""

    due: list[DueMessage]
    prepared: dict[str, _Prepared]
    is_current: Callable[[], bool]


@contextmanager
def _looking_ahead(outbox: Outbox, now: datetime, most: int) -> Iterator[_Ahead | None]:
    """Works out on SQLite what may go before its lock is taken, as a transaction that writes blocks all others."""
    if not outbox.service.database.is_sqlite:
        yield None
        return
    with outbox.service.database.reading() as connection:
        version = data_version(connection)
        due = messages.next_due(connection, now, most)
        prepared = _prepare_each(outbox, connection, _waiting(due), now)
        yield _Ahead(due, prepared, lambda: data_version(connection) == version)


def _waiting(due: Sequence[DueMessage]) -> list[DueMessage]:
    """Those that no sender has taken."""
    return [each for each in due if each.message.status != SENDING]


def _prepare_each(
    outbox: Outbox,
    connection: Connection,
    due: Sequence[DueMessage],
    now: datetime,
    before: Mapping[str, _Prepared] = MappingProxyType({}),
) -> dict[str, _Prepared]:
    """What the gate decides about messages, by id, without those of which it cannot be asked.

    What was prepared `before` stays where it is worked out from the same.
    """
    try:
        prepared: dict[str, _Prepared] = {}
        for basis in read_bases(connection, due, now):
            earlier = before.get(basis.stored.id)
            if earlier is None or earlier.basis != basis:
                earlier = _prepare(outbox, connection, basis, now)
            prepared[basis.stored.id] = earlier
        return prepared
    except SQLAlchemyError:
        raise
    except Exception as error:  # the messages of the others must go all the same
        if len(due) == 1:
            log().error("message-not-sent", message=due[0].message.id, **where(error))
            return {}
        alone = (_prepare_each(outbox, connection, [each], now, before) for each in due)
        return {id: each for part in alone for id, each in part.items()}


def _prepare(outbox: Outbox, connection: Connection, basis: Basis, now: datetime) -> _Prepared:
    weighed = weigh(outbox, connection, basis, now)
    if weighed.contact is None:
        return _Prepared(basis, weighed)
    code = draw_code(outbox.service) if basis.stored.kind == "code" else None
    envelope = write_envelope(outbox, connection, weighed, weighed.contact, now, code)
    return _Prepared(basis, weighed, envelope, code)


def _carry_out_each(
    outbox: Outbox,
    connection: Connection,
    waiting: Iterable[StoredMessage],
    prepared: Mapping[str, _Prepared],
    claims: list[Claim],
    now: datetime,
    begun: float,
) -> None:
    """Stores what the gate decided about messages; adds a claim for each that may go."""
    leaving = [each.basis for each in prepared.values() if each.envelope is not None]
    held = hold_each(connection, (stored for basis in leaving for stored in basis.enrollments.values()))
    writes = Writes(connection.dialect)
    for stored in waiting:
        if stored.id not in prepared:
            messages.update_message(writes, _put_off(stored, now))
            continue
        claim = _carry_out(outbox, connection, writes, prepared[stored.id], held, now, begun)
        if claim is not None:
            outbox.providers.begin(claim.call.attempt.channel, now, begun, claim.setup.per_second)
            claims.append(claim)
    writes.run(connection)


def _put_off(stored: StoredMessage, now: datetime) -> StoredMessage:
    """A message that could not be weighed or written: it is asked about later, while it is of use."""
    if now >= stored.useful_until:
        return replace(stored, status="expired", reason="too_late", next_at=None, ended_at=now)
    return replace(stored, next_at=now + pause_after(stored.tries, stored.id), tries=stored.tries + 1)


def _resume_lost(outbox: Outbox, connection: Connection, due: Sequence[DueMessage]) -> list[DueMessage]:
    """Those of senders that died, as far as they may be sent again."""
    lost = [each for each in due if each.message.status == SENDING]
    settled = [replace(each, message=_after_lost_sender(outbox, connection, each.message)) for each in lost]
    return [each for each in settled if each.message.status == SCHEDULED]


def _after_lost_sender(outbox: Outbox, connection: Connection, stored: StoredMessage) -> StoredMessage:
    """The message of a sender that died: it is sent again only where the provider can tell that it is a repeat."""
    last = attempts.attempts_of_message(connection, stored.id)[-1]
    setup = outbox.channels.get(last.channel)
    if setup is not None and setup.tells_repeats:
        attempts.update_attempt(connection, replace(last, result=attempts.TRANSIENT))
        stored = replace(stored, status=SCHEDULED)
    else:
        attempts.update_attempt(connection, replace(last, result=attempts.LOST))
        schedule_followers(connection, stored.enrollment)
        stored = replace(stored, status=UNKNOWN, next_at=None)
    messages.update_message(connection, stored)
    return stored


def _carry_out(
    outbox: Outbox,
    connection: Connection,
    writes: Writes,
    prepared: _Prepared,
    held: Container[str],
    now: datetime,
    begun: float,
) -> Claim | None:
    weighed, envelope, person = prepared.weighed, prepared.envelope, prepared.basis.person
    stored, contact, piece = weighed.stored, weighed.contact, weighed.justification.piece
    if contact is None or envelope is None or piece is None:
        _store_decision(writes, weighed, now)
        return None
    setup, later = outbox.channels[contact.channel], outbox.providers.call_at(contact.channel, now)
    if later is not None:
        next_at, reason = later
        messages.update_message(writes, replace(stored, reason=reason, next_at=next_at))
        return None
    if not all(id in held for id in prepared.basis.enrollments):  # one of them is being changed
        messages.update_message(writes, replace(stored, next_at=now + CHANGING))
        return None
    attempt = StoredAttempt(
        person=person.id,
        sequence=person.sequence + 1,
        message=stored.id,
        purpose=ANSWER if stored.is_answer else piece.purpose,
        channel=contact.channel,
        contact=contact.id,
        at=now,
    )
    update_person(writes, replace(person, sequence=attempt.sequence))
    attempts.add_attempt(writes, attempt)
    if prepared.code is not None:
        store_code(outbox.service, connection, stored.id, prepared.code, now)
    stored = replace(stored, status=SENDING, reason=None, next_at=now + LEASE)
    messages.update_message(writes, stored)
    stay, disclosure = weighed.justification.stay, None
    if stay is not None:
        caregiver = prepared.basis.caregiver
        disclosure = PieceDisclosure(
            piece.key,
            piece.version,
            stay.id,
            envelope.locale,
            contact.channel,
            now,
            caregiver.id if caregiver is not None else None,
        )
    is_followed = piece.key in weighed.seen.servable.catalogue.followed
    fallback = _fallback(outbox, stored, piece, contact.channel, now)
    return Claim(Call(stored, attempt, disclosure, is_followed, fallback), envelope, setup, begun)


def _fallback(outbox: Outbox, stored: StoredMessage, piece: Piece, used: str, now: datetime) -> StoredMessage | None:
    """The message by the next channels, where the piece declares it; None without another, or without time for it."""
    channels = tuple(channel for channel in stored.channels if channel != used)
    next_at = piece.fallback.after(now) if piece.fallback is not None else None
    if next_at is None or not channels or next_at >= stored.useful_until:
        return None
    return replace(
        stored,
        id=outbox.service.new_id(),
        status=SCHEDULED,
        channels=channels,
        next_at=next_at,
        tries=0,
        opened_at=now,
        earlier=(*stored.earlier, stored.id),
    )


def _store_decision(target: Target, weighed: WeighedMessage, now: datetime) -> None:
    """Stores that a message waits, or that it is final, with a task where a person can mend the reason."""
    stored, decision = weighed.stored, weighed.decision
    if isinstance(decision, Wait):
        stored = replace(stored, reason=decision.reason, next_at=min(decision.until, now + LONGEST_WAIT))
    elif isinstance(decision, Final):
        stored = replace(stored, status=decision.state, reason=decision.reason, next_at=None, ended_at=now)
        if decision.opens_task and not stored.is_answer:
            open_task(target, stored.enrollment, stored.id, _task(stored, now), now)
    messages.update_message(target, stored)


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
