"""A rendered piece as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Channel = Literal["web", "page", "text", "email", "sms", "push", "post"]
RENDERED_AS: tuple[Channel, ...] = get_args(Channel)
#: `web` is an HTML fragment to put under the title, `page` a complete HTML page, `text` plain text, `post` the fragment
#: of a letter. In a language that is written from right to left, a fragment is one element with `lang` and `dir`.


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
