"""Passwords: their hashes, what makes one acceptable, and the check of one. It makes no session.

A check takes a turn in a queue of its own, so that a flood of sign-ins cannot take every thread and processor. It is
counted before the password is compared, in one transaction with the count, so that checks at the same time cannot
exceed the limit together.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from service.access.store import accounts
from service.access.store.accounts import Account
from service.platform import errors
from service.platform.bounded_queue import QueueFull
from service.platform.logs import log
from service.platform.process import Process

SHORTEST, LONGEST = 12, 200
LENGTH = f"A password has {SHORTEST} to {LONGEST} characters."
EASY = (
    "This password is too easy to guess: attackers try common passwords, names, dates, repetitions and rows of keys "
    "first. Use several words that do not belong together."
)
#: After so many wrong passwords for a name within this time, the name is locked until the first is that old.
FAILURES, WITHIN = 10, timedelta(minutes=15)
#: A password that is found with fewer guesses is refused (zxcvbn's score below 3).
FEWEST_GUESSES = 10**8
#: The number of characters that zxcvbn judges; its time grows faster than the length, here to a second at worst.
JUDGED = 32
#: Seconds after which a sign-in that found the queue full is sent again.
QUEUE_WAIT = 1

#: OWASP's first choice for argon2id; about 50 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
#: A hash to compare with where no account has the name: salt and digest are zeros, the parameters those of the hasher.
_OF_NOBODY = "$argon2id$v=19$m={},t={},p={}${}${}".format(
    _HASHER.memory_cost, _HASHER.time_cost, _HASHER.parallelism, "A" * 22, "A" * 43
)


def problems_of(password: str, names: Sequence[str]) -> list[str]:
    """The problems of a new password; `names` are those of its owner, which are guessed first."""
    if not SHORTEST <= len(password) <= LONGEST:
        return [LENGTH]
    from zxcvbn import zxcvbn  # 30,000 words, needed by two commands and a page

    words = [*names, *(name.replace(" ", "") for name in names)]
    guesses = zxcvbn(password[:JUDGED], user_inputs=words)["guesses"]
    return [EASY] if guesses < FEWEST_GUESSES else []


def hash_password(process: Process, password: str) -> str:
    """The hash of a new password.

    Raises:
        SignInBusy: the queue is full.
    """
    with _turn(process):
        return _HASHER.hash(password)


def require_password(process: Process, name: str, account: Account | None, password: str) -> Account:
    """The account, if the password is right; it always takes the time of one comparison.

    Raises:
        WrongPassword: the password is wrong, or no enabled account with a password has the name.
        SignInTooOften: the password was wrong too often.
        SignInBusy: the queue is full.
    """
    with _turn(process):
        attempt = _begin_attempt(process, digest_of(name))
        is_open = account is not None and account.password is not None and account.disabled_at is None
        hashed = account.password if is_open and account is not None else None
        if _matches(hashed or _OF_NOBODY, password) and account is not None and hashed is not None:
            with process.database.writing() as connection:
                accounts.forget_failure(connection, attempt)
            return account
    log().warning("sign-in refused", why="wrong", account=account.id if account is not None else None)
    raise errors.WrongPassword


def _begin_attempt(process: Process, name_digest: str) -> str:
    """The id of an attempt, which counts as wrong until it is known to be right."""
    now, attempt = process.clock(), process.new_id()
    with process.database.writing() as connection:
        accounts.lock_failures(connection, name_digest)
        count, first = accounts.count_failures(connection, name_digest, now - WITHIN)
        if count < FAILURES or first is None:
            accounts.note_failure(connection, attempt, name_digest, now, now - WITHIN)
            return attempt
    log().warning("sign-in refused", why="too often")
    raise errors.SignInTooOften(_seconds(first + WITHIN - now), "Too many wrong passwords. Try again later.")


def digest_of(text: str) -> str:
    """The digest of a secret of 256 random bits, or of a name, which is stored in its place."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


@contextmanager
def _turn(process: Process) -> Iterator[None]:
    try:
        with process.passwords.turn():
            yield
    except QueueFull:
        log().warning("sign-in refused", why="busy")
        raise errors.SignInBusy(QUEUE_WAIT, "Many people sign in at this moment. Try again in a second.") from None


def _matches(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password if len(password) <= LONGEST else "")
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):
        return False


def _seconds(left: timedelta) -> int:
    return max(1, math.ceil(left.total_seconds()))
