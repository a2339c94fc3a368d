"""The messages of a page as they leave: in the frame of each channel, with placeholders as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from journeys.content.catalogue import Catalogue, Piece, frame_of, framed
from journeys.content.rendering import Channel, NotForChannel, render_rendering
from journeys.content.templates import renderings

_CHANNELS: tuple[Channel, ...] = ("push", "sms", "email")


@dataclass(frozen=True, slots=True)
class FramedMessage:
    """A message of a page by one channel: the key of the frame around it, and its words; of an e-mail the subject too.

    Of a page with conditions it has the words of the first rendering; the proof has all of them, without a frame.
    """

    channel: str
    frame: str
    subject: str
    text: str


def framed_messages(piece: Piece, catalogue: Catalogue, locale: str) -> Iterator[FramedMessage]:
    """The messages of a reminder, or of a page that is sent by itself, by each channel with a frame."""
    if not piece.is_reminder and piece.send is None:
        return
    for channel in _CHANNELS:
        frame = frame_of(catalogue, channel)
        if channel not in piece.channels or frame is None or locale not in frame.texts:
            continue
        message = framed(piece, frame)
        first = next(iter(renderings(message.texts[locale].body, catalogue.plan)))
        try:
            rendered = render_rendering(message, first, locale=locale, channel=channel)
        except NotForChannel:
            continue
        yield FramedMessage(channel, frame.key, rendered.subject or "", rendered.text)
