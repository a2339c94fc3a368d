"""d: the fold alone on two tracks, in events a second, against the bare machine triggers that it pulls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.database import ROOT
from benchmarks.harness import Bench, Line, against, by_turns, rate
from journeys.definition.conditions import World
from journeys.definition.reading import read_journey
from journeys.engine import Event
from journeys.engine.fold import refold
from journeys.engine.machine import Cursor, Release, TrackMachine, make_release
from journeys.primitives.canonical import event_uid

START = datetime(2026, 1, 15, 9, tzinfo=UTC)
#: A year and a half in both tracks: the follow-up loop and the support beside it.
SCRIPT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("scan_booked", {"scan_booked_for": "2026-07-10"}),
    ("needs_told", {"support_needs": ["money"]}),
    ("scan_done", {"last_scan_on": "2026-07-10"}),
    ("needs_met", {}),
    ("scan_result_reported", {"scan_result": "clear"}),
    ("needs_told", {"support_needs": ["mood"]}),
    ("scan_booked", {"scan_booked_for": "2027-01-10"}),
    ("scan_cancelled", {}),
    ("scan_booked", {"scan_booked_for": "2027-01-20"}),
    ("needs_met", {}),
    ("scan_done", {"last_scan_on": "2027-01-20"}),
    ("scan_result_reported", {"scan_result": "unclear"}),
)


def measure(bench: Bench) -> list[Line]:
    file = ROOT / "definitions" / "nsclc.yaml"
    journey, _ = read_journey(file.read_bytes(), file.name)
    assert journey is not None
    release = make_release(journey)
    events = log()
    until = events[-1].at
    count = bench.count(300, 2)
    pulled = pulls(release, events, until)

    def fold() -> None:
        for _ in range(count):
            refold({release.id: release}, release.id, events, until)

    def trigger() -> None:
        for _ in range(count):
            for pull in pulled:
                pull.again()

    figures = by_turns(
        bench,
        {
            "ours": lambda _: rate(count * len(events), fold),
            "limit": lambda _: rate(count * len(events), trigger),
        },
    )
    note = f"{len(events)} events pull {len(pulled)} triggers that their states declare"
    return [against("d", "the fold, two tracks", "events/s", figures, reach=0.4, note=note)]


def log() -> list[Event]:
    """Return an enrolling and the events of the script, a week apart."""
    entry = {"states": {"disease": "surveillance", "scans": "next_in_6_months"}}
    facts = {"treatment_ended_on": "2025-11-15", "last_scan_on": "2026-01-10"}
    events = [make_event("enrolled", "enrolled", START, facts, entry)]
    for number, (trigger, facts_reported) in enumerate(SCRIPT, start=1):
        events.append(make_event(f"e{number}", trigger, START + timedelta(weeks=number), facts_reported, {}))
    return events


def make_event(name: str, trigger: str, at: datetime, facts: dict[str, Any], data: dict[str, Any]) -> Event:
    return Event(
        uid=event_uid("an-enrollment", "clinic", name),
        reporter="clinic",
        by="staff",
        id=name,
        kind="enrolled" if trigger == "enrolled" else "reported",
        type=trigger,
        at=at,
        arrived_at=at,
        facts=facts,
        data=data,
    )


@dataclass(frozen=True, slots=True)
class Pull:
    """One trigger of a machine by the fold: the event, the state, and the facts that its conditions read."""

    event: Any
    state: str
    world: World
    since: tuple[datetime, ...]
    deepest: int

    def again(self) -> None:
        """Trigger the bare machine, which checks the same conditions and reaches the same state."""
        self.event.trigger(Cursor(self.state, self.world, self.since, self.deepest))


def pulls(release: Release, events: list[Event], until: datetime) -> list[Pull]:
    """Return every trigger of the machines by the fold."""
    pulls_made: list[Pull] = []

    class Watched:
        def __init__(self, machine: TrackMachine) -> None:
            self.machine = machine

        def select(self, trigger: str, cursor: Cursor) -> None:
            bare, world = self.machine._machine, cursor.world
            if trigger in bare.events and cursor.state in bare.events[trigger].transitions:
                seen = World(dict(world.values), frozenset(world.places), dict(world.visits), world.now, world.since)
                pulls_made.append(Pull(bare.events[trigger], cursor.state, seen, tuple(cursor.since), cursor.deepest))
            self.machine.select(trigger, cursor)

    watched = Release(release.plan, {name: Watched(machine) for name, machine in release.machines.items()})
    refold({release.id: watched}, release.id, events, until)
    return pulls_made
