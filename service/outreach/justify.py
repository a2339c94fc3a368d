"""Whether the told view justifies a message now, by what it is of: a reminder, a piece, or the words of a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.content.catalogue import Piece, find
from journeys.engine import Stay
from journeys.engine.effects import dates_of_reminders
from journeys.outreach import Lapse, lapse_of, occasions_of, useful_until
from journeys.outreach.incoming import ANSWERS
from service.enrollments.answers import CallerView
from service.outreach.occasions import read_told_journey
from service.outreach.store.messages import StoredMessage, reminder_status
from service.outreach.store.receipts import has_arrived
from service.persons.store import StoredPerson


@dataclass(frozen=True, slots=True)
class Justification:
    """A message by the told view.

    Attributes:
        piece: its piece, as it is served in the language of the person; None where none is approved.
        due: when it falls due, UTC.
        useful_until: from here on it is of no use.
        not_again: for how long after another message with this piece it does not go.
        stay: the stay in which the piece is shown; None: the message is of no stay.
        lapse: why nothing justifies it any more; None: it is justified.
    """

    piece: Piece | None
    due: datetime
    useful_until: datetime
    not_again: timedelta = timedelta()
    stay: Stay | None = None
    lapse: Lapse | None = None


def justify(
    connection: Connection, stored: StoredMessage, seen: CallerView, person: StoredPerson, now: datetime
) -> Justification:
    """The message as the told view of its enrollment justifies it, unless it has arrived by an earlier channel."""
    justification = _by_kind(connection, stored, seen, person, now)
    if justification.lapse is None and any(has_arrived(connection, message) for message in stored.earlier):
        return replace(justification, lapse="arrived")
    return justification


def _by_kind(
    connection: Connection, stored: StoredMessage, seen: CallerView, person: StoredPerson, now: datetime
) -> Justification:
    match stored.kind:
        case "reminder":
            return _of_reminder(connection, stored, seen, now)
        case "piece":
            return _of_piece(connection, stored, seen, person, now)
        case "answer" | "code":
            return _of_words(stored, seen)


def _of_reminder(connection: Connection, stored: StoredMessage, seen: CallerView, now: datetime) -> Justification:
    view, catalogue = seen.view.shown, seen.servable.catalogue
    piece = catalogue.pieces.get(stored.piece)
    selected = find(catalogue, view, now, stored.piece) if view is not None else None
    dates = dates_of_reminders(view, catalogue.plan) if view is not None else {}
    lapse: Lapse | None = None
    if reminder_status(connection, stored.subject) == "recalled":
        lapse = "recalled"
    elif stored.subject not in dates:
        lapse = "left"
    elif piece is not None and selected is None:
        lapse = "condition"
    return Justification(
        piece=piece,
        due=stored.due,
        useful_until=useful_until(piece, stored.due, dates.get(stored.subject)),
        not_again=_not_again(piece, now),
        stay=selected.stay if selected is not None else None,
        lapse=lapse,
    )


def _of_piece(
    connection: Connection, stored: StoredMessage, seen: CallerView, person: StoredPerson, now: datetime
) -> Justification:
    view, piece = seen.view.shown, seen.servable.catalogue.pieces.get(stored.piece)
    if view is None:  # it has ended, or is not told any more
        return Justification(piece, stored.due, stored.useful_until, lapse="left")
    told = read_told_journey(connection, stored.enrollment, seen, view, person)
    message = next(each for each in told.messages if each.occasion == stored.subject)
    occasion = next((each for each in occasions_of(told) if each.id == stored.subject), None)
    selected = find(told.catalogue, view, now, stored.piece)
    return Justification(
        piece=piece,
        due=occasion.due if occasion is not None else stored.due,
        useful_until=occasion.useful_until if occasion is not None else stored.useful_until,
        not_again=_not_again(piece, now),
        stay=selected.stay if selected is not None else None,
        lapse=lapse_of(told, message, now),
    )


def _of_words(stored: StoredMessage, seen: CallerView) -> Justification:
    reply = seen.servable.catalogue.pieces.get(stored.piece)
    pauses = [answer.not_again for answer in ANSWERS.values() if reply is not None and reply.answers == answer.question]
    return Justification(reply, stored.due, stored.useful_until, not_again=max(pauses, default=timedelta()))


def _not_again(piece: Piece | None, now: datetime) -> timedelta:
    return piece.not_again.after(now) - now if piece is not None else timedelta()
