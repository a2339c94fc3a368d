"""What the gate decides by: a message as the told view justifies it now, and its person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.content.catalogue import Selected, find
from journeys.engine.effects import dates_of_reminders
from journeys.outreach import (
    Attempt,
    Final,
    GateDecision,
    Lapse,
    Message,
    Recipient,
    SendNow,
    Situation,
    channels_of,
    decide,
    message_of,
    useful_until,
)
from service.access.caller import Caller
from service.enrollments.answers import CallerView, told_view
from service.enrollments.read import fold_to_now
from service.enrollments.store import enrollments
from service.outreach.outbox import Outbox
from service.outreach.store.attempts import MAY_HAVE_ARRIVED, attempts_since
from service.outreach.store.messages import SCHEDULED, StoredMessage, messages_of_person, reminder_status
from service.permission.store import list_entries
from service.persons.store import PersonContact, StoredPerson, list_contacts
from service.platform.time_zones import zone_of
from service.publishing.service import Service

LOOK_BACK = timedelta(days=400)
#: How far attempts count: the longest `not_again` is a year.
MOST_RIVALS = 20
_TOLD = Caller(token="", name="outreach", scopes=frozenset(), by="patient")  # nosec B106 # it reads the told view


@dataclass(frozen=True, slots=True)
class WeighedMessage:
    """A message with its situation, and what is needed to write it: the view, and the piece where it is shown."""

    stored: StoredMessage
    situation: Situation | None
    seen: CallerView
    selected: Selected | None


@dataclass(frozen=True, slots=True)
class WeighedDecision:
    """What the gate decided about a message, the good contacts of its person, and whether it has no rivals."""

    weighed: WeighedMessage
    decision: GateDecision
    contacts: tuple[PersonContact, ...]
    is_alone: bool = True

    @property
    def contact(self) -> PersonContact | None:
        """The contact to which the message goes now, if it goes."""
        if not isinstance(self.decision, SendNow):
            return None
        return next(contact for contact in self.contacts if contact.channel == self.decision.channel)


def weigh(
    outbox: Outbox, connection: Connection, stored: StoredMessage, person: StoredPerson, now: datetime
) -> WeighedDecision:
    """Asks the gate about a message of a person, among the other messages of the person that could go now."""
    weighed = _weigh_message(outbox.service, connection, stored, person, now)
    contacts = tuple(contact for contact in list_contacts(connection, person.id) if contact.status == "good")
    if weighed.situation is None:
        return WeighedDecision(weighed, Final("suppressed", "no_contact"), contacts)  # it has no text to send
    rivals = [
        rival
        for waiting in messages_of_person(connection, person.id, SCHEDULED, MOST_RIVALS)
        if waiting.id != stored.id and waiting.next_at is not None and waiting.next_at <= now
        if (rival := _weigh_message(outbox.service, connection, waiting, person, now).situation) is not None
    ]
    recipient = Recipient(
        zone=zone_of(person.time_zone) if person.time_zone is not None else None,
        reachable=frozenset(contact.channel for contact in contacts) & outbox.channels.keys(),
        permissions=tuple(recorded.entry for recorded in list_entries(connection, person.id)),
        attempts=tuple(_past_attempts(connection, person.id, now)),
        preferences=person.preferences,
    )
    decision = decide(weighed.situation, recipient, rivals, now)
    return WeighedDecision(weighed, decision, contacts, is_alone=not rivals)


def _weigh_message(
    service: Service, connection: Connection, stored: StoredMessage, person: StoredPerson, now: datetime
) -> WeighedMessage:
    enrollment = enrollments.load(connection, stored.enrollment)
    assert enrollment is not None
    folded = fold_to_now(service, connection, enrollment, now).stored
    seen = told_view(service, connection, _TOLD, folded, person.language, now)
    view, catalogue = seen.view.shown, seen.servable.catalogue
    piece = catalogue.pieces.get(stored.piece)
    selected = find(catalogue, view, now, stored.piece) if view is not None else None
    dates = dates_of_reminders(view, catalogue.plan) if view is not None else {}
    date = dates.get(stored.reminder)
    stored = replace(stored, useful_until=useful_until(piece, stored.due, date))
    channels = stored.channels if piece is None else channels_of(piece, seen.chosen.locale)
    if not channels:
        return WeighedMessage(stored, None, seen, selected)
    lapse: Lapse | None = None
    if reminder_status(connection, stored.reminder) == "recalled":
        lapse = "recalled"
    elif stored.reminder not in dates:
        lapse = "left"
    elif piece is not None and selected is None:
        lapse = "condition"
    message = _unread(stored) if piece is None else message_of(piece, stored.id, stored.due, date, channels)
    situation = Situation(
        message=message,
        has_ended=view is None or view.ended is not None,
        lapse=lapse,
        is_approved=piece is not None,
    )
    return WeighedMessage(stored, situation, seen, selected)


def _unread(stored: StoredMessage) -> Message:
    """The message of a piece that cannot be read now, by what is stored of it: it waits for an approval."""
    return Message(
        id=stored.id,
        piece=stored.piece,
        purpose=stored.purpose,
        channels=stored.channels,
        due=stored.due,
        useful_until=stored.useful_until,
        not_again=timedelta(),
    )


def _past_attempts(connection: Connection, person: str, now: datetime) -> Iterator[Attempt]:
    for past in attempts_since(connection, person, now - LOOK_BACK):
        attempt = past.attempt
        if attempt.result in MAY_HAVE_ARRIVED:
            yield Attempt(attempt.message, past.piece, attempt.purpose, min(attempt.at, now))
