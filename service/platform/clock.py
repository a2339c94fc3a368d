"""The only reader of the clock and the only source of random ids and secrets; other modules get them as arguments."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

#: Gives the present, UTC.
Clock = Callable[[], datetime]
#: Gives an id never given before.
NewId = Callable[[], str]
#: Gives a text that nobody can guess.
NewSecret = Callable[[], str]


def present() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """32 hexadecimal digits: 48 bits of time, so that rows made together lie together, and 80 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    return f"{milliseconds & (2**48 - 1):012x}{os.urandom(10).hex()}"


def new_secret() -> str:
    """256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def monotonic() -> float:
    """Seconds of a clock that never goes back, for measuring how long something took."""
    return time.monotonic()
