"""Codes by which a person shows that an address is theirs: how often they are sent, and which is accepted. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=10)
#: From its sending; the verification texts say it too.
MOST_TRIES = 5
MOST_CODES, CODE_PERIOD = 3, timedelta(hours=1)
#: Codes to one address.
MOST_CODES_OF_PERSON = 10
#: Codes that one person asks for in `CODE_PERIOD`, to whatever addresses.

CodeVerdict = Literal["accepted", "wrong", "ended"]


@dataclass(frozen=True, slots=True)
class SentCode:
    """A code that was sent: its keyed digest, when it was drawn (UTC), how often it was tried, whether it was used."""

    digest: str
    drawn_at: datetime
    tries: int
    is_used: bool

    def used(self) -> SentCode:
        """The code after somebody named it."""
        return replace(self, tries=self.tries + 1, is_used=True)


def code_of(secret: str) -> str:
    """The code of a random secret of at least 128 bits: six digits, each of the million codes as likely."""
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest()) % 10**CODE_DIGITS
    return f"{number:0{CODE_DIGITS}}"


def next_code_at(requested: Iterable[datetime], now: datetime, most: int) -> datetime:
    """The earliest instant at which another code may be requested: at most some in `CODE_PERIOD`.

    Args:
        requested: when codes were requested before, UTC.
        now: the instant, UTC.
        most: how many an address (`MOST_CODES`) or a person (`MOST_CODES_OF_PERSON`) may have.
    """
    recent = sorted(at for at in requested if at > now - CODE_PERIOD)
    return recent[-most] + CODE_PERIOD if len(recent) >= most else now


def judge_code(sent: SentCode | None, digest: str, now: datetime, life: timedelta = CODE_LIFE) -> CodeVerdict:
    """Whether a code is the last that was sent, which is valid for `life` from its sending.

    `ended`: none was sent, or it was used, is too old, or was tried too often. The comparison takes the same time
    whatever it compares.
    """
    is_equal = hmac.compare_digest(sent.digest if sent is not None else "", digest)
    if sent is None or sent.is_used or sent.tries >= MOST_TRIES or now >= sent.drawn_at + life:
        return "ended"
    return "accepted" if is_equal else "wrong"
