"""Whether the told view justifies a message now, by what the message is of: a reminder, or the words of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.content.catalogue import Piece, find
from journeys.engine import Stay
from journeys.engine.effects import dates_of_reminders
from journeys.outreach import Lapse, useful_until
from journeys.outreach.incoming import ANSWERS
from service.enrollments.answers import CallerView
from service.outreach.store.messages import MessageKind, StoredMessage, reminder_status


@dataclass(frozen=True, slots=True)
class Justification:
    """A message by the told view.

    Attributes:
        piece: its piece, as it is served in the language of the person; None where none is approved.
        useful_until: from here on it is of no use.
        not_again: for how long after another message with this piece it does not go.
        stay: the stay in which the piece is shown; None: the message is of no stay.
        lapse: why nothing justifies it any more; None: it is justified.
    """

    piece: Piece | None
    useful_until: datetime
    not_again: timedelta = timedelta()
    stay: Stay | None = None
    lapse: Lapse | None = None


def justify(connection: Connection, stored: StoredMessage, seen: CallerView, now: datetime) -> Justification:
    """The message as the told view of its enrollment justifies it."""
    return _BY_KIND[stored.kind](connection, stored, seen, now)


def _reminder(connection: Connection, stored: StoredMessage, seen: CallerView, now: datetime) -> Justification:
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
        useful_until=useful_until(piece, stored.due, dates.get(stored.subject)),
        not_again=piece.not_again.after(now) - now if piece is not None else timedelta(),
        stay=selected.stay if selected is not None else None,
        lapse=lapse,
    )


def _answer(connection: Connection, stored: StoredMessage, seen: CallerView, now: datetime) -> Justification:
    reply = seen.servable.catalogue.pieces.get(stored.piece)
    pauses = [answer.not_again for answer in ANSWERS.values() if reply is not None and reply.answers == answer.question]
    return Justification(reply, stored.useful_until, not_again=max(pauses, default=timedelta()))


_BY_KIND: Mapping[MessageKind, Callable[[Connection, StoredMessage, CallerView, datetime], Justification]] = {
    "reminder": _reminder,
    "answer": _answer,
}
