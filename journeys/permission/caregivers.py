"""What a patient shares with a caregiver: what they see, what they are reminded of, what they report. Pure.

It is the one rule for views, messages and questions. It knows no journey: it takes pieces and names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from journeys.primitives.canonical import parse_time, time_text
from journeys.primitives.words import MESSAGE_PURPOSES

#: The tag of pieces that no caregiver sees.
PRIVATE = "private"
#: The journey itself, beside its topics: states, coming days, history, and the pieces without a topic.
COURSE = "course"
#: The purposes of messages that a caregiver can get. Nobody advertises to a patient's family.
REMINDED_OF = tuple(purpose for purpose in MESSAGE_PURPOSES if purpose != "marketing")


class SharedPiece(Protocol):
    """What decides whether a piece is shared."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""

    @property
    def topic(self) -> str | None:
        """Its topic, or None."""

    @property
    def purpose(self) -> str:
        """Its purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaregiverGrants:
    """What a patient shares with a caregiver; nothing by default.

    Attributes:
        sees: topics, and `COURSE`.
        reminded: the purposes of the messages that the caregiver gets, of `REMINDED_OF`.
        may: the triggers that the caregiver reports; with `answered` also facts, and that a question is put off.
        until: the end, UTC; None: until it is ended.
    """

    sees: frozenset[str] = frozenset()
    reminded: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    until: datetime | None = None

    @property
    def sees_course(self) -> bool:
        """Whether the caregiver sees the states, the coming days and the history."""
        return COURSE in self.sees

    def is_in_force(self, at: datetime) -> bool:
        """Whether they have not ended by themselves at an instant (UTC)."""
        return self.until is None or at < self.until

    def shares(self, piece: SharedPiece) -> bool:
        """Whether the caregiver sees a piece that the patient sees."""
        return PRIVATE not in piece.tags and (piece.topic or COURSE) in self.sees

    def reminds_of(self, piece: SharedPiece) -> bool:
        """Whether the caregiver gets a message with a piece that the patient gets."""
        return self.shares(piece) and piece.purpose in self.reminded

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "sees": sorted(self.sees),
            "reminded": sorted(self.reminded),
            "may": sorted(self.may),
            "until": time_text(self.until) if self.until is not None else None,
        }

    @staticmethod
    def from_stored(value: dict[str, Any]) -> CaregiverGrants:
        """The grants from the value of `to_stored`."""
        until = value["until"]
        return CaregiverGrants(
            sees=frozenset(value["sees"]),
            reminded=frozenset(value["reminded"]),
            may=frozenset(value["may"]),
            until=parse_time(until)[0] if until is not None else None,
        )


def problems_of_grants(
    grants: CaregiverGrants, *, topics: Collection[str], triggers: Collection[str], now: datetime
) -> dict[str, str]:
    """What stops grants from being recorded, by the name of the field; empty where nothing does.

    Args:
        grants: what is to be shared.
        topics: the topics of the journey.
        triggers: what the family of a patient may report in the journey.
        now: the instant, UTC.
    """
    return dict(_problems(grants, topics, triggers, now))


def _problems(
    grants: CaregiverGrants, topics: Collection[str], triggers: Collection[str], now: datetime
) -> Iterator[tuple[str, str]]:
    accepted = {"sees": (COURSE, *sorted(topics)), "reminded": REMINDED_OF, "may": sorted(triggers)}
    for name, words in accepted.items():
        unknown = sorted(getattr(grants, name) - set(words))
        if unknown:
            yield name, f"'{unknown[0][:80]}' is not accepted. Accepted: {', '.join(words) or 'none'}."
    if grants.until is not None and grants.until <= now:
        yield "until", "The end must be in the future."
