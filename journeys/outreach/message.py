"""What the gate decides about: a message, how its enrollment and its person are now, and what was attempted before.

Every instant is UTC and aware. No text and no address is part of these values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from journeys.outreach.cadence import Attempt, ProgrammeLimits
from journeys.outreach.preferences import Preferences
from journeys.permission import PermissionEntry

Lapse = Literal["left", "retracted", "migrated", "recalled", "condition", "declined", "arrived", "not_shared"]
#: Why the told fold no longer justifies a message: its state was left, its event was retracted, its enrollment migrated
#: to a release without it, its piece was recalled, its condition is no longer true, the patient declined its topic, it
#: arrived by another channel, or the patient does not share it with this caregiver.


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to a person.

    Attributes:
        id: its id; the last resort of the order among messages.
        journey: the key of its journey.
        piece: the key of what it says, within its journey.
        purpose: one of `journeys.permission.PURPOSES` or `share:<recipient>`.
        channels: the channels for which the piece has a text, in the piece's order. A message that falls back to
            another channel leaves out those that it has tried.
        due: when it falls due.
        useful_until: from here on it is of no use.
        topic: its topic, if any.
        not_again: for how long after an attempt the same piece of the same journey is not sent again by another
            message.
        order: lower goes first where all else is equal.
        is_critical: of treatment and approved as critical: passes `not_again`, caps and `apart`.
        is_answer: it answers what the person has just written, by the same channel and contact.

    Raises:
        ValueError: it has no channel.
    """

    id: str
    journey: str
    piece: str
    purpose: str
    channels: tuple[str, ...]
    due: datetime
    useful_until: datetime
    topic: str | None = None
    not_again: timedelta = timedelta(days=7)
    order: int = 0
    is_critical: bool = False
    is_answer: bool = False

    def __post_init__(self) -> None:
        if not self.channels:
            raise ValueError("a message needs at least one channel")

    @property
    def rank(self) -> tuple[bool, datetime, datetime, int, str, str]:
        """The lowest rank goes first: critical, then soonest useless, soonest due, lower order, piece, id."""
        return not self.is_critical, self.useful_until, self.due, self.order, self.piece, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A message and how its enrollment is now, by the told view.

    Attributes:
        message: the message.
        limits: the limits of its programme.
        has_ended: whether the enrollment ended.
        lapse: why the told view no longer justifies the message; None: it does.
        is_approved: whether the piece is approved in the language of the person.
    """

    message: Message
    limits: ProgrammeLimits = field(default_factory=ProgrammeLimits)
    has_ended: bool = False
    lapse: Lapse | None = None
    is_approved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person, as far as a decision needs it.

    Attributes:
        zone: the time zone of the person; None: unknown.
        reachable: the channels on which the person has at least one good contact.
        permissions: the ledger of what the person allowed.
        attempts: the attempts of all journeys so far that may have reached the person, in any order; as far back as a
            week, the longest `not_again` and the longest `apart`.
        preferences: how the person wants to be reached.
        is_erased: whether the person was erased.
    """

    zone: tzinfo | None
    reachable: frozenset[str]
    permissions: tuple[PermissionEntry, ...]
    attempts: tuple[Attempt, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    is_erased: bool = False

    @property
    def calendar(self) -> tzinfo:
        """The zone by which days and weeks are counted: UTC where the person's is unknown."""
        return self.zone or UTC
