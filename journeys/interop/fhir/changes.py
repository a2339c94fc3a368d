"""Works out the changes that a bundle makes to an enrollment's log: new, amended and retracted events. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from journeys.engine import Arrival, Event, Retraction, active_events
from journeys.interop.fhir.ingest import Ingested, Planned, content_of
from journeys.primitives.canonical import derived_id

REPORTER = "fhir"
#: The reporter of every event that comes from a bundle.


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to report under an id; `replaces` is the service's id of the event that it amends."""

    id: str
    planned: Planned
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes, in this order: report `new`, retract `retracted_ids`. `standing_ids` are the events that stay.

    With an event the events that it replaced are retracted too, those first: otherwise they would take part again.
    """

    new: tuple[NewEvent, ...]
    retracted_ids: tuple[str, ...]
    standing_ids: tuple[str, ...]


def changes_of(ingested: Ingested, log: Iterable[Arrival]) -> Changes:
    """The changes that bring a log in line with a bundle; none if the bundle was ingested before.

    An event that a person retracted or replaced stays so until its resource changes.
    """
    past = _Past(log)
    new: list[NewEvent] = []
    standing_ids: list[str] = []
    settled: set[str] = set()
    unmatched: list[Planned] = []
    for planned in ingested.reports:
        standing = [past.last[slot] for slot in (planned.slot, *planned.twins) if past.says(slot, planned.content)]
        if not standing:
            unmatched.append(planned)
        settled |= {past.slot(event) for event in standing}
        standing_ids += [event.uid for event in standing if event.uid in past.active]
    for planned in unmatched:
        slots = [slot for slot in (planned.slot, *planned.twins) if slot in past.last and slot not in settled]
        before = next((event for slot in slots if (event := past.valid_event(slot)) is not None), None)
        if before is not None:
            settled.add(past.slot(before))
        previous = before or past.last.get(planned.slot)
        id = f"{planned.slot}/{derived_id(previous.uid if previous else '', planned.content)[:12]}"
        new.append(NewEvent(id, planned, before.uid if before else None))
    retracted_ids = tuple(
        uid
        for slot in past.last
        if slot not in settled and slot.rpartition("/")[0] in ingested.sources
        if (event := past.valid_event(slot)) is not None
        for uid in past.with_replaced(event)
    )
    return Changes(tuple(new), retracted_ids, tuple(standing_ids))


class _Past:
    """The events that bundles reported before: by slot the last event, and which events are still valid."""

    def __init__(self, log: Iterable[Arrival]) -> None:
        log = list(log)
        self.last: dict[str, Event] = {}
        self.active = {event.uid for event in active_events(log)}
        self.settled_by_others: set[str] = set()
        self.retracted: set[str] = set()
        self.events: dict[str, Event] = {}
        for arrival in log:
            taken_back = arrival.uid if isinstance(arrival, Retraction) else arrival.replaces
            if taken_back is not None and arrival.reporter != REPORTER:
                self.settled_by_others.add(taken_back)
            if isinstance(arrival, Retraction):
                self.retracted.add(arrival.uid)
                continue
            self.events[arrival.uid] = arrival
            if arrival.reporter == REPORTER and arrival.kind == "reported":
                self.last[self.slot(arrival)] = arrival

    def valid_event(self, slot: str) -> Event | None:
        """The last event of a slot, or where it was retracted the event that it had replaced, if that is valid."""
        event = self.last.get(slot)
        while event is not None and event.uid not in self.active:
            event = self.events[event.replaces] if event.replaces is not None else None
        return event

    def with_replaced(self, event: Event) -> list[str]:
        """The uids of an event and of the events that it replaced, step by step; the first of them first."""
        uids = [event.uid]
        while event.replaces is not None:
            event = self.events[event.replaces]
            if event.uid not in self.retracted:
                uids.insert(0, event.uid)
        return uids

    def says(self, slot: str, content: str) -> bool:
        """Whether the last event of a slot has this content and is still valid, or was corrected by a person."""
        event = self.last.get(slot)
        if event is None or (event.uid not in self.active and event.uid not in self.settled_by_others):
            return False
        return content_of(event.type, event.at, event.day, event.facts) == content

    @staticmethod
    def slot(event: Event) -> str:
        """The slot of an event's id."""
        return event.id.rpartition("/")[0]
