"""Whether the told view justifies a message now, and the situation that the gate decides about. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from journeys.content.catalogue import Catalogue, Piece, find
from journeys.definition.message_limits import MessageLimits
from journeys.engine import State, Stay
from journeys.engine.effects import dates_of_reminders
from journeys.outreach.cadence import ProgrammeLimits
from journeys.outreach.message import Lapse, Message, Situation
from journeys.outreach.occasions import EarlierMessage, ToldJourney, lapse_of, occasions_of, unmet
from journeys.outreach.reminder import useful_until


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


def justify_reminder(catalogue: Catalogue, view: State | None, message: EarlierMessage, now: datetime) -> Justification:
    """The message of a reminder by a told view; None: it has ended, or is not told any more."""
    piece = catalogue.pieces.get(message.piece)
    selected = find(catalogue, view, now, message.piece) if view is not None else None
    dates = dates_of_reminders(view, catalogue.plan) if view is not None else {}
    lapse: Lapse | None = None
    if message.occasion not in dates:
        lapse = "left"
    elif piece is not None and view is not None and selected is None:
        lapse = unmet(catalogue, view, piece)
    return Justification(
        piece=piece,
        due=message.due,
        useful_until=useful_until(piece, message.due, dates.get(message.occasion)),
        not_again=_not_again(piece, now),
        stay=selected.stay if selected is not None else None,
        lapse=lapse,
    )


def justify_occasion(told: ToldJourney, message: EarlierMessage, end: datetime, now: datetime) -> Justification:
    """The message of an occasion by the told view; `end` is that of its use where the occasion has gone."""
    piece = told.catalogue.pieces.get(message.piece)
    occasion = next((each for each in occasions_of(told) if each.id == message.occasion), None)
    selected = find(told.catalogue, told.view, now, message.piece)
    return Justification(
        piece=piece,
        due=occasion.due if occasion is not None else message.due,
        useful_until=occasion.useful_until if occasion is not None else end,
        not_again=_not_again(piece, now),
        stay=selected.stay if selected is not None else None,
        lapse=lapse_of(told, message, now),
    )


def situation_of(
    message: Message, justification: Justification, view: State | None, limits: MessageLimits
) -> Situation:
    """A message for the gate, with the settings that its piece has now; it keeps its topic, and an answer its purpose.

    `view` is the told view of its enrollment; None: it has ended, or is not told any more.
    """
    piece = justification.piece
    if piece is not None:
        message = replace(
            message,
            not_again=justification.not_again,
            purpose=message.purpose if message.is_answer else piece.purpose,
            order=piece.order,
            is_critical=piece.is_critical,
        )
    else:
        message = replace(message, not_again=justification.not_again)
    return Situation(
        message=message,
        limits=ProgrammeLimits.of(limits),
        has_ended=view is None or view.ended is not None,
        lapse=justification.lapse,
        is_approved=piece is not None,
    )


def _not_again(piece: Piece | None, now: datetime) -> timedelta:
    return piece.not_again.after(now) - now if piece is not None else timedelta()
