"""Codes that show that an address is a person's, or that a caregiver was invited: which of them is accepted. Pure."""

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
INVITATION_LIFE = timedelta(days=7)
#: From the invitation of a caregiver.
INVITATION_LETTERS = 16
_SELECTOR = 6
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
#: The letters of Crockford's base 32 (crockford.com/base32.html), and those that are read as others.

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


def invitation_code_of(secret: str) -> str:
    """The code of a random secret of at least 128 bits by which a caregiver accepts: 80 bits, `ABCD-EFGH-JKMN-PQRS`."""
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    letters = [_ALPHABET[number >> 5 * place & 31] for place in range(INVITATION_LETTERS)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, INVITATION_LETTERS, 4))


def parts_of_invitation_code(typed: str) -> tuple[str, str] | None:
    """The part of a code by which its invitation is found, and its secret; None where it cannot be a code.

    Case, blanks and hyphens do not count, and letters that are easily misread are taken for the digits they look like.
    """
    letters = typed.upper().translate(_MISREAD).replace("-", "").replace(" ", "")
    if len(letters) != INVITATION_LETTERS or not set(letters) <= set(_ALPHABET):
        return None
    return letters[:_SELECTOR], letters[_SELECTOR:]


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
