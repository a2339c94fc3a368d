"""The past of an enrollment, as far as an arrival needs it: the log, the last checkpoint that precedes what changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from journeys.engine.checkpoints import Checkpoints, CheckpointsInMemory, NewCheckpoints, follows, start_before
from journeys.engine.events import Arrival, Event, active_events, taken_back_by
from journeys.engine.state import State
from journeys.engine.told import Told
from journeys.primitives.canonical import stored_time

Log = Callable[[], Sequence[Arrival]]
#: Returns all entries so far, in order of arrival.

_PLAIN = ("reported", "placed")


class Stretch(NamedTuple):
    """What is folded anew: the events after a state (None: the beginning), without some arrivals and with them."""

    start: State | None
    without: list[Event]
    with_arrivals: list[Event]


class Past:
    """The log of one enrollment with its checkpoints, and what arrived in this call.

    Where no checkpoints were passed in, those that are made in this call serve it.
    """

    def __init__(self, log: Log, checkpoints: Checkpoints | None) -> None:
        self._log = log
        self._stored = checkpoints
        self._read: list[Arrival] | None = None
        self._arrived: list[Arrival] = []
        self._replayed: CheckpointsInMemory | None = None

    @property
    def entries(self) -> list[Arrival]:
        """The log, with what arrived in this call."""
        if self._read is None:
            self._read = list(self._log())
        return [*self._read, *self._arrived]

    def add(self, arrivals: Sequence[Arrival], new: NewCheckpoints | None) -> None:
        """Adds what arrived in this call, and the checkpoints that follow from it."""
        self._arrived += arrivals
        if self._replayed is not None:
            self._replayed.add(arrivals, new)

    def _checkpoints(self) -> Checkpoints:
        """The stored checkpoints, which do not know what arrived in this call; else those of this call."""
        if self._stored is not None and not self._arrived:
            return self._stored
        if self._replayed is None:
            self._replayed = CheckpointsInMemory()
            self._replayed.add(self.entries, None)
        return self._replayed

    def stretch(self, arrivals: Sequence[Arrival], told: Told) -> Stretch:
        """What arrivals change in the truth.

        A checkpoint must precede all that changes, and all news whose telling may change.
        """
        since = [stored_time(news.since)[0] for news in told.open]
        if all(_is_plain(arrival) for arrival in arrivals):
            events = events_of(arrivals)
            at = min([*since, *(event.at for event in events)])
            checkpoints = self._checkpoints()
            found = start_before(checkpoints, at, checkpoints.events_since)
            if found is not None:
                return Stretch(found[0], found[1], [*found[1], *events])
        earlier, later = active_events(self.entries), active_events([*self.entries, *arrivals])
        uids = [{event.uid for event in events} for events in (earlier, later)]
        changed = [event for event in (*earlier, *later) if event.uid not in uids[0] & uids[1]]
        if all(event.kind in _PLAIN for event in changed) and not takes_back_telling(arrivals, told) and changed:
            at = min([*since, *(event.at for event in changed)])
            every = [*earlier, *changed]
            found = start_before(
                self._checkpoints(), at, lambda state: [event for event in every if follows(event, state)]
            )
            if found is not None:
                start = found[0]
                return Stretch(start, *([e for e in events if follows(e, start)] for events in (earlier, later)))
        return Stretch(None, earlier, later)

    def visible_stretch(self, arrivals: Sequence[Arrival], told: Told) -> Stretch:
        """What arrivals change in the told view. Before anything was withheld its past is that of the truth."""
        if all(_is_plain(arrival) for arrival in arrivals):
            start, earlier, later = self.stretch(arrivals, told)
            withheld = told.withheld_keys
            if start is not None and withheld <= {event.uid for event in earlier if event.replaces is None}:
                return Stretch(start, *([e for e in events if e.uid not in withheld] for events in (earlier, later)))
        visible = told.visible(self.entries)
        return Stretch(None, active_events(visible), active_events([*visible, *arrivals]))


def events_of(arrivals: Iterable[Arrival]) -> list[Event]:
    """The events among arrivals."""
    return [arrival for arrival in arrivals if isinstance(arrival, Event)]


def takes_back_telling(arrivals: Iterable[Arrival], told: Told) -> bool:
    """Whether arrivals retract or replace an event that told news."""
    return not {taken_back_by(arrival) for arrival in arrivals}.isdisjoint(told.told.values())


def _is_plain(arrival: Arrival) -> bool:
    """Whether an arrival takes nothing back, and begins or moves no enrollment."""
    return isinstance(arrival, Event) and arrival.replaces is None and arrival.kind in _PLAIN
