"""Puts a message into the frame of its channel. It renders nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from journeys.content.catalogue.catalogue import Catalogue
from journeys.content.catalogue.piece import Piece, PieceText
from journeys.content.catalogue.text_checks import FRAME_VALUES, MESSAGE_IN_LINE
from journeys.content.markdown import NOTES
from journeys.content.templates import MESSAGE, FrameValue, Node, Words


def frame_of(catalogue: Catalogue, channel: str) -> Piece | None:
    """The message frame of a channel; None where the journey has none."""
    return next((frame for frame in catalogue.of_kind("frame") if frame.frames == channel), None)


def in_frame_of(catalogue: Catalogue, piece: Piece, channel: str) -> Piece:
    """A piece with the words of the frame of a channel around it; the piece itself without a frame."""
    frame = frame_of(catalogue, channel)
    return framed(piece, frame) if frame is not None else piece


def in_frame(line: str, message: str) -> str:
    """The line of a text or push frame with the message in its place."""
    return MESSAGE_IN_LINE.sub(lambda _: message, line)


def framed(piece: Piece, frame: Piece) -> Piece:
    """A page with the words of a frame around its e-mail, its letter, its text message or its push message.

    Args:
        piece: the page, with the values of the patient's programme.
        frame: a message frame of the same journey, with the same values.

    Returns:
        The page in the languages that both have, with its footnotes before the end of the frame. Only the channel of
        the frame may be rendered from it.
    """
    texts = {
        locale: _framed(text, frame.texts[locale], frame.frames)
        for locale, text in piece.texts.items()
        if locale in frame.texts
    }
    return replace(piece, texts=texts)


def _framed(text: PieceText, around: PieceText, channel: str | None) -> PieceText:
    if channel in FRAME_VALUES:
        return replace(text, body=replace(text.body, body=tuple(_around(around.body.body, text.body.body))))
    if channel == "sms" and text.text is not None and around.text is not None:
        return replace(text, text=in_frame(around.text, text.text))
    if channel == "push" and text.push is not None and around.push is not None:
        return replace(text, push=in_frame(around.push, text.push))
    return text


def _around(frame: tuple[Node, ...], message: tuple[Node, ...]) -> Iterator[Node]:
    for node in frame:
        if isinstance(node, FrameValue) and node.name == MESSAGE:
            yield from message
            yield Words(f"\n\n{NOTES}")
        else:
            yield node
