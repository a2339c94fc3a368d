"""The limits that a programme sets for its messages: quiet hours, the time between two, and caps. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The most attempts for a group of purposes, over all journeys; None: as many as there are.

    Attributes:
        purposes: the purposes that are counted together.
        day: the most on a calendar day of the recipient.
        week: the most in a week, Monday to Sunday, of the recipient.

    Raises:
        ValueError: a cap is below 1.
    """

    purposes: frozenset[str]
    day: int | None = None
    week: int | None = None

    def __post_init__(self) -> None:
        if any(most is not None and most < 1 for most in (self.day, self.week)):
            raise ValueError("a cap is 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLimits:
    """The limits of a programme, as its author declared them.

    Attributes:
        quiet: the times of day at which quiet hours begin and end; None: the programme has those of every programme.
        apart: the least time between two attempts, of whatever purpose.
        caps: the most attempts by group of purposes.
    """

    quiet: tuple[time, time] | None = None
    apart: timedelta = timedelta()
    caps: tuple[Cap, ...] = ()

    def to_stored(self) -> dict[str, Any]:
        """What was declared, as a JSON value; empty where nothing was."""
        stored: dict[str, Any] = {}
        if self.quiet is not None:
            stored["quiet"] = [of_day.isoformat("minutes") for of_day in self.quiet]
        if self.apart:
            stored["apart"] = int(self.apart.total_seconds())
        if self.caps:
            stored["caps"] = [{"purposes": sorted(cap.purposes), "day": cap.day, "week": cap.week} for cap in self.caps]
        return stored

    @staticmethod
    def from_stored(stored: Mapping[str, Any]) -> MessageLimits:
        """The limits from the value of `to_stored`."""
        quiet = stored.get("quiet")
        caps = stored.get("caps", ())
        return MessageLimits(
            quiet=(time.fromisoformat(quiet[0]), time.fromisoformat(quiet[1])) if quiet is not None else None,
            apart=timedelta(seconds=stored.get("apart", 0)),
            caps=tuple(Cap(purposes=frozenset(cap["purposes"]), day=cap["day"], week=cap["week"]) for cap in caps),
        )
