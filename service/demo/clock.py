"""A clock that runs like the real one and can be moved; only the demonstration has it."""

from __future__ import annotations

from datetime import datetime, timedelta

from journeys.primitives.durations import parse_duration
from service.platform.clock import Clock


class MovableClock:
    """The clock of a demonstration: the real time plus an offset that can be changed."""

    def __init__(self, real: Clock) -> None:
        self._real = real
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """Return the time of the demonstration, UTC."""
        return self._real() + self._ahead

    def after(self, duration: str) -> datetime:
        """Return the time that lies an ISO 8601 duration ahead; the clock is not moved.

        Raises:
            ValueError: the text is not a duration, or the duration is not longer than zero.
        """
        passed = parse_duration(duration)
        if passed.is_zero_or_negative:
            raise ValueError(f"'{duration}' must be longer than zero")
        return passed.after(self())

    def move_to(self, instant: datetime) -> None:
        """Set the clock to an instant, which may be in the past."""
        self._ahead = instant - self._real()

    def reset(self) -> None:
        """Set the clock to the real time."""
        self._ahead = timedelta(0)
