"""Instants by the wall clock of a person: quiet hours, a time of day, and days of 23 to 25 hours.

Between two changes of a zone's offset its wall clock runs evenly, so everything is worked out span by span.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
_DAY_SECONDS = 86_400
_AHEAD = 72
#: For how many hours spans are looked for: a date may be missing, and nothing else lasts longer than two days.


class _Span(NamedTuple):
    """A stretch of time with one offset: from `begin` to before `finish`, both UTC."""

    begin: datetime
    finish: datetime
    offset: timedelta

    @property
    def wall(self) -> datetime:
        """The wall clock at its beginning, without a zone."""
        return (self.begin + self.offset).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of the day in which nothing interrupts: from `start` to before `end`, over midnight where it is later.

    Raises:
        ValueError: both are equal: that could mean never or always.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError("quiet hours need two different times")

    def covers(self, other: QuietHours) -> bool:
        """Whether every time of day that is quiet by the other is quiet by these."""
        return (_seconds(other.start) - _seconds(self.start)) % _DAY_SECONDS + other._length <= self._length

    def includes(self, at: datetime, zone: tzinfo) -> bool:
        """Whether an instant is quiet where a person lives."""
        return self._includes(at.astimezone(zone).time())

    def next_allowed(self, at: datetime, zone: tzinfo) -> datetime:
        """The first instant (UTC), not before `at`, that is not quiet."""
        for span in _spans(at, zone):
            wall = span.wall
            if not self._includes(wall.time()):
                return span.begin
            waits = (datetime.combine(wall, self.end) - wall) % DAY
            if span.begin + waits < span.finish:
                return span.begin + waits
        raise ValueError("no instant is allowed")

    @property
    def _length(self) -> int:
        return (_seconds(self.end) - _seconds(self.start)) % _DAY_SECONDS

    def _includes(self, wall: time) -> bool:
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


def _seconds(of_day: time) -> int:
    return (of_day.hour * 60 + of_day.minute) * 60 + of_day.second


def first_at(day: date, of_day: time, zone: tzinfo) -> datetime:
    """The first instant (UTC) not before a time of a day: of a time that comes twice the first, of none the next."""
    target = datetime.combine(day, of_day)
    return _first_from(target.replace(tzinfo=UTC) - 27 * HOUR, target, zone)


def first_of_next_day(at: datetime, zone: tzinfo) -> datetime:
    """The first instant (UTC) after `at` that is of a later day where a person lives.

    It is not always the first of that day: a clock that is set back over midnight brings the day before once more.
    """
    return _first_from(at, datetime.combine(at.astimezone(zone).date() + DAY, time()), zone)


def is_same_day(first: datetime, second: datetime, zone: tzinfo) -> bool:
    """Whether two instants are of one date where a person lives."""
    return first.astimezone(zone).date() == second.astimezone(zone).date()


def is_same_week(first: datetime, second: datetime, zone: tzinfo) -> bool:
    """Whether two instants are of one week, from Monday to Sunday, where a person lives (ISO 8601)."""
    return first.astimezone(zone).isocalendar()[:2] == second.astimezone(zone).isocalendar()[:2]


def _first_from(begin: datetime, target: datetime, zone: tzinfo) -> datetime:
    """The first instant (UTC), not before `begin`, whose wall clock is not before a target."""
    for span in _spans(begin, zone):
        at = span.begin + max(target - span.wall, timedelta())
        if at < span.finish:
            return at
    raise ValueError("the day is not reached")


def _spans(at: datetime, zone: tzinfo) -> Iterator[_Span]:
    """The spans from an instant on, for some days."""
    begin = at.astimezone(UTC)
    last = begin + _AHEAD * HOUR
    offset = _offset(begin, zone)
    look = begin
    while look < last:
        ahead = min(look + HOUR, last)
        if _offset(ahead, zone) != offset:
            change = _change(look, ahead, zone)
            yield _Span(begin, change, offset)
            begin, offset = change, _offset(change, zone)
            ahead = change
        look = ahead
    yield _Span(begin, last, offset)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first instant, to the second, with another offset than `before`; `after` has another one."""
    offset = _offset(before, zone)
    low, high = before.replace(microsecond=0), after
    while high - low > SECOND:
        middle = low + ((high - low) / 2 // SECOND) * SECOND
        low, high = (middle, high) if _offset(middle, zone) == offset else (low, middle)
    return high


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
