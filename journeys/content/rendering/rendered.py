"""What is given out, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Channel = Literal["web", "page", "text", "email", "sms", "push"]
RENDERED_AS: tuple[Channel, ...] = get_args(Channel)
#: `web` is a fragment to put under the title, `page` a whole page, `text` plain text.


class NotForChannel(Exception):
    """The piece has no text for that channel."""

    def __init__(self, key: str, channel: Channel) -> None:
        super().__init__(f"The piece '{key}' has no text for {channel}.")
        self.key = key
        self.channel = channel


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is given out: the piece and version, the locale served, and the parts of the channel.

    `html` is there for web, page and email; `text` for text, email, sms and push (else empty); `subject` for email.
    Title and summary hold no facts, yet may tell what the piece is about: they are not for locked screens.
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
