"""How often and at what hours: a programme's limits, quiet hours of programme and person together, caps and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Literal

from journeys.definition.message_limits import Cap, MessageLimits
from journeys.outreach.local_time import QuietHours, first_of_next_day, is_same_day, is_same_week

DEFAULT_QUIET_HOURS = QuietHours(time(21), time(8))
#: Those of the law: no calls before 8 and after 21 by the clock of the person (47 CFR 64.1200(c)(1)).
_LONGEST_QUIET = timedelta(hours=72)
#: Where no instant of so many hours is allowed, none ever is: the hours repeat daily, and a date may be missing.

PaceReason = Literal["day_cap", "week_cap", "apart"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try of a message on one channel: of which message, journey and piece, for what purpose, and when (UTC)."""

    message: str
    journey: str
    piece: str
    purpose: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeLimits:
    """How often and at what hours a programme may reach a person.

    Attributes:
        quiet: the hours in which nothing interrupts.
        caps: the most attempts by group of purposes.
        apart: the least time between two attempts, of whatever purpose.
    """

    quiet: QuietHours = DEFAULT_QUIET_HOURS
    caps: tuple[Cap, ...] = ()
    apart: timedelta = timedelta()

    @staticmethod
    def of(declared: MessageLimits) -> ProgrammeLimits:
        """The limits of a programme from those that it declares."""
        quiet = QuietHours(*declared.quiet) if declared.quiet is not None else DEFAULT_QUIET_HOURS
        return ProgrammeLimits(quiet=quiet, caps=declared.caps, apart=declared.apart)


def first_allowed(hours: Sequence[QuietHours], at: datetime, zone: tzinfo) -> datetime | None:
    """The first instant (UTC), not before `at`, that is quiet by none of the hours; None where they never end."""
    allowed = at
    while allowed - at < _LONGEST_QUIET:
        quiet = next((window for window in hours if window.includes(allowed, zone)), None)
        if quiet is None:
            return allowed
        allowed = quiet.next_allowed(allowed, zone)
    return None


def first_paced(
    limits: ProgrammeLimits, purpose: str, attempts: Sequence[Attempt], at: datetime, zone: tzinfo
) -> tuple[datetime, PaceReason | None]:
    """The first instant (UTC), not before `at`, at which no cap is full and the last attempt is long enough ago.

    With it comes the first reason that stops an attempt at `at`; None where nothing does. Attempts of every message
    count, those of the message itself and of critical ones too.
    """
    allowed, reason = at, None
    while obstacle := _obstacle(limits, purpose, attempts, allowed, zone):
        allowed, stops = obstacle
        reason = reason or stops
    return allowed, reason


def _obstacle(
    limits: ProgrammeLimits, purpose: str, attempts: Sequence[Attempt], at: datetime, zone: tzinfo
) -> tuple[datetime, PaceReason] | None:
    """What stops an attempt at an instant, and until when."""
    for cap in (cap for cap in limits.caps if purpose in cap.purposes):
        counted = [attempt.at for attempt in attempts if attempt.purpose in cap.purposes]
        if cap.day is not None and sum(is_same_day(other, at, zone) for other in counted) >= cap.day:
            return first_of_next_day(at, zone), "day_cap"
        if cap.week is not None and sum(is_same_week(other, at, zone) for other in counted) >= cap.week:
            return _first_of_next_week(at, zone), "week_cap"
    free = max((attempt.at + limits.apart for attempt in attempts), default=at)
    return (free, "apart") if free > at else None


def _first_of_next_week(at: datetime, zone: tzinfo) -> datetime:
    day = first_of_next_day(at, zone)
    while is_same_week(day, at, zone):
        day = first_of_next_day(day, zone)
    return day
