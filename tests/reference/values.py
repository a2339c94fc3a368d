"""Times, delays, ids and canonical JSON (docs/fold.md, sections 2 and 8); it knows nothing of definitions."""

import calendar
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

#: The value of a fact that the patient would rather not say.
DECLINED = "<declined>"

DELAY = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def canonical(value):
    """Return a value as canonical JSON, in bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def make_id(*parts):
    """Return the id of a list of texts."""
    return hashlib.sha256(canonical(parts)).hexdigest()[:20]


def instant_of(text):
    """Return the instant of a time; of a day, its first instant."""
    return datetime.fromisoformat(text if len(text) > 10 else f"{text}T00:00:00Z")


def time_text(instant, is_day=False):
    """Return a time as text: a date where only the day is known, else an instant."""
    return instant.date().isoformat() if is_day else instant.isoformat().replace("+00:00", "Z")


def add_delay(instant, delay):
    """Return the instant that is an ISO 8601 delay away, by the calendar: months first, the day clamped."""
    parts = DELAY.fullmatch(delay).groupdict()
    sign = -1 if parts.pop("sign") else 1
    amounts = {unit: sign * int(amount or 0) for unit, amount in parts.items()}
    years, month = divmod(instant.month - 1 + amounts.pop("months"), 12)
    year, month = instant.year + amounts.pop("years") + years, month + 1
    day = min(instant.day, calendar.monthrange(year, month)[1])
    return instant.replace(year=year, month=month, day=day).astimezone(UTC) + timedelta(**amounts)


def whole_days(since, until):
    """Return the whole days between two instants, rounded down."""
    return (until - since) // timedelta(days=1)
