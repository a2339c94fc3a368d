"""The result of one event or one timer in the fold, as a value that can be stored and compared."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from journeys.definition.compiler import Candidate
from journeys.engine.events import Event
from journeys.engine.machine import Asked
from journeys.engine.state import Fired, Stay
from journeys.primitives.canonical import time_text

Outcome = Literal["advanced", "waiting", "stayed", "ignored"]
OUTCOMES: tuple[Outcome, ...] = ("advanced", "waiting", "stayed", "ignored")

PRECEDENCE: tuple[Outcome, ...] = ("advanced", "waiting", "stayed", "ignored")
#: The outcome of an event is the first of these outcomes that any track has.


@dataclass(frozen=True, slots=True)
class Move:
    """One transition between leaf paths of a track; `start` is None when the enrollment begins, `end` when it ends.

    `declared` is the transition taken, if a state declared it.
    """

    track: str
    start: str | None
    end: str | None
    trigger: str
    declared: Candidate | None = field(default=None, compare=False, repr=False)

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"track": self.track, "from": self.start, "to": self.end, "trigger": self.trigger}


class TimerFiring(NamedTuple):
    """A timer that took effect: the full path of its state, its stay, and the name of its effect within the stay."""

    state: str
    stay: str
    effect: str


class Result(NamedTuple):
    """The result of applying one item of the fold. `key` is the event's uid, or the timer's id.

    `why` is the reason for each track in which nothing moved; `questions` (only when traced) are the conditions and the
    values that they read; `stays` the ids of the stays that began; `firing` is None of a timer without effect.
    """

    key: str
    is_timer: bool
    type: str
    at: datetime
    day: bool
    outcome: Outcome
    by_track: tuple[tuple[str, Outcome], ...]
    transitions: tuple[Move, ...]
    waiting_for: tuple[str, ...] = ()
    why: tuple[tuple[str, str], ...] = ()
    stays: tuple[str, ...] = ()
    questions: tuple[Asked, ...] = ()
    firing: TimerFiring | None = None

    def to_stored(self) -> dict[str, Any]:
        """The part that records store and that the reference fold computes too."""
        transitions = [move.to_stored() for move in self.transitions]
        if self.is_timer:
            return {"timer": self.key, "transitions": transitions}
        return {
            "event": self.key,
            "outcome": self.outcome,
            "by_track": dict(self.by_track),
            "transitions": transitions,
            "waiting_for": list(self.waiting_for),
        }

    @property
    def at_text(self) -> str:
        """The time at which it happened, as text."""
        return time_text(self.at, self.day)


def outcomes_by_track(
    tracks: Iterable[str], moved: Set[str], waits: Container[str], stayed: Set[str], otherwise: Outcome
) -> dict[str, Outcome]:
    """The outcome of an event in each track; `otherwise` where it did not move, wait or stay on purpose."""
    by_track: dict[str, Outcome] = {}
    for track in tracks:
        if track in moved:
            by_track[track] = "advanced"
        elif track in waits:
            by_track[track] = "waiting"
        else:
            by_track[track] = "stayed" if track in stayed else otherwise
    return by_track


def event_result(
    event: Event,
    at: datetime,
    by_track: Mapping[str, Outcome],
    moves: Sequence[Move],
    waits: Mapping[str, frozenset[str]],
    why: Sequence[tuple[str, str]],
    stays: tuple[str, ...],
) -> Result:
    """The result of an event that applied at an instant; its outcome is the first of `PRECEDENCE` of any track."""
    outcomes = by_track.values()
    return Result(
        event.uid,
        False,
        event.type,
        at,
        event.day,
        "advanced" if moves else next((outcome for outcome in PRECEDENCE if outcome in outcomes), "ignored"),
        tuple(by_track.items()),
        tuple(moves),
        tuple(sorted(frozenset[str]().union(*waits.values()))) if waits else (),
        tuple(why),
        stays,
    )


def timer_result(key: str, track: str, stay: Stay, fired: Fired, moves: Sequence[Move]) -> Result:
    """The result of a timer of a stay that fired."""
    return Result(
        key=key,
        is_timer=True,
        type=fired.name,
        at=fired.at,
        day=False,
        outcome="advanced" if moves else "stayed",
        by_track=tuple((move.track, "advanced") for move in moves),
        transitions=tuple(moves),
        firing=TimerFiring(f"{track}.{stay.state}", stay.id, fired.effect_name) if fired.took else None,
    )
