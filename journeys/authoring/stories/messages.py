"""The messages that pieces send by themselves in a story, to a patient who allows every message at every hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from journeys.content.catalogue import Piece
from journeys.outreach import EarlierMessage, Occasion, ToldJourney, lapse_of, new_occasions, occasions_of


def next_due(told: ToldJourney, after: datetime) -> datetime | None:
    """The first instant after another at which a message falls due, or None."""
    return min((occasion.due for occasion in occasions_of(told) if occasion.due > after), default=None)


def send_due(told: ToldJourney, now: datetime) -> tuple[tuple[EarlierMessage, ...], tuple[str, ...]]:
    """The messages so far with those that are made now, and the keys of the pieces that are sent now."""
    made = tuple(_message_of(occasion) for occasion in new_occasions(told, now))
    told = replace(told, messages=(*told.messages, *made))
    sent: list[str] = []
    for message in _due_messages(told, now):
        piece = told.catalogue.pieces[message.piece]
        is_sent = lapse_of(told, message, now) is None and not _is_repeated(told, piece, now)
        settled = replace(message, is_settled=True, sent_at=now if is_sent else None)
        told = replace(told, messages=tuple(settled if other is message else other for other in told.messages))
        sent += [piece.key] if is_sent else []
    return told.messages, tuple(sent)


def _message_of(occasion: Occasion) -> EarlierMessage:
    return EarlierMessage(occasion=occasion.id, piece=occasion.piece, due=occasion.due)


def _due_messages(told: ToldJourney, now: datetime) -> Iterator[EarlierMessage]:
    waiting = {message.occasion: message for message in told.messages if not message.is_settled}
    for occasion in occasions_of(told):
        if occasion.id in waiting and occasion.due <= now < occasion.useful_until:
            yield waiting[occasion.id]


def _is_repeated(told: ToldJourney, piece: Piece, now: datetime) -> bool:
    sendings = [message.sent_at for message in told.messages if message.piece == piece.key and message.sent_at]
    return not piece.is_critical and any(now < piece.not_again.after(sent_at) for sent_at in sendings)
