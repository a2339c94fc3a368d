"""Messages of pieces: their channels, how long they are of use, and why the told view no longer justifies one. Pure."""

from __future__ import annotations

from datetime import datetime

from journeys.content.catalogue import DEFAULT_USEFUL_FOR, Piece
from journeys.outreach.message import Message

QUICKEST_FIRST: tuple[str, ...] = ("push", "sms", "email", "post")
#: The channels that reach a person, first the quickest to be seen: their order where the person says no other.


def channels_of(piece: Piece, locale: str) -> tuple[str, ...]:
    """The channels for which a piece has a text in a language: text messages and push need texts of their own."""
    text = piece.texts[locale]
    own = {"sms": text.text, "push": text.push}
    return tuple(
        channel for channel in QUICKEST_FIRST if channel in piece.channels and own.get(channel, "") is not None
    )


def useful_until(piece: Piece | None, due: datetime, date: datetime | None) -> datetime:
    """The end of a message's use: the date to which its reminder counts down, or the end that its piece says.

    The earlier counts where there are both. Without either it is of use for some days after it fell due.
    """
    ends = [piece.useful_for.after(due)] if piece is not None and piece.useful_for is not None else []
    ends += [date] if date is not None else []
    return min(ends, default=DEFAULT_USEFUL_FOR.after(due))


def message_of(piece: Piece, id: str, due: datetime, date: datetime | None, channels: tuple[str, ...]) -> Message:
    """The message that says a piece, as the gate is asked about it.

    Args:
        piece: the piece in force.
        id: the id of the message.
        due: when it fell due, UTC.
        date: the date to which its reminder counts down, UTC; None: none.
        channels: the channels for which the piece has a text; at least one.
    """
    return Message(
        id=id,
        piece=piece.key,
        purpose=piece.purpose,
        channels=channels,
        due=due,
        useful_until=useful_until(piece, due, date),
        not_again=piece.not_again.after(due) - due,
        order=piece.order,
        is_critical=piece.is_critical,
    )
