"""Works out the changes that a record makes to an enrollment's log: new, amended and retracted events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from journeys.engine import Arrival, Event, Retraction, active_events
from journeys.interop.fhir.ingest import DEATH, Enrolling, Ingested, Planned, content_of

REPORTER = "fhir"
#: The reporter of every event that comes from a bundle.
_OLD_ID_PARTS = 4
#: Ids of events reported before records were kept: `Type/id/rule/content`. Since then they are `rule/key`.


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to report under an id; `replaces` is the service's id of the event that it amends."""

    id: str
    planned: Planned
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class NewBeginning:
    """Another beginning of an enrollment that bundles began; `replaces` is the service's id of the one so far."""

    id: str
    enrolling: Enrolling
    replaces: str


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes, in this order: `beginning`, report `new`, retract `retracted_ids`.

    `standing` are the events that stay, by the service's id, with what is planned. With an event the events that it
    replaced are retracted too, those first: otherwise they would take part again.
    """

    new: tuple[NewEvent, ...]
    retracted_ids: tuple[str, ...]
    standing: Mapping[str, Planned]
    beginning: NewBeginning | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the log agrees with the record."""
        return not (self.new or self.retracted_ids or self.beginning)


def changes_of(ingested: Ingested, log: Iterable[Arrival]) -> Changes:
    """The changes that bring a log in line with a record; none if nothing of the record changed.

    An event that a person retracted or replaced stays so until its resource changes.
    """
    past = _Past(log)
    new: list[NewEvent] = []
    settled: set[str] = set()
    standing: dict[str, Planned] = {}
    unmatched: list[Planned] = []
    for planned in ingested.reports:
        matching = [event for event in past.matching(planned) if past.is_settled(event)]
        if not matching:
            unmatched.append(planned)
        settled |= {event.uid for match in matching for event in past.with_replaced(match)}
        ours = [event.uid for event in matching if event.uid in past.active and event.reporter == REPORTER]
        standing |= dict.fromkeys(ours, planned)
    for planned in unmatched:
        before = next((event for event in past.previous(planned) if event.uid not in settled), None)
        if before is not None:
            settled.add(before.uid)
        # Of an event of an earlier release no record was kept, so that only this shows that it is amended.
        is_news = before is not None and _is_of_earlier_release(before)
        event = replace(planned, told=False) if is_news else planned
        new.append(NewEvent(past.next_id(planned), event, before.uid if before is not None else None))
    retracted_ids = tuple(
        replaced.uid
        for event in past.reported()
        if event.uid not in settled and _is_decided(event, ingested)
        for replaced in reversed(past.with_replaced(event))
        if replaced.uid not in past.retracted
    )
    return Changes(tuple(new), retracted_ids, standing, past.beginning(ingested.enrolling))


def _is_of_earlier_release(event: Event) -> bool:
    """Whether an event was reported before records were kept."""
    return event.id.count("/") == _OLD_ID_PARTS - 1


def _is_decided(event: Event, ingested: Ingested) -> bool:
    """Whether the record decides about an event that does not follow from it."""
    if _is_of_earlier_release(event):
        slot = event.id.rpartition("/")[0]
        return slot.rpartition("/")[0] in ingested.sources and slot not in ingested.undecided
    return not (event.id.startswith(f"{DEATH}/") and f"Patient/{ingested.patient_ref}/{DEATH}" in ingested.undecided)


class _Past:
    """The events in a log: those that bundles reported by their key, and which events are still valid."""

    def __init__(self, log: Iterable[Arrival]) -> None:
        arrivals = list(log)
        self.active = {event.uid: event for event in active_events(arrivals)}
        self.by_key: dict[str, list[Event]] = {}
        self.by_slot: dict[str, Event] = {}
        self.events = {arrival.uid: arrival for arrival in arrivals if isinstance(arrival, Event)}
        self.retracted = {arrival.uid for arrival in arrivals if isinstance(arrival, Retraction)}
        self.settled_by_others: set[str] = set()
        self.beginnings: list[Event] = []
        for arrival in arrivals:
            taken_back = arrival.uid if isinstance(arrival, Retraction) else arrival.replaces
            if taken_back is not None and arrival.reporter != REPORTER:
                self.settled_by_others.add(taken_back)
            if isinstance(arrival, Event) and arrival.reporter == REPORTER:
                self._remember(arrival)

    def _remember(self, event: Event) -> None:
        parts = event.id.split("/")
        if event.kind == "enrolled":
            self.beginnings.append(event)
        elif event.kind == "reported" and len(parts) == _OLD_ID_PARTS:
            self.by_slot[event.id.rpartition("/")[0]] = event
        elif event.kind == "reported" and len(parts) > 1:
            self.by_key.setdefault(parts[1], []).append(event)

    def matching(self, planned: Planned) -> list[Event]:
        """The events that say what is planned: the last with its key, and old ones with its content.

        A death without a day is said by any end of its type that the record does not decide about.
        """
        events = self.by_key.get(planned.key, [])[-1:]
        other_keys = [key for key in planned.keys if key != planned.key]
        by_others = [event for key in other_keys for event in self.by_key.get(key, [])[-1:]]
        events += [event for event in by_others if event.uid in self.settled_by_others]
        for name in planned.sources:
            event = self.by_slot.get(f"{name}/{planned.rule}")
            if event is not None and content_of(event.type, event.at, event.day, event.facts) == planned.content:
                events.append(event)
        if not planned.is_dated:
            events += [event for event in self.active.values() if self._is_foreign(event, planned.type)]
        return events

    def _is_foreign(self, event: Event, trigger: str) -> bool:
        """Whether an event of a type comes from somebody else, or from a bundle before records were kept."""
        return event.type == trigger and (event.reporter != REPORTER or _is_of_earlier_release(event))

    def previous(self, planned: Planned) -> list[Event]:
        """The valid events that the resources of a planned event reported before by the same rule.

        Where a person retracted such an event, the event that it had replaced may be valid again.
        """
        last = [self.by_key[key][-1] for key in sorted(planned.previous) if key in self.by_key]
        slots = [f"{name}/{planned.rule}" for name in planned.sources]
        last += [self.by_slot[slot] for slot in slots if slot in self.by_slot]
        return [event for match in last for event in self.with_replaced(match) if event.uid in self.active]

    def with_replaced(self, event: Event) -> list[Event]:
        """An event, and the events that it replaced, step by step."""
        events = [event]
        while event.replaces is not None and event.replaces in self.events:
            event = self.events[event.replaces]
            events.append(event)
        return events

    def reported(self) -> list[Event]:
        """The valid events that bundles reported."""
        events = [event for events in self.by_key.values() for event in events] + list(self.by_slot.values())
        return [event for event in events if event.uid in self.active]

    def is_settled(self, event: Event) -> bool:
        """Whether an event is still valid, or was corrected by a person."""
        return event.uid in self.active or event.uid in self.settled_by_others

    def next_id(self, planned: Planned) -> str:
        """The id of a new event: the rule and the key, and a number where earlier ones with them were retracted."""
        count = len(self.by_key.get(planned.key, ()))
        return f"{planned.rule}/{planned.key}" + (f"/{count + 1}" if count else "")

    def beginning(self, enrolling: Enrolling | None) -> NewBeginning | None:
        """The beginning that replaces the present one; None if that is right, or if bundles did not make it.

        A log with events of the old form may rest on resources that the record does not have: then only an earlier
        beginning replaces it.
        """
        current = next((event for event in self.beginnings if event.uid in self.active), None)
        if current is None or enrolling is None:
            return None
        cause = next(iter(self.by_key.get(enrolling.cause, [])[-1:]), None)
        if enrolling.may_be_news and cause is not None and cause.uid in self.active and not cause.told:
            return None  # it was reported as news, and does not become known by growing old
        at, day = enrolling.at, enrolling.day
        if at > current.arrived_at:  # a day that had begun only where the patient lives counted as its arrival
            at, day = current.arrived_at, False
        entry = current.data.get("entry")
        is_same_entry = entry == enrolling.entry or (entry is None and enrolling.may_be_news)
        if (current.at, current.day) == (at, day) and is_same_entry:
            return None
        if self.by_slot and enrolling.at >= current.at:
            return None
        return NewBeginning(f"enrolled/{len(self.beginnings) + 1}", enrolling, current.uid)
