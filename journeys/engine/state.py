"""The state of an enrollment as a frozen value, and its stored form (fold.md, section 2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from journeys.definition.facts import DECLINED, Value
from journeys.definition.model import TOPIC_DECLINED
from journeys.engine.asked import QuestionStatus, SurveyStatus
from journeys.engine.events import read_stored_value
from journeys.primitives.canonical import stored_time, time_text
from journeys.primitives.computed import computed


class FactTold(NamedTuple):
    """A fact: its value (or declined), the time for which it was reported, its event, and the reporter type."""

    value: Value
    at: str
    event: str
    by: str

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        value = {"declined": True} if self.value is DECLINED else {"value": self.value}
        return {**value, "at": self.at, "event": self.event, "by": self.by}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> FactTold:
        """The fact of its stored form."""
        value = read_stored_value(stored.get("value", {}))
        return cls(value, stored["at"], stored["event"], stored["by"])


class Armed(NamedTuple):
    """A timer that will fire: its deadline, and the date that it counts from (None: from entry)."""

    due: datetime
    anchor: str | None


class Fired(NamedTuple):
    """A timer that has fired; it took effect unless its `when` was not true."""

    name: str
    anchor: str | None
    at: datetime
    took: bool = True

    @property
    def effect_name(self) -> str:
        """The name of its effect within the stay."""
        return f"{self.name}@{self.anchor}" if self.anchor else self.name


_NONE_DONE: frozenset[str] = frozenset()


class _StayParts(NamedTuple):
    state: str
    id: str
    since: datetime
    day: bool
    timers: Mapping[str, Armed]
    fired: tuple[Fired, ...] = ()
    done: frozenset[str] = frozenset()


class Stay(_StayParts):
    """One continuous time in one state (a path in its track); its id comes from its cause."""

    def to_stored(self) -> Mapping[str, Any]:
        """Plain JSON values; computed once, because most stays outlast many events."""
        return self._stored

    @computed
    def _stored(self) -> Mapping[str, Any]:
        return {
            "state": self.state,
            "stay": self.id,
            "since": time_text(self.since, self.day),
            "timers": {
                name: {"due": time_text(armed.due), "anchor": armed.anchor} for name, armed in self.timers.items()
            },
            "fired": [[fired.name, fired.anchor, time_text(fired.at), fired.took] for fired in self.fired],
            "done": sorted(self.done),
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Stay:
        """The stay of its stored form."""
        since, day = stored_time(stored["since"])
        timers, fired, done = stored["timers"], stored["fired"], stored["done"]  # most stays have none of them
        return cls(
            stored["state"],
            stored["stay"],
            since,
            day,
            {name: Armed(stored_time(armed["due"])[0], armed["anchor"]) for name, armed in timers.items()}
            if timers
            else {},
            tuple(Fired(name, anchor, stored_time(at)[0], took) for name, anchor, at, took in fired) if fired else (),
            frozenset(done) if done else _NONE_DONE,
        )


Tracks = Mapping[str, tuple[Stay, ...]]
#: The open stays of each track, outermost first.


Marks = Mapping[str, Mapping[str, str]]
#: By piece and mark (`seen`, `dismissed`, `helpful`), the time of the last such mark.


@dataclass(frozen=True, slots=True)
class News:
    """Something that a person must tell the patient: a stay in a held state, or the value of a held fact.

    `name` is the full path of the state or the name of the fact, `track` the state's track ("" for a fact), `until` the
    trigger that tells it, `since` the time of its cause as text, and `cause` the event or the firing that began it.
    """

    id: str
    kind: str
    name: str
    track: str
    until: str
    since: str
    cause: str

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> News:
        """The news of its stored form."""
        return cls(**stored)


EventKey = tuple[datetime, int, int, int, str, str]
#: The order in which events apply: instant, group (`journeys.engine.order`), sequence, rank, reporter, reporter's id.


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that waits, in one track, for facts that nobody has reported; bound to a stay."""

    event: str
    type: str
    by: str
    track: str
    stay: str
    brought: frozenset[str]
    missing: frozenset[str]
    key: EventKey

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "event": self.event,
            "type": self.type,
            "by": self.by,
            "track": self.track,
            "stay": self.stay,
            "brought": sorted(self.brought),
            "missing": sorted(self.missing),
            "key": [time_text(self.key[0]), *self.key[1:]],
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Waiting:
        """The waiting event of its stored form."""
        at, *group, sequence, rank, reporter, name = stored["key"]  # the first version stored no group
        return cls(
            event=stored["event"],
            type=stored["type"],
            by=stored["by"],
            track=stored["track"],
            stay=stored["stay"],
            brought=frozenset(stored["brought"]),
            missing=frozenset(stored["missing"]),
            key=(stored_time(at)[0], group[0] if group else 0, sequence, rank, reporter, name),
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of the enrollment."""

    trigger: str
    at: str
    event: str

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"trigger": self.trigger, "at": self.at, "event": self.event}


@dataclass(frozen=True)
class State:
    """The result of a fold; a cache that can be rebuilt from the log at any time.

    `last_day` is the last date of which an event is known by its day alone; `asked` has the status of each question
    that was shown or put off. `discussed` are the held facts with a question whose telling staff reported since they
    last became unknown: patients may be asked about them, also where nobody has reported a value. `surveyed` has the
    last answer to each survey that was finished or declined, `topics` the last mark of each topic that the patient
    asked for or declined.
    """

    release: str
    folded_to: datetime
    tracks: Tracks
    facts: Mapping[str, FactTold]
    visits: Mapping[str, int]
    waiting: tuple[Waiting, ...] = ()
    ended: Ended | None = None
    marks: Marks = field(default_factory=dict)
    last_day: date | None = None
    asked: Mapping[str, QuestionStatus] = field(default_factory=dict)
    discussed: frozenset[str] = frozenset()
    surveyed: Mapping[str, SurveyStatus] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)

    @computed
    def next_due_at(self) -> datetime | None:
        """The instant at which the next timer fires, or None."""
        if self.ended is not None:
            return None
        due = [armed.due for stays in self.tracks.values() for stay in stays for armed in stay.timers.values()]
        return min(due, default=None)

    @property
    def heard_of(self) -> Set[str]:
        """The facts that are known or were discussed."""
        return self.facts.keys() | self.discussed

    def hides(self, topic: str | None, on_request: Collection[str]) -> bool:
        """Whether pieces of a topic are hidden: the patient declined it, or did not ask for one that is on request."""
        mark = self.topics.get(topic) if topic is not None else None
        return mark == TOPIC_DECLINED or (topic in on_request and mark is None)

    @property
    def places(self) -> frozenset[str]:
        """The full paths of all open states."""
        return frozenset(f"{track}.{stay.state}" for track, stays in self.tracks.items() for stay in stays)

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values, whose parts must not be changed; `verify` compares their canonical bytes."""
        return dict(self._stored)

    @computed
    def _stored(self) -> dict[str, Any]:
        stored: dict[str, Any] = {
            "ended": self.ended.to_stored() if self.ended else None,
            "facts": {name: fact.to_stored() for name, fact in self.facts.items()},
            "folded_to": time_text(self.folded_to),
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "marks": {piece: dict(marks) for piece, marks in self.marks.items()},
            "release": self.release,
            "tracks": {name: [stay.to_stored() for stay in stays] for name, stays in self.tracks.items()},
            "visits": dict(self.visits),
            "waiting": [waiting.to_stored() for waiting in self.waiting],
        }
        if self.asked:  # so that states from before there were questions keep their bytes
            stored["asked"] = {question: status.to_stored() for question, status in self.asked.items()}
        if self.discussed:
            stored["discussed"] = sorted(self.discussed)
        if self.surveyed:
            stored["surveyed"] = {survey: status._asdict() for survey, status in self.surveyed.items()}
        if self.topics:
            stored["topics"] = dict(self.topics)
        return stored

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> State:
        """The state of its stored form."""
        return cls(
            release=stored["release"],
            folded_to=stored_time(stored["folded_to"])[0],
            tracks={name: tuple(Stay.from_stored(stay) for stay in stays) for name, stays in stored["tracks"].items()},
            facts={name: FactTold.from_stored(fact) for name, fact in stored["facts"].items()},
            visits=dict(stored["visits"]),
            waiting=tuple(Waiting.from_stored(entry) for entry in stored["waiting"]),
            ended=Ended(**stored["ended"]) if stored["ended"] else None,
            marks=stored.get("marks", {}),
            last_day=date.fromisoformat(stored["last_day"]) if stored.get("last_day") else None,
            asked={name: QuestionStatus(**status) for name, status in stored.get("asked", {}).items()},
            discussed=frozenset(stored.get("discussed", ())),
            surveyed={name: SurveyStatus(**status) for name, status in stored.get("surveyed", {}).items()},
            topics=stored.get("topics", {}),
        )
