"""The purpose of a consent text, a reply or a message frame, in the words of a reviewer."""

from __future__ import annotations

from journeys.content.catalogue import Piece
from journeys.review.naming import Naming


def kind_in_words(piece: Piece, naming: Naming) -> str:
    """What a consent text asks for, what a reply answers, or which messages a frame goes around; empty for a page."""
    if piece.grants is not None:
        purposes = ", ".join(_purpose(purpose, naming) for purpose in piece.grants.purposes)
        channels = ", ".join(naming.label(channel) for channel in piece.grants.channels)
        return naming.label("kind_consent", purposes=purposes, channels=channels or naming.label("any_channel"))
    if piece.answers is not None:
        return naming.label("kind_reply", question=naming.label(f"question_{piece.answers}"))
    return naming.label("kind_frame", channel=naming.label(piece.frames)) if piece.frames is not None else ""


def _purpose(purpose: str, naming: Naming) -> str:
    name, _, recipient = purpose.partition(":")
    return naming.label("purpose_share", recipient=recipient) if recipient else naming.label(f"purpose_{name}")
