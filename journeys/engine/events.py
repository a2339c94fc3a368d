"""Events and retractions, their stored form, and the selection of the events that are part of the fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from journeys.definition.facts import DECLINED, Value, wire_value
from journeys.definition.model import ANSWERED, LATER, MARKS, TOPIC_MARKS
from journeys.primitives.canonical import stored_time, time_text

Kind = Literal["enrolled", "reported", "placed", "migrated"]

_MARKS = frozenset({*MARKS, LATER, *TOPIC_MARKS})
_MARKED = frozenset({"piece", "question", "topic"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a patient, as a reporter reported it.

    `at` is the instant at which it happened (UTC; with `day`, only the day is known, and `at` is its first instant).
    `by` is the reporter type. `data` depends on the kind: for `enrolled` the `release`, and the `states` entered by
    track; for `placed` the `state` and `reason`; for `migrated` the new release (`to`) and the `map`; for a mark, which
    is `reported`, the `piece`, the `question` or the `topic`, and for `later` the day `until`; for answers to a survey
    its name as the `question`, and whether all of it was `declined`. `together` says that it arrived together with the
    entry before it, in one call.
    """

    uid: str
    reporter: str
    by: str
    id: str
    kind: Kind
    type: str
    at: datetime
    arrived_at: datetime
    day: bool = False
    sequence: int = 0
    facts: Mapping[str, Value] = field(default_factory=dict)
    told: bool = False
    replaces: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    together: bool = False
    _at_text: str | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or self.arrived_at.tzinfo is None:
            raise ValueError("an event's times need a time zone")

    @property
    def at_text(self) -> str:
        """The time of the event as text; formatted once, because results and facts repeat it."""
        if self._at_text is None:
            object.__setattr__(self, "_at_text", time_text(self.at, self.day))
        assert self._at_text is not None
        return self._at_text

    @property
    def is_mark(self) -> bool:
        """Whether the event marks a piece (the patient has seen it, dismissed it, found it helpful), a question or a
        topic."""
        return self.kind == "reported" and self.type in _MARKS and not _MARKED.isdisjoint(self.data)

    @property
    def question(self) -> str | None:
        """The question that the event marks: it was shown, or is to be asked later. None of any other event."""
        name: str | None = self.data.get("question") if self.is_mark else None
        return name

    @property
    def survey(self) -> str | None:
        """The survey that the event answers; None of any other event."""
        is_answer = self.kind == "reported" and self.type == ANSWERED
        name: str | None = self.data.get("question") if is_answer else None
        return name

    @property
    def topic(self) -> str | None:
        """The topic that the event marks: the patient asked for it or declined it. None of any other event."""
        name: str | None = self.data.get("topic") if self.is_mark else None
        return name

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        stored: dict[str, Any] = {
            "entry": "event",
            "uid": self.uid,
            "reporter": self.reporter,
            "by": self.by,
            "id": self.id,
            "kind": self.kind,
            "type": self.type,
            "at": self.at_text,
            "arrived_at": time_text(self.arrived_at),
            "sequence": self.sequence,
            "facts": {name: wire_value(value) for name, value in self.facts.items()},
            "told": self.told,
            "replaces": self.replaces,
            "data": dict(self.data),
        }
        if self.together:
            stored["together"] = True
        return stored

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Event:
        """The event of its stored form."""
        at, day = stored_time(stored["at"])
        event = cls(
            uid=stored["uid"],
            reporter=stored["reporter"],
            by=stored["by"],
            id=stored["id"],
            kind=stored["kind"],
            type=stored["type"],
            at=at,
            arrived_at=stored_time(stored["arrived_at"])[0],
            day=day,
            sequence=stored["sequence"],
            facts={name: read_stored_value(value) for name, value in stored["facts"].items()},
            told=stored["told"],
            replaces=stored["replaces"],
            data=stored["data"],
            together=stored.get("together", False),
        )
        object.__setattr__(event, "_at_text", stored["at"])
        return event


@dataclass(frozen=True, slots=True)
class Retraction:
    """A retraction of an event: it was entered in error, or belongs to another patient.

    `uid` is that of the event, `by` the type of the reporter who retracts it.
    """

    uid: str
    reason: str
    reporter: str
    arrived_at: datetime
    by: str = "staff"

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "entry": "retraction",
            "uid": self.uid,
            "reason": self.reason,
            "reporter": self.reporter,
            "by": self.by,
            "arrived_at": time_text(self.arrived_at),
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Retraction:
        """The retraction of its stored form."""
        arrived_at = stored_time(stored["arrived_at"])[0]
        return cls(stored["uid"], stored["reason"], stored["reporter"], arrived_at, stored.get("by", "staff"))


Arrival = Event | Retraction


def by_arrival(arrivals: Iterable[Arrival]) -> list[list[Arrival]]:
    """Arrivals in groups: those of one group arrived together."""
    groups: list[list[Arrival]] = []
    for arrival in arrivals:
        if groups and isinstance(arrival, Event) and arrival.together:
            groups[-1].append(arrival)
        else:
            groups.append([arrival])
    return groups


def taken_back_by(arrival: Arrival) -> str | None:
    """The uid of the event that an entry of the log retracts or replaces, or None."""
    return arrival.uid if isinstance(arrival, Retraction) else arrival.replaces


def read_stored_value(value: Any) -> Value:
    """The value of its JSON form."""
    return DECLINED if isinstance(value, dict) else value


def arrival_from_stored(stored: Mapping[str, Any]) -> Arrival:
    """The event or retraction of its stored form."""
    return Event.from_stored(stored) if stored["entry"] == "event" else Retraction.from_stored(stored)


def active_events(log: Iterable[Arrival]) -> list[Event]:
    """The events that are part of the fold: neither retracted nor replaced; in order of arrival.

    A replacement that was retracted replaces nothing, unless something that is valid replaced it before.
    """
    log = list(log)
    retracted = {entry.uid for entry in log if isinstance(entry, Retraction)}
    replaced: set[str] = set()
    for entry in reversed(log):  # a replacement arrives after what it replaces
        if isinstance(entry, Event) and entry.replaces and (entry.uid not in retracted or entry.uid in replaced):
            replaced.add(entry.replaces)
    return [
        entry for entry in log if isinstance(entry, Event) and entry.uid not in retracted and entry.uid not in replaced
    ]
