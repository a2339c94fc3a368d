"""ISO 8601 durations and calendar arithmetic in UTC, clamped to the month's end."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_FORM = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,7})S)?)?",
    re.ASCII,
)

_ALWAYS = 28
#: The number of days that every month has.

ACCEPTED = "an ISO 8601 duration such as P6M, P14D, PT12H or -P3D"


@dataclass(frozen=True, slots=True)
class Duration:
    """Months (years are twelve) and an exact rest; both may be negative."""

    months: int
    rest: timedelta

    def after(self, start: datetime) -> datetime:
        """The instant this long after `start`: months first, the day clamped to the month's end, then the rest.

        A result outside the calendar is clamped to its first or last day.
        """
        try:
            if self.months:
                index = start.year * 12 + start.month - 1 + self.months
                year, month = divmod(index, 12)
                day = start.day if start.day <= _ALWAYS else min(start.day, calendar.monthrange(year, month + 1)[1])
                time = start.hour, start.minute, start.second, start.microsecond
                start = datetime(year, month + 1, day, *time, tzinfo=start.tzinfo)
            return start + self.rest
        except (ValueError, OverflowError, calendar.IllegalMonthError):
            later = self.months > 0 or self.rest > timedelta(0)
            return datetime(9999, 12, 31, tzinfo=UTC) if later else datetime(1, 1, 1, tzinfo=UTC)

    @property
    def is_negative(self) -> bool:
        """Whether the duration is negative: before, and not on the same day."""
        return self.is_zero_or_negative and (self.months, self.rest) != (0, timedelta(0))

    @property
    def is_zero_or_negative(self) -> bool:
        """Whether the duration is zero or negative."""
        return self.months <= 0 and self.rest <= timedelta(0)


def parse_duration(text: str) -> Duration:
    """The duration of an ISO 8601 text such as `P6M`.

    Raises:
        ValueError: when the text is not an ISO 8601 duration; fractions are not accepted.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not {ACCEPTED}")
    parts = {name: int(value or 0) for name, value in match.groupdict().items() if name != "sign"}
    sign = -1 if match["sign"] else 1
    rest = timedelta(
        weeks=parts["weeks"],
        days=parts["days"],
        hours=parts["hours"],
        minutes=parts["minutes"],
        seconds=parts["seconds"],
    )
    return Duration(sign * (parts["years"] * 12 + parts["months"]), sign * rest)
