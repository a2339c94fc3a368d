"""The port of every channel: one attempt to hand over a message, and its outcome. It opens no connection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar


class Reason(StrEnum):
    """Why an attempt failed; a closed list, because the text of a provider can repeat the recipient's address."""

    UNREACHABLE = "unreachable"  # no connection: name, network or TLS
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection-lost"
    BAD_ANSWER = "bad-answer"  # not the protocol
    BUSY = "busy"
    PROVIDER_FAILED = "provider-failed"
    NOT_SIGNED_IN = "not-signed-in"  # the provider does not accept our credentials
    REFUSED = "refused"  # the provider does not take this message
    ENDED = "ended"  # the subscription or the endpoint does not exist any more
    TOO_LARGE = "too-large"
    BAD_ADDRESS = "bad-address"  # malformed, or not an address that may be called
    BAD_CONTENT = "bad-content"  # a line break in a header, a missing part
    EXPIRED = "expired"  # not useful any more


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has the message; `id` is the name under which its receipts speak of it, if it has any."""

    id: str | None = None


@dataclass(frozen=True, slots=True)
class Transient:
    """The provider does not have the message, or can tell a repeat by its key: a later attempt may succeed.

    `code` is the provider's status code (`429`, `4.2.2`) or empty; `retry_after` is how long it asks to wait.
    """

    reason: Reason
    code: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Permanent:
    """No attempt with this message and this address can succeed. `code` as in `Transient`."""

    reason: Reason
    code: str = ""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The carrier or the provider knows that the person wants no messages on this channel."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """The provider may or may not have the message, and cannot tell a repeat: the outcome is ambiguous."""

    reason: Reason


Outcome = Accepted | Transient | Permanent | OptedOut | AnswerLost


class Unsendable(Exception):
    """An envelope that this channel cannot send; adapters turn it into `Permanent`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Where a person ends mail of a kind: an https address for one click (RFC 8058) and a mail address."""

    url: str = field(repr=False)
    mailbox: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message to a person. Its text never shows in `repr`, so neither does it in a traceback.

    `address`: a mail address, a number in E.164 (`+34600111222`), or the JSON of a browser's PushSubscription.
    `useful_until`: push services and carriers drop the message then. `subject`: mail, and the title of a push message.

    For mail: `html`; `footer`, lines of plain text that are also put under the HTML; `unsubscribe`; `list_id`, a domain
    name such as `adherence.guide.example.org`.

    For push: `topic`: a later message with the same topic replaces one that was not delivered yet, and push services
    see a keyed digest of it; `urgent`: delivered also while the device saves its battery.
    """

    address: str = field(repr=False)
    text: str = field(repr=False)
    locale: str
    useful_until: datetime
    subject: str = field(default="", repr=False)
    html: str | None = field(default=None, repr=False)
    footer: str = field(default="", repr=False)
    unsubscribe: Unsubscribe | None = None
    list_id: str = ""
    topic: str = field(default="", repr=False)
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEnvelope:
    """An event for another system: a CloudEvent of `type` from `source` about `subject`, with its `data`.

    `secrets` sign it, each as `whsec_` with base64; while a secret is rotated there are two. `time`: when it happened.
    """

    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    type: str
    source: str
    time: datetime
    subject: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


EnvelopeT_contra = TypeVar("EnvelopeT_contra", Envelope, EventEnvelope, contravariant=True)


class Channel(Protocol[EnvelopeT_contra]):
    """A way to reach a person or a system. Threads may share it."""

    def send(self, envelope: EnvelopeT_contra, key: str) -> Outcome:
        """Make one attempt, in at most ten seconds; whatever a provider does is an outcome, never an exception.

        `key` names the message: the same at each attempt, random, and valid by `checked_key`.

        Raises:
            ValueError: `key` is not valid.
        """


_KEY = re.compile(r"[a-z0-9-]{8,36}")
_PROVIDER_ID = re.compile(r"[\w.:=/<>@-]{1,200}", re.ASCII)


def checked_key(key: str) -> str:
    """Return a key that fits into headers, mail addresses and URLs.

    Raises:
        ValueError: it is not 8 to 36 lower-case letters, digits and hyphens.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("A message key must have 8 to 36 lower-case letters, digits and hyphens.")
    return key


def accepted(provider_id: object, *, address: str) -> Accepted:
    """Return that a message was accepted, under the provider's id where that is short and does not tell the address."""
    text = str(provider_id) if isinstance(provider_id, str | int) else ""
    tells_address = address.strip("+").lower() in text.lower()
    return Accepted(text if _PROVIDER_ID.fullmatch(text) and not tells_address else None)
