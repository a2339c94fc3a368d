"""A clock that runs as the real one does and can be moved; only the demonstration has it."""

from __future__ import annotations

from datetime import datetime, timedelta

from journeys.primitives.durations import parse_duration
from service.platform.clock import Clock


class MovableClock:
    """The present of a demonstration: the real one, moved by as much as somebody asked for."""

    def __init__(self, real: Clock) -> None:
        self._real = real
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """The present of the demonstration, UTC."""
        return self._real() + self._ahead

    def pass_by(self, duration: str) -> datetime:
        """Moves on by an ISO 8601 duration, and gives the new present.

        Raises:
            ValueError: when the text is no duration, or one that takes no time.
        """
        passed = parse_duration(duration)
        if passed.is_zero_or_negative:
            raise ValueError(f"'{duration}' takes no time")
        self.move_to(passed.after(self()))
        return self()

    def move_to(self, instant: datetime) -> None:
        """Makes an instant the present; it may lie before the one that was."""
        self._ahead = instant - self._real()

    def reset(self) -> None:
        """Makes the real present the present again."""
        self._ahead = timedelta(0)
