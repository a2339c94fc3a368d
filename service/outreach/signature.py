"""Signatures of what providers send: an HMAC over the very bytes, with a time that stops a later replay."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

#: How far the time of a signature may lie from the present.
TOLERANCE = timedelta(minutes=5)


def signature_of(body: bytes, *, timestamp: str, secret: bytes) -> str:
    """Return the HMAC-SHA256 over `timestamp`, a dot and the body, in hexadecimal digits."""
    return hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()


def is_signed(body: bytes, *, timestamp: str, signature: str, secrets: Iterable[bytes], now: datetime) -> bool:
    """Whether a body was signed by one of the secrets within the last five minutes.

    `timestamp`: seconds since 1970, in digits. While a secret is rotated there are two.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        return False
    at = datetime.fromtimestamp(int(timestamp), UTC)
    sent = signature.encode()
    matches = [
        hmac.compare_digest(signature_of(body, timestamp=timestamp, secret=secret).encode(), sent) for secret in secrets
    ]
    return abs(now - at) <= TOLERANCE and any(matches)
