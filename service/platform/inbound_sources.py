"""The sources that may call the inbound route, each with its secrets, as a setting declares them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"(email|sms|push)(-[a-z0-9]{1,40})?")
_PREFIX = "whsec_"
_LEAST_BYTES = 24
ACCEPTED = (
    "must name each source with its secrets, for example sms=whsec_<base64>; email-ses=whsec_<base64>,whsec_<base64>. "
    f"A source is email, sms or push, alone or with a name after a hyphen; a secret has {_LEAST_BYTES} bytes or more."
)


@dataclass(frozen=True, slots=True)
class InboundSource:
    """A source of receipts and words, its channel, and the secrets by which it signs: two while one is replaced."""

    name: str
    channel: str
    secrets: tuple[bytes, ...] = field(default=(), repr=False)


def read_sources(text: str) -> Mapping[str, InboundSource]:
    """The sources of a setting by name.

    Raises:
        ValueError: the setting is malformed; the message repeats nothing of it.
    """
    sources: dict[str, InboundSource] = {}
    for source in _sources(text):
        if source.name in sources:
            raise ValueError(ACCEPTED)
        sources[source.name] = source
    return sources


def _sources(text: str) -> Iterator[InboundSource]:
    for part in filter(str.strip, text.split(";")):
        name, _, secrets = part.strip().partition("=")
        match = _NAME.fullmatch(name.strip())
        if match is None:
            raise ValueError(ACCEPTED)
        yield InboundSource(match[0], match[1], tuple(_secret(secret.strip()) for secret in secrets.split(",")))


def _secret(text: str) -> bytes:
    try:
        secret = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not text.startswith(_PREFIX) or len(secret) < _LEAST_BYTES:
        raise ValueError(ACCEPTED)
    return secret
