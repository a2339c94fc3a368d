"""Links by which a person ends the messages of a channel. They are valid for good and hold no personal data.

A link holds the random id of the person, the channel, and a keyed digest of both, so that nothing has to be stored.
"""

from __future__ import annotations

import hmac
from typing import NamedTuple

from sqlalchemy import Connection

from service.persons.addresses import CHANNELS
from service.platform.process import Process

_LENGTH = 32
#: Hexadecimal digits of the digest: 128 bits.


class UnsubscribeLink(NamedTuple):
    """Whose messages on which channel a link ends."""

    person: str
    channel: str


def token_of(process: Process, connection: Connection, link: UnsubscribeLink) -> str:
    """The last part of the address of a link."""
    return f"{link.person}-{link.channel}-{_digest(process, connection, link)}"


def link_of(process: Process, connection: Connection, token: str) -> UnsubscribeLink | None:
    """Whose messages a token ends, or None where this service did not make it."""
    person, _, rest = token.partition("-")
    channel, _, digest = rest.partition("-")
    link = UnsubscribeLink(person, channel)
    if channel not in CHANNELS or not digest.isascii():
        return None
    return link if hmac.compare_digest(digest, _digest(process, connection, link)) else None


def _digest(process: Process, connection: Connection, link: UnsubscribeLink) -> str:
    return process.digests.digest_of(connection, "unsubscribe", f"{link.person} {link.channel}")[:_LENGTH]
