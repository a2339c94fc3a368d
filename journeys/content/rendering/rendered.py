"""A rendered piece as a value."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.primitives.words import Channel


class NotForChannel(Exception):
    """The piece has no text for that channel."""

    def __init__(self, key: str, channel: Channel) -> None:
        super().__init__(f"The piece '{key}' has no text for {channel}.")
        self.key = key
        self.channel = channel


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered piece: its key and version, the locale served, and the parts of the channel.

    `html` is set for web, page, email and post; `text` for text, email, sms and push (else empty); `subject` for email
    and post.
    Title and summary contain no facts, but may reveal the subject of the piece: they must not appear on locked screens.
    """

    key: str
    version: str
    channel: Channel
    locale: str
    title: str
    summary: str
    subject: str | None = None
    html: str | None = None
    text: str = ""
