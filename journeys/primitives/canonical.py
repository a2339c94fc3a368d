"""One spelling for every stored value: canonical JSON, derived ids, and times as text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from json.encoder import encode_basestring
from typing import Any

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
#: The earliest accepted time; a year such as 0026 is a typing error and would fire two thousand years of timers.
TIME_OF_DAY_PATTERN = r"([01][0-9]|2[0-3]):([0-5][0-9])"
#: The pattern of a time of day to the minute.
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,20})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_TIME_OF_DAY = re.compile(TIME_OF_DAY_PATTERN, re.ASCII)

_DAY_LENGTH = len("2026-01-15")
_MIDNIGHT = "T00:00:00+00:00"

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Any) -> bytes:
    """The value as JSON bytes: sorted keys, no white space, UTF-8; the same value gives the same bytes.

    Raises:
        ValueError: for NaN and infinities, which JSON does not have.
    """
    return _ENCODER.encode(value).encode()


def derived_id(*parts: str) -> str:
    """An id of 20 hexadecimal digits, computed only from the parts (80 bits of SHA-256)."""
    text = "[" + ",".join(map(encode_basestring, parts)) + "]"  # canonical JSON of a list of texts, without the detour
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def ids_of(*parts: str) -> Callable[[str], str]:
    """A function that returns `derived_id(*parts, last)` for any last part; the other parts are encoded only once."""
    start = "[" + "".join([encode_basestring(part) + "," for part in parts])
    return lambda last: hashlib.sha256(f"{start}{encode_basestring(last)}]".encode()).hexdigest()[:20]


def event_uid(enrollment: str, reporter: str, event: str) -> str:
    """The service's id of an event; it never changes for the same enrollment, reporter and reporter's id."""
    return derived_id("event", enrollment, reporter, event)


def time_text(instant: datetime, day: bool = False) -> str:
    """UTC text of an instant (`2026-01-15T10:00:00Z`), or of its day alone (`2026-01-15`).

    Raises:
        ValueError: when the instant has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("a time needs a time zone")
    text = (instant if instant.tzinfo is UTC else instant.astimezone(UTC)).isoformat()
    return text[:10] if day else text[:-6] + "Z"  # in place of +00:00


def parse_time(text: str) -> tuple[datetime, bool]:
    """The instant (UTC) of a text, and whether the text is a day alone (then the instant is its first).

    Accepts RFC 3339: `2026-01-15`, `2026-01-15T10:00:00Z`, `2026-01-15T10:00:00.5+02:00`.

    Raises:
        ValueError: for anything else, including a time without an offset.
    """
    if _DAY.fullmatch(text):
        day = parse_day(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC), True
    if not _INSTANT.fullmatch(text):
        raise ValueError("not a date such as 2026-01-15, or a time with an offset such as 2026-01-15T10:00:00Z")
    instant = datetime.fromisoformat(text.upper())
    try:
        return instant.astimezone(UTC), False
    except OverflowError as error:
        raise ValueError("the time is outside the calendar") from error


def stored_time(text: str) -> tuple[datetime, bool]:
    """The instant and day flag of a text that `time_text` wrote; the text is not checked again."""
    if len(text) == _DAY_LENGTH:
        return midnight(text), True
    return datetime.fromisoformat(text), False


def first_instant(at: datetime) -> datetime:
    """The first instant of the day of an instant, in its zone."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def midnight(day: str) -> datetime:
    """The first instant, UTC, of a stored day."""
    return datetime.fromisoformat(day + _MIDNIGHT)


def parse_day(text: str) -> date:
    """The day of a text such as `2026-01-15`.

    Raises:
        ValueError: for anything else, including the week dates and bare digits of ISO 8601.
    """
    if not _DAY.fullmatch(text):
        raise ValueError("not a date such as 2026-01-15")
    return date.fromisoformat(text)


def parse_time_of_day(text: str) -> time:
    """The time of day of a text such as `21:00`.

    Raises:
        ValueError: for anything else.
    """
    if not _TIME_OF_DAY.fullmatch(text):
        raise ValueError('not a time such as "21:00"')
    return time.fromisoformat(text)
