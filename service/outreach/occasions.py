"""Messages that pieces send by themselves: made ahead of time, when the told view of an enrollment has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.content.catalogue import Piece
from journeys.engine import Event, State
from journeys.outreach.occasions import EarlierMessage, Occasion, ToldJourney, advanced_occasions, new_occasions
from service.effects.store.looks import forget_look
from service.enrollments.answers import CallerView
from service.enrollments.looks import look_at_changed, store_looks
from service.enrollments.store import enrollments
from service.enrollments.store import log as event_log
from service.outreach.shared import messages_to_caregivers
from service.outreach.states import FINAL
from service.outreach.store.attempts import BEGUN, MAY_HAVE_ARRIVED, attempts_of_enrollment
from service.outreach.store.messages import (
    StoredMessage,
    add_message,
    add_message_of_occasion,
    messages_of_enrollment,
    move_up,
)
from service.outreach.told import told_now
from service.persons.addresses import CHANNELS
from service.persons.store import StoredPerson, load_person, lock_person
from service.platform.time_zones import zone_of
from service.publishing.service import Service

MOST_MESSAGES = 1_000
#: Messages of one enrollment that count: years of them.


@dataclass(frozen=True, slots=True)
class _NewMessages:
    """The messages to make of a person, each with its piece, and the occasions that fall due earlier than they did."""

    person: str
    messages: tuple[tuple[StoredMessage, Piece], ...]
    advanced: tuple[Occasion, ...]


def schedule_occasions(service: Service) -> int:
    """Makes the messages of some enrollments that have changed; returns how many enrollments were looked at.

    The gate is asked about a message as soon as it falls due, also where that is earlier than when it was made: the
    patient of a message for nine in the morning has moved east.
    """
    now = service.clock()
    with service.database.reading() as connection:
        sending = _Sending(service, connection)
        looks = look_at_changed(
            connection, "messages", now, lambda enrollment: (_new_messages(sending, enrollment, now), None)
        )
    if looks:
        with service.database.writing() as connection:
            for person in sorted({look.result.person for look in looks if look.result and look.result.advanced}):
                lock_person(connection, person)  # so does whatever else changes several messages of a person
            for look in store_looks(connection, "messages", looks):
                if look.result is not None:
                    _store_messages(service, connection, look.result, now)
    return len(looks)


def _store_messages(service: Service, connection: Connection, new: _NewMessages, now: datetime) -> None:
    for message, piece in new.messages:
        digest = service.digests.digest_of(connection, "occasion", message.subject)
        if add_message_of_occasion(connection, message, digest):
            for to_caregiver in messages_to_caregivers(service, connection, message, piece, now):
                add_message(connection, to_caregiver)
    for occasion in new.advanced:
        digest = service.digests.digest_of(connection, "occasion", occasion.id)
        move_up(connection, digest, max(occasion.due, now))


def schedule_followers(connection: Connection, enrollment: str) -> None:
    """Lets an enrollment be looked at again: pieces may wait for a message that has just been sent."""
    forget_look(connection, "messages", enrollment)


def read_told_journey(
    connection: Connection, enrollment: str, seen: CallerView, view: State, person: StoredPerson
) -> ToldJourney:
    """What decides about the messages that pieces send to the patient of an enrollment, or to a caregiver.

    A call that is under way has sent nothing yet, unless a receipt says that the message arrived.
    """
    stored = messages_of_enrollment(connection, enrollment, "", MOST_MESSAGES, person=person.id)
    enrolled = event_log.read_log(connection, enrollment, 1)[0].arrival
    assert isinstance(enrolled, Event), "a log begins with the enrollment"
    arrived = {message.id for message in stored if message.status == "sent"}
    sent = {
        attempt.message: attempt.at
        for attempt in reversed(attempts_of_enrollment(connection, enrollment))
        if attempt.result in MAY_HAVE_ARRIVED and (attempt.result != BEGUN or attempt.message in arrived)
    }
    return ToldJourney(
        enrollment=enrollment,
        joined_at=enrolled.at,
        view=view,
        catalogue=seen.servable.catalogue,
        zone=zone_of(person.time_zone) if person.time_zone is not None else None,
        messages=tuple(_earlier(message, sent.get(message.id)) for message in stored if not message.is_answer),
    )


def _earlier(message: StoredMessage, sent_at: datetime | None) -> EarlierMessage:
    has_gone = message.status == "cleared" and message.reason == "left"
    is_settled = sent_at is not None or (message.status in FINAL and not has_gone)
    return EarlierMessage(
        occasion=message.subject, piece=message.piece, due=message.due, sent_at=sent_at, is_settled=is_settled
    )


class _Sending:
    """Which releases have a piece that is sent by itself; each is looked up once."""

    def __init__(self, service: Service, connection: Connection) -> None:
        self.service, self.connection = service, connection
        self._releases: dict[str, bool] = {}

    def has_any(self, release: str) -> bool:
        """Whether a piece of a release is sent by itself."""
        if release not in self._releases:
            catalogue = self.service.library.newest(
                self.connection, self.service.library.releases(self.connection)[release]
            )
            self._releases[release] = any(piece.send is not None for piece in catalogue.pieces.values())
        return self._releases[release]


def _new_messages(sending: _Sending, enrollment: str, now: datetime) -> _NewMessages | None:
    """The messages of an enrollment to make and to move; None where nothing can be sent by itself."""
    service, connection = sending.service, sending.connection
    stored = enrollments.load(connection, enrollment)
    if stored is None or not sending.has_any(stored.enrollment.release):
        return None
    person = load_person(connection, stored.person) if stored.person is not None else None
    if person is None:
        return None
    seen = told_now(service, connection, stored, person.language, now)
    view = seen.view.shown
    if view is None:
        return None
    told = read_told_journey(connection, enrollment, seen, view, person)
    messages = [
        (_message(service, occasion, seen, person, enrollment, now), seen.servable.catalogue.pieces[occasion.piece])
        for occasion in new_occasions(told, now)
    ]
    return _NewMessages(person.id, tuple(messages), tuple(advanced_occasions(told, now)))


def _message(
    service: Service, occasion: Occasion, seen: CallerView, person: StoredPerson, enrollment: str, now: datetime
) -> StoredMessage:
    piece = seen.servable.catalogue.pieces[occasion.piece]
    return StoredMessage(
        id=service.new_id(),
        person=person.id,
        enrollment=enrollment,
        kind="piece",
        subject=occasion.id,
        state=occasion.state,
        piece=piece.key,
        purpose=piece.purpose,
        topic=piece.topic,
        channels=tuple(channel for channel in CHANNELS if channel in piece.channels),
        due=occasion.due,
        useful_until=occasion.useful_until,
        next_at=max(occasion.due, now),
        opened_at=now,
    )
