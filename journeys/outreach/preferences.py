"""How a person wants to be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from journeys.outreach.local_time import QuietHours
from journeys.primitives.canonical import parse_time, time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How a person wants to be reached.

    Attributes:
        channels: the channels that the person put in order; others follow in the order of the piece.
        quiet: quiet hours of the person's own, beside those of the programme.
        topics_off: topics that the person switched off.
        paused_until: before this instant (UTC) nothing is sent.
    """

    channels: tuple[str, ...] = ()
    quiet: QuietHours | None = None
    topics_off: frozenset[str] = frozenset()
    paused_until: datetime | None = None

    def to_stored(self) -> dict[str, Any]:
        """The preferences as a JSON value."""
        return {
            "channels": list(self.channels),
            "quiet": [_minute(self.quiet.start), _minute(self.quiet.end)] if self.quiet is not None else None,
            "topics_off": sorted(self.topics_off),
            "paused_until": time_text(self.paused_until) if self.paused_until is not None else None,
        }

    @staticmethod
    def from_stored(value: dict[str, Any]) -> Preferences:
        """The preferences from the value of `to_stored`."""
        quiet, paused_until = value["quiet"], value["paused_until"]
        return Preferences(
            channels=tuple(value["channels"]),
            quiet=QuietHours(*map(time.fromisoformat, quiet)) if quiet is not None else None,
            topics_off=frozenset(value["topics_off"]),
            paused_until=parse_time(paused_until)[0] if paused_until is not None else None,
        )


def _minute(of_day: time) -> str:
    return of_day.isoformat("minutes")
