"""Messages of reminders: their channels, and how long they are of use. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from journeys.content.catalogue import DEFAULT_USEFUL_FOR, Piece

QUICKEST_FIRST: tuple[str, ...] = ("push", "sms", "email", "post")
#: The channels that reach a person, first the quickest to be seen: their order where the person says no other.


def channels_of(piece: Piece, locale: str, accepted: Iterable[str] = QUICKEST_FIRST) -> tuple[str, ...]:
    """The accepted channels for which a piece has a text in a language; text messages and push need their own."""
    text = piece.texts[locale]
    own = {"sms": text.text, "push": text.push}
    return tuple(channel for channel in accepted if channel in piece.channels and own.get(channel, "") is not None)


def useful_until(piece: Piece | None, due: datetime, date: datetime | None) -> datetime:
    """The end of a message's use: the date to which its reminder counts down, or the end that its piece says.

    The earlier counts where there are both. Without either it is of use for some days after it fell due.
    """
    ends = [piece.useful_for.after(due)] if piece is not None and piece.useful_for is not None else []
    ends += [date] if date is not None else []
    return min(ends, default=DEFAULT_USEFUL_FOR.after(due))
