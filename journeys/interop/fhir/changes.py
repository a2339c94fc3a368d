"""Works out the changes that a bundle makes to an enrollment's log: new, amended and retracted events. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from journeys.engine import Arrival, Event, Retraction
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
    """The changes, in this order: report `new`, retract `retracted_ids`. `standing_ids` are the events that stay."""

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
        before = next((past.last[slot] for slot in slots if past.last[slot].uid in past.active), None)
        if before is not None:
            settled.add(past.slot(before))
        previous = before or past.last.get(planned.slot)
        id = f"{planned.slot}/{derived_id(previous.uid if previous else '', planned.content)[:12]}"
        new.append(NewEvent(id, planned, before.uid if before else None))
    retracted_ids = tuple(
        event.uid
        for slot, event in past.last.items()
        if slot not in settled and event.uid in past.active and slot.rpartition("/")[0] in ingested.sources
    )
    return Changes(tuple(new), retracted_ids, tuple(standing_ids))


class _Past:
    """The events that bundles reported before: by slot the last event, and which events are still valid."""

    def __init__(self, log: Iterable[Arrival]) -> None:
        self.last: dict[str, Event] = {}
        self.active: set[str] = set()
        self.settled_by_others: set[str] = set()
        for arrival in log:
            if isinstance(arrival, Retraction):
                self.take_back(arrival.uid, arrival.reporter)
                continue
            if arrival.replaces is not None:
                self.take_back(arrival.replaces, arrival.reporter)
            if arrival.reporter == REPORTER and arrival.kind == "reported":
                self.last[self.slot(arrival)] = arrival
                self.active.add(arrival.uid)

    def take_back(self, uid: str, reporter: str) -> None:
        """Records that an event is no longer valid, and whether a person decided this."""
        self.active.discard(uid)
        if reporter != REPORTER:
            self.settled_by_others.add(uid)

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
