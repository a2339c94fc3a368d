"""The state of an enrollment while it is folded, and its stored form (docs/fold.md, section 2)."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.reference.values import time_text


@dataclass(frozen=True)
class Cause:
    """What causes an entry: its id, and the facts that are carried into the state."""

    id: str
    carried: frozenset = frozenset()


@dataclass
class Stay:
    """One continuous time in a state; `since` is its beginning as text, `begins` the instant that is counted from."""

    id: str
    state: str
    since: str
    begins: datetime
    #: Due instant and anchor by the name of the timer.
    timers: dict = field(default_factory=dict)
    #: Name, anchor, time and whether it took.
    fired: list = field(default_factory=list)
    done: frozenset = frozenset()
    #: Whether it began at joining and its track has not moved yet.
    is_initial: bool = False

    def to_json(self):
        """Return the stored form."""
        return {
            "state": self.state,
            "stay": self.id,
            "since": self.since,
            "timers": {name: {"due": time_text(due), "anchor": anchor} for name, (due, anchor) in self.timers.items()},
            "fired": [list(firing) for firing in self.fired],
            "done": sorted(self.done),
        }


@dataclass(frozen=True)
class WaitingEvent:
    """An event that waits in a track for facts, bound to a stay."""

    event: str
    type: str
    by: str
    track: str
    stay: str
    brought: frozenset
    missing: frozenset
    key: tuple

    def to_json(self):
        """Return the stored form."""
        instant, *rest = self.key
        return vars(self) | {
            "brought": sorted(self.brought),
            "missing": sorted(self.missing),
            "key": [time_text(instant), *rest],
        }


@dataclass
class State:
    """What a fold has come to; entries of facts, marks and waiting events are replaced and never changed."""

    ended: dict | None = None
    facts: dict = field(default_factory=dict)
    folded_to: datetime | None = None
    marks: dict = field(default_factory=dict)
    #: What is remembered of each question that was shown or put off.
    asked: dict = field(default_factory=dict)
    #: The held facts of a question that a telling has opened to it.
    discussed: set = field(default_factory=set)
    #: The last answer to each survey.
    surveyed: dict = field(default_factory=dict)
    #: The last that the patient said of each topic: `topic_asked` or `topic_declined`.
    topics: dict = field(default_factory=dict)
    last_day: str | None = None
    release: str | None = None
    tracks: dict = field(default_factory=dict)
    visits: Counter = field(default_factory=Counter)
    waiting: list = field(default_factory=list)
    #: The step at which each fact was last reported or made unknown; it is not stored.
    changed_at: dict = field(default_factory=dict)

    def copy(self):
        """Return a state that may change without changing this one."""
        stays_copied = {
            track: [replace(stay, timers=dict(stay.timers), fired=list(stay.fired)) for stay in stays]
            for track, stays in self.tracks.items()
        }
        return replace(
            self,
            facts=dict(self.facts),
            discussed=set(self.discussed),
            tracks=stays_copied,
            visits=self.visits.copy(),
            waiting=list(self.waiting),
            changed_at=dict(self.changed_at),
        )

    def to_json(self):
        """Return the stored form."""
        asked = {"asked": self.asked} if self.asked else {}
        discussed = {"discussed": sorted(self.discussed)} if self.discussed else {}
        surveyed = {"surveyed": self.surveyed} if self.surveyed else {}
        topics = {"topics": self.topics} if self.topics else {}
        return (
            asked
            | discussed
            | surveyed
            | topics
            | {
                "ended": self.ended,
                "facts": self.facts,
                "folded_to": self.folded_to and time_text(self.folded_to),
                "marks": self.marks,
                "last_day": self.last_day,
                "release": self.release,
                "tracks": {track: [stay.to_json() for stay in stays] for track, stays in self.tracks.items()},
                "visits": dict(self.visits),
                "waiting": [waiting_event.to_json() for waiting_event in self.waiting],
            }
        )
