"""Checkpoints: states on the way of a fold, so that a late event costs the fold of what follows it and no more.

A checkpoint is the state after all active events up to its `folded_to`. The events that follow it lead from there to
the same state as the whole log. Checkpoints can be dropped at any time; then the whole log is folded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from journeys.engine.events import Arrival, Event, active_events, taken_back_by
from journeys.engine.state import State
from journeys.primitives.canonical import first_instant

EVERY = 8
#: Events between two checkpoints of those that are kept close together.
CLOSE = 8
#: How many are kept so after a late event; of those before them, one in so many.


class Checkpoints(Protocol):
    """The checkpoints of one enrollment."""

    def last(self, before: datetime) -> State | None:
        """The last checkpoint that precedes an instant (`precedes`), or None."""

    def events_since(self, checkpoint: State) -> list[Event]:
        """The active events of the log that follow a checkpoint (`follows`), in any order."""


@dataclass(frozen=True, slots=True)
class NewCheckpoints:
    """Checkpoints to store: `states` take the place of all that are folded beyond `after` (None: of all)."""

    after: datetime | None
    states: tuple[State, ...]


class CheckpointsInMemory:
    """The checkpoints and active events of a log that is replayed in memory."""

    def __init__(self) -> None:
        self.log: list[Arrival] = []
        self.states: list[State] = []
        self._by_instant: list[Event] = []
        self._by_day: list[Event] = []

    def last(self, before: datetime) -> State | None:
        """The last checkpoint that precedes an instant, or None."""
        return next((state for state in reversed(self.states) if precedes(state, before)), None)

    def events_since(self, checkpoint: State) -> list[Event]:
        """The active events that follow a checkpoint."""
        first = bisect_right(self._by_instant, checkpoint.folded_to, key=_instant)
        first_day = bisect_left(self._by_day, first_instant(checkpoint.folded_to), key=_instant)
        days = [event for event in self._by_day[first_day:] if follows(event, checkpoint)]
        return self._by_instant[first:] + days

    def add(self, arrivals: Sequence[Arrival], new: NewCheckpoints | None) -> None:
        """Adds what arrived, and the checkpoints that followed from it."""
        self.log += arrivals
        if any(taken_back_by(arrival) is not None for arrival in arrivals):
            events = active_events(self.log)
            self._by_instant, self._by_day = [], []
        else:
            events = [event for event in arrivals if isinstance(event, Event)]
        for event in events:
            insort(self._by_day if _is_by_day(event) else self._by_instant, event, key=_instant)
        if new is not None:
            self.states = [state for state in self.states if new.after is not None and state.folded_to <= new.after]
            self.states += new.states


def thinned(states: Sequence[State]) -> tuple[State, ...]:
    """The last checkpoints of a fold, and a few of those before: most late events are not very late."""
    return (*states[:-CLOSE:CLOSE], *states[-CLOSE:])


def precedes(checkpoint: State, at: datetime) -> bool:
    """Whether nothing at an instant, or on a day that begins then, can change a checkpoint.

    An event known by its instant moves the events of its date that are known by their day, so it must have none.
    """
    is_before = checkpoint.folded_to < at
    return is_before and (checkpoint.last_day is None or checkpoint.last_day < at.date())


def follows(event: Event, checkpoint: State) -> bool:
    """Whether an active event is not yet part of a checkpoint."""
    if not _is_by_day(event):
        return event.at > checkpoint.folded_to
    day, last_date = event.at.date(), checkpoint.folded_to.date()
    return day > last_date or (day == last_date and checkpoint.last_day != day)


def start_before(
    checkpoints: Checkpoints, at: datetime, events_since: Callable[[State], list[Event]]
) -> tuple[State, list[Event]] | None:
    """The last checkpoint from which everything from an instant on can be folded, and the events that follow it.

    Events that are known by their day apply after the last instant of their date, which a checkpoint within that date
    does not know.
    """
    while (checkpoint := checkpoints.last(at)) is not None:
        events = events_since(checkpoint)
        date_of_checkpoint = checkpoint.folded_to.date()
        if not any(event.day and event.at.date() == date_of_checkpoint for event in events):
            return checkpoint, events
        at = first_instant(checkpoint.folded_to)
    return None


def checkpoint_on_time(length: int, state: State | None, arrivals: Iterable[Arrival]) -> NewCheckpoints | None:
    """The checkpoint to store before arrivals that are on time, if it is time for one.

    Args:
        length: the number of entries in the log before the arrivals.
        state: the state before them.
        arrivals: what arrives.
    """
    arrivals = list(arrivals)
    if state is None or not state.tracks or length // EVERY == (length + len(arrivals)) // EVERY:
        return None
    is_on_time = all(isinstance(event, Event) and precedes(state, event.at) for event in arrivals)
    return NewCheckpoints(state.folded_to, (state,)) if is_on_time else None


def _is_by_day(event: Event) -> bool:
    """Whether an event applies after the instants of its day."""
    return event.day and event.kind != "enrolled"


def _instant(event: Event) -> datetime:
    return event.at
