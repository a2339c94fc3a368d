"""What a message text is for, when a page is sent as a message, and how often, in the words of a reviewer."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.content.catalogue import Piece
from journeys.definition.message_limits import MessageLimits
from journeys.primitives.durations import Duration
from journeys.review.naming import Naming


def kind_in_words(piece: Piece, naming: Naming) -> str:
    """What a consent text asks for, what a reply answers, which messages a frame goes around; empty for a page."""
    if piece.grants is not None:
        purposes = ", ".join(_purpose(purpose, naming) for purpose in piece.grants.purposes)
        channels = ", ".join(naming.label(channel) for channel in piece.grants.channels)
        return naming.label("kind_consent", purposes=purposes, channels=channels or naming.label("any_channel"))
    if piece.answers is not None:
        return naming.label("kind_reply", question=naming.label(f"question_{piece.answers}"))
    if piece.kind in ("verification", "sign_in"):
        return naming.label(f"kind_{piece.kind}")
    return naming.label("kind_frame", channel=naming.label(piece.frames)) if piece.frames is not None else ""


def sending_in_words(piece: Piece, naming: Naming) -> Iterator[str]:
    """The occasion on which a page is sent by itself, and the settings of its messages that the author wrote."""
    if piece.send is not None:
        time, after = naming.time(piece.send.delay), piece.send.after
        yield naming.label("send_after", time=time, piece=after) if after else naming.label("send_on_entry", time=time)
        if piece.send.at is not None:
            yield naming.label("send_at", time=f"{piece.send.at:%H:%M}")
    if piece.useful_for is not None:
        yield naming.label("useful_for", time=naming.time(piece.useful_for))
    if "not_again" in piece.positions:
        yield naming.label("not_again", time=naming.time(piece.not_again))
    if piece.fallback is not None:
        yield naming.label("fallback", time=naming.time(piece.fallback))
    if piece.is_critical:
        yield naming.label("critical")
    if piece.topic is not None:
        is_on_request = piece.topic in naming.plan.journey.on_request
        yield naming.label("topic_on_request" if is_on_request else "topic", topic=naming.topic(piece.topic))


def limits_in_words(limits: MessageLimits, naming: Naming) -> Iterator[tuple[str, str]]:
    """The limits of messages that a programme declares: the key of each and its words."""
    if limits.quiet is not None:
        begin, end = limits.quiet
        yield "quiet", naming.label("quiet_hours", begin=f"{begin:%H:%M}", end=f"{end:%H:%M}")
    if limits.apart:
        yield "apart", naming.label("apart", time=naming.time(Duration(0, limits.apart)))
    for cap in limits.caps:
        purposes = ", ".join(_purpose(purpose, naming) for purpose in sorted(cap.purposes))
        counts = {"cap_day": cap.day, "cap_week": cap.week}
        most = ", ".join(naming.label(name, number=count) for name, count in counts.items() if count is not None)
        yield "caps", naming.label("cap", purposes=purposes, most=most)


def _purpose(purpose: str, naming: Naming) -> str:
    name, _, recipient = purpose.partition(":")
    return naming.label("purpose_share", recipient=recipient) if recipient else naming.label(f"purpose_{name}")
