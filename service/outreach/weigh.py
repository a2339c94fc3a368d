"""What the gate decides by: a message as the told view justifies it now, and its person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.content.catalogue import DEFAULT_USEFUL_FOR, Piece, Selected, find
from journeys.engine.effects import reminders_of
from journeys.outreach import Attempt, Final, GateDecision, Lapse, Message, Recipient, Situation, decide
from service.access.caller import Caller
from service.enrollments.answers import CallerView, told_view
from service.enrollments.content import has_text
from service.enrollments.read import fold_to_now
from service.enrollments.store import enrollments
from service.outreach.outbox import Outbox
from service.outreach.store.attempts import MAY_HAVE_ARRIVED, attempts_since
from service.outreach.store.messages import SCHEDULED, StoredMessage, messages_of_person
from service.permission.store import list_entries
from service.persons.store import PersonContact, StoredPerson, list_contacts
from service.platform.time_zones import zone_of
from service.publishing.service import Service

CHANNELS = ("push", "sms", "email", "post")
#: The order of channels where neither the person nor the piece says another: first the quickest to be seen.
LOOK_BACK = timedelta(days=31)
#: How far attempts count: a week of caps and the longest `not_again` lie within it.
MOST_OTHERS = 20
_TOLD = Caller(token="", name="outreach", scopes=frozenset(), by="patient")  # nosec B106 # it reads the told view
UNREAD = "treatment"
#: The purpose of a piece that cannot be read: it waits, or is cleared, before its permission matters.


@dataclass(frozen=True, slots=True)
class WeighedMessage:
    """A message with its situation, and what is needed to write it: the view, and the piece where it is shown."""

    stored: StoredMessage
    situation: Situation | None
    seen: CallerView
    selected: Selected | None


@dataclass(frozen=True, slots=True)
class WeighedDecision:
    """What the gate decided about a message, and the good contacts of its person."""

    weighed: WeighedMessage
    decision: GateDecision
    contacts: tuple[PersonContact, ...]


def weigh(
    outbox: Outbox, connection: Connection, stored: StoredMessage, person: StoredPerson, now: datetime
) -> WeighedDecision:
    """Asks the gate about a message of a person, among the other messages of the person that could go now."""
    weighed = _weigh_message(outbox.service, connection, stored, person, now)
    contacts = tuple(contact for contact in list_contacts(connection, person.id) if contact.status == "good")
    if weighed.situation is None:
        return WeighedDecision(weighed, Final("suppressed", "no_contact"), contacts)  # it has no text to send
    others = [
        other
        for waiting in messages_of_person(connection, person.id, SCHEDULED, MOST_OTHERS)
        if waiting.id != stored.id and waiting.next_at is not None and waiting.next_at <= now
        if (other := _weigh_message(outbox.service, connection, waiting, person, now).situation) is not None
    ]
    recipient = Recipient(
        zone=zone_of(person.time_zone) if person.time_zone is not None else None,
        reachable=frozenset(contact.channel for contact in contacts) & outbox.channels.keys(),
        permissions=tuple(recorded.entry for recorded in list_entries(connection, person.id)),
        attempts=tuple(_past_attempts(connection, person.id, now)),
        preferences=person.preferences,
    )
    return WeighedDecision(weighed, decide(weighed.situation, recipient, others, now), contacts)


def _weigh_message(
    service: Service, connection: Connection, stored: StoredMessage, person: StoredPerson, now: datetime
) -> WeighedMessage:
    enrollment = enrollments.load(connection, stored.enrollment)
    assert enrollment is not None
    folded = fold_to_now(service, connection, enrollment, now).stored
    seen = told_view(service, connection, _TOLD, folded, person.language, now)
    view, plan = seen.view.shown, seen.servable.catalogue.plan
    piece = seen.servable.catalogue.pieces.get(stored.piece)
    selected = find(seen.servable.catalogue, view, now, stored.piece) if view is not None else None
    if piece is not None:
        stored = replace(stored, useful_until=_useful_until(stored, piece))
    channels = CHANNELS if piece is None else _channels(piece, seen.chosen.locale)
    if not channels:
        return WeighedMessage(stored, None, seen, selected)
    lapse: Lapse | None = None
    if view is not None and stored.reminder not in {reminder.id for reminder in reminders_of(view, plan)}:
        lapse = "left"
    elif piece is None and stored.piece not in seen.servable.known:
        lapse = "recalled"
    elif piece is not None and selected is None:
        lapse = "condition"
    situation = Situation(
        message=Message(
            id=stored.id,
            piece=stored.piece,
            purpose=piece.purpose if piece is not None else UNREAD,
            channels=channels,
            due=stored.due,
            useful_until=stored.useful_until,
            not_again=piece.not_again.after(now) - now if piece is not None else timedelta(),
            order=piece.order if piece is not None else 0,
            is_critical=piece is not None and piece.is_critical,
        ),
        has_ended=view is None or view.ended is not None,
        lapse=lapse,
        is_approved=piece is not None,
    )
    return WeighedMessage(stored, situation, seen, selected)


def _useful_until(stored: StoredMessage, piece: Piece) -> datetime:
    """The date from which its timer counts back, if any; else for as long as the piece says."""
    if stored.is_dated and piece.useful_for is None:
        return stored.useful_until
    return (piece.useful_for or DEFAULT_USEFUL_FOR).after(stored.due)


def _channels(piece: Piece, locale: str) -> tuple[str, ...]:
    return tuple(channel for channel in CHANNELS if channel in piece.channels and has_text(piece, channel, locale))


def _past_attempts(connection: Connection, person: str, now: datetime) -> Iterator[Attempt]:
    for past in attempts_since(connection, person, now - LOOK_BACK):
        attempt = past.attempt
        if attempt.result in MAY_HAVE_ARRIVED:
            yield Attempt(attempt.message, past.piece, attempt.purpose, min(attempt.at, now))
