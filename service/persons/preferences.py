"""What a person prefers: the order of channels, quiet hours, topics switched off, and a pause. It runs no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from journeys.outreach import QuietHours
from journeys.primitives.canonical import parse_time, time_text

CHANNELS = ("email", "sms", "push", "post")
#: The channels that reach a person; a webhook reaches another system.


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a person prefers.

    Attributes:
        channels: the channels in the person's order; those that are not named come after them.
        quiet: the hours in which nothing interrupts, beside those of the programme.
        topics_off: the topics about which the person wants no messages.
        paused_until: no message leaves before this instant (UTC).
    """

    channels: tuple[str, ...] = ()
    quiet: QuietHours | None = None
    topics_off: tuple[str, ...] = ()
    paused_until: datetime | None = None

    def to_stored(self) -> dict[str, Any]:
        """The preferences as a JSON value."""
        return {
            "channels": list(self.channels),
            "quiet": [_minute(self.quiet.start), _minute(self.quiet.end)] if self.quiet is not None else None,
            "topics_off": list(self.topics_off),
            "paused_until": time_text(self.paused_until) if self.paused_until is not None else None,
        }

    @staticmethod
    def from_stored(value: dict[str, Any]) -> Preferences:
        """The preferences from the value of `to_stored`."""
        quiet, paused_until = value["quiet"], value["paused_until"]
        return Preferences(
            channels=tuple(value["channels"]),
            quiet=QuietHours(*map(time.fromisoformat, quiet)) if quiet is not None else None,
            topics_off=tuple(value["topics_off"]),
            paused_until=parse_time(paused_until)[0] if paused_until is not None else None,
        )


def _minute(of_day: time) -> str:
    return of_day.isoformat("minutes")
