"""The sources that sign what they send, each with its secrets, as settings declare them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_CHANNEL_NAME = re.compile(r"(email|sms|push)(-[a-z0-9]{1,40})?")
_ROWS_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_PREFIX = "whsec_"
_LEAST_BYTES = 24
ACCEPTED = (
    "must name each source with its secrets, for example sms=whsec_<base64>; email-ses=whsec_<base64>,whsec_<base64>. "
    f"A source is email, sms or push, alone or with a name after a hyphen; a secret has {_LEAST_BYTES} bytes or more."
)
ACCEPTED_OF_ROWS = (
    "must name each source with its secrets, for example imaging=whsec_<base64>; lab=whsec_<base64>,whsec_<base64>. "
    f"A source is named as the journey declares it; a secret has {_LEAST_BYTES} bytes or more."
)


@dataclass(frozen=True, slots=True)
class InboundSource:
    """A source of receipts and words, its channel, and the secrets by which it signs: two while one is replaced."""

    name: str
    channel: str
    secrets: tuple[bytes, ...] = field(default=(), repr=False)


def read_sources(text: str) -> Mapping[str, InboundSource]:
    """The sources of the setting `inbound` by name.

    Raises:
        ValueError: the setting is malformed; the message repeats nothing of it.
    """
    secrets = _read_secrets(text, _CHANNEL_NAME, ACCEPTED)
    return {name: InboundSource(name, name.partition("-")[0], secrets[name]) for name in secrets}


def read_row_secrets(text: str) -> Mapping[str, tuple[bytes, ...]]:
    """The secrets of the sources of rows in the setting `triggers`, by name.

    Raises:
        ValueError: the setting is malformed; the message repeats nothing of it.
    """
    return _read_secrets(text, _ROWS_NAME, ACCEPTED_OF_ROWS)


def _read_secrets(text: str, accepted_name: re.Pattern[str], accepted: str) -> dict[str, tuple[bytes, ...]]:
    secrets: dict[str, tuple[bytes, ...]] = {}
    for part in filter(str.strip, text.split(";")):
        name, _, texts = (side.strip() for side in part.partition("="))
        if accepted_name.fullmatch(name) is None or name in secrets:
            raise ValueError(accepted)
        secrets[name] = tuple(_secret(secret.strip(), accepted) for secret in texts.split(","))
    return secrets


def _secret(text: str, accepted: str) -> bytes:
    try:
        secret = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not text.startswith(_PREFIX) or len(secret) < _LEAST_BYTES:
        raise ValueError(accepted)
    return secret
