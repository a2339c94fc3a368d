"""What the gate decides by: a message as the told view justifies it now, and its person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.outreach.cadence import Attempt
from journeys.outreach.gate import Final, GateDecision, SendNow, decide, decide_again
from journeys.outreach.justification import Justification, situation_of
from journeys.outreach.message import Message, Recipient, Situation
from journeys.outreach.reminder import channels_of
from service.enrollments.answers import CallerView
from service.outreach.basis import Basis, read_bases
from service.outreach.justify import justify
from service.outreach.outbox import Outbox
from service.outreach.store.attempts import MAY_HAVE_ARRIVED
from service.outreach.store.messages import ANSWER, DueMessage, StoredMessage
from service.outreach.told import told_now
from service.persons.addresses import CHANNELS
from service.persons.store import PersonContact, load_person
from service.platform.time_zones import zone_of
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class WeighedMessage:
    """What the gate decided about a message, with what is needed to write it.

    Attributes:
        stored: the message, with its due time and the end of its use as of now.
        decision: what the gate decided.
        contact: the contact to which the message goes now; None where it does not go.
        seen: the told view of its enrollment.
        justification: its piece, and the stay in which it is shown.
    """

    stored: StoredMessage
    decision: GateDecision
    contact: PersonContact | None
    seen: CallerView
    justification: Justification


def weigh(outbox: Outbox, connection: Connection, basis: Basis, now: datetime) -> WeighedMessage:
    """Asks the gate about a message, among the other messages of its person that could go now."""
    return _Weighing(outbox, connection, basis, now).weigh()


def weigh_again(
    service: Service, connection: Connection, stored: StoredMessage, contact: str, now: datetime
) -> GateDecision:
    """Asks the gate about a message that was handed over to a contact (its id) and has not left yet: a letter."""
    person = load_person(connection, stored.person)
    assert person is not None
    (basis,) = read_bases(connection, [DueMessage(stored, person)], now)
    basis = replace(basis, rivals=())
    return _Weighing(Outbox(service=service), connection, basis, now).weigh_again(contact)


class _Weighing:
    """One decision; each enrollment is folded once."""

    def __init__(self, outbox: Outbox, connection: Connection, basis: Basis, now: datetime) -> None:
        self.outbox, self.connection, self.basis, self.now = outbox, connection, basis, now
        self._views: dict[str, CallerView] = {}

    def weigh(self) -> WeighedMessage:
        seen = self._view(self.basis.stored.enrollment)
        justification = justify(self.connection, self.basis, self.basis.stored, seen, self.now)
        stored = _as_of_now(self.basis.stored, justification)
        situation = self._situation(stored, seen, justification)
        contacts = [contact for contact in self.basis.contacts if self._is_usable(contact)]
        decision: GateDecision = Final("suppressed", "no_contact")  # it has no text to send
        if situation is not None:
            rivals = [rival for each in self.basis.rivals if (rival := self._rival(each)) is not None]
            decision = decide(situation, self._recipient(contacts), rivals, self.now)
        if isinstance(decision, Final) and self.basis.caregiver is not None:
            decision = replace(decision, opens_task=False)  # staff look after the patient's addresses
        contact = None
        if isinstance(decision, SendNow):
            contact = next(contact for contact in contacts if contact.channel == decision.channel)
        return WeighedMessage(stored, decision, contact, seen, justification)

    def weigh_again(self, contact: str) -> GateDecision:
        seen = self._view(self.basis.stored.enrollment)
        justification = justify(self.connection, self.basis, self.basis.stored, seen, self.now)
        situation = self._situation(_as_of_now(self.basis.stored, justification), seen, justification)
        addressed = next((each for each in self.basis.contacts if each.id == contact), None)
        if situation is None or addressed is None:
            return Final("suppressed", "no_contact", opens_task=True)
        reachable = frozenset({addressed.channel}) if self._is_usable(addressed) else frozenset[str]()
        recipient = replace(self._recipient([addressed]), reachable=reachable, attempts=())
        return decide_again(situation, recipient, addressed.channel, self.now)

    def _rival(self, stored: StoredMessage) -> Situation | None:
        seen = self._view(stored.enrollment)
        justification = justify(self.connection, self.basis, stored, seen, self.now)
        return self._situation(_as_of_now(stored, justification), seen, justification)

    def _view(self, enrollment: str) -> CallerView:
        if enrollment not in self._views:
            stored, language = self.basis.enrollments[enrollment], self.basis.person.language
            self._views[enrollment] = told_now(self.outbox.service, self.connection, stored, language, self.now)
        return self._views[enrollment]

    def _situation(self, stored: StoredMessage, seen: CallerView, justification: Justification) -> Situation | None:
        """The message for the gate; None where its piece has no text for any channel."""
        channels = stored.channels
        if justification.piece is not None:
            accepted = stored.channels if stored.is_answer or stored.earlier else CHANNELS
            channels = channels_of(justification.piece, seen.chosen.locale, accepted)
        if not channels:
            return None
        message = Message(
            id=stored.first,
            journey=seen.servable.catalogue.plan.journey.key,
            piece=stored.piece,
            purpose=stored.purpose,
            topic=stored.topic,
            channels=channels,
            due=stored.due,
            useful_until=stored.useful_until,
            is_answer=stored.is_answer,
        )
        return situation_of(message, justification, seen.view.shown, seen.servable.catalogue.limits)

    def _is_usable(self, contact: PersonContact) -> bool:
        """An answer goes to the contact that wrote, even where messages to it are paused."""
        if self.basis.stored.is_answer:
            return contact.id == self.basis.stored.subject and contact.status != "bad"
        return contact.status == "good"

    def _recipient(self, contacts: Sequence[PersonContact]) -> Recipient:
        person = self.basis.person
        return Recipient(
            zone=zone_of(person.time_zone) if person.time_zone is not None else None,
            reachable=frozenset(contact.channel for contact in contacts) & self.outbox.channels.keys(),
            permissions=tuple(self.basis.permissions),
            attempts=tuple(self._past_attempts()),
            preferences=person.preferences,
        )

    def _past_attempts(self) -> Iterator[Attempt]:
        """Those that the patient may have got: answers count for answers, other messages for other messages."""
        for past in self.basis.attempts:
            attempt = past.attempt
            if attempt.result in MAY_HAVE_ARRIVED and (attempt.purpose == ANSWER) == self.basis.stored.is_answer:
                yield Attempt(past.first, past.journey, past.piece, attempt.purpose, min(attempt.at, self.now))


def _as_of_now(stored: StoredMessage, justification: Justification) -> StoredMessage:
    return replace(stored, due=justification.due, useful_until=justification.useful_until)
