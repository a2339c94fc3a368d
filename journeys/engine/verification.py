"""Verifies a stored enrollment: rebuilds its state from the log and compares it byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from journeys.engine.advance import NewsAmongArrivals, advance
from journeys.engine.checkpoints import CheckpointsInMemory, checkpoint_on_time
from journeys.engine.enrollment import Enrollment
from journeys.engine.events import Arrival, Event, Retraction, active_events, by_arrival
from journeys.engine.fold import refold
from journeys.engine.order import Releases
from journeys.engine.state import State
from journeys.primitives.canonical import canonical


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored part of an enrollment that differs from the log."""

    enrollment: str
    part: str


def verify(
    releases: Releases, enrollment: Enrollment, log: Sequence[Arrival], latest: datetime | None = None
) -> list[Difference]:
    """Returns the stored parts that differ from the log: `state`, `told` or both.

    The state is folded to the stored `folded_to`, so the answer does not depend on the present. The told view
    depends on the order of arrival, so the arrivals are replayed one by one, as `replay` does with `latest`.
    """
    differences: list[Difference] = []
    if enrollment.state is None:
        return [Difference(enrollment.id, "state")] if log else []
    until = enrollment.state.folded_to
    state, _ = refold(releases, enrollment.release, active_events(log), until)
    if state is None or canonical(state.to_stored()) != canonical(enrollment.state.to_stored()):
        differences.append(Difference(enrollment.id, "state"))
    replayed = replay(releases, Enrollment(enrollment.id, enrollment.release), log, latest)
    view = enrollment.told.state or enrollment.state
    again = advance(releases, replayed.enrollment, lambda: log, (), max(until, view.folded_to)).enrollment
    if canonical(again.told.to_stored()) != canonical(enrollment.told.to_stored()):
        differences.append(Difference(enrollment.id, "told"))
    return differences


@dataclass(frozen=True, slots=True)
class Replay:
    """An enrollment after its log has arrived again, and its checkpoints."""

    enrollment: Enrollment
    checkpoints: tuple[State, ...]


def replay(
    releases: Releases, enrollment: Enrollment, log: Sequence[Arrival], latest: datetime | None = None
) -> Replay:
    """Lets a log arrive again in an enrollment to which nothing has happened.

    Args:
        releases: by id, every release the log names.
        enrollment: without a state.
        log: its entries, in order of arrival.
        latest: the latest instant to fold to, if an arrival is stamped later (a clock was ahead once). An event of a
            later time that was retracted is left out: it would keep the fold in the future.
    """
    past = CheckpointsInMemory()
    for group in by_arrival(log if latest is None else _without_retracted(log, latest)):
        now = group[-1].arrived_at if latest is None else min(group[-1].arrived_at, latest)
        try:
            enrollment = _arrived(releases, enrollment, past, group, now)
        except NewsAmongArrivals:
            for arrival in group:
                enrollment = _arrived(releases, enrollment, past, [arrival], now)
    return Replay(enrollment, tuple(past.states))


def _without_retracted(log: Sequence[Arrival], latest: datetime) -> list[Arrival]:
    """A log without the retracted events of a time after `latest`, and without their retractions."""
    replaced = {arrival.replaces for arrival in log if isinstance(arrival, Event)}
    retracted = {arrival.uid for arrival in log if isinstance(arrival, Retraction)}
    left_out = {
        event.uid
        for event in log
        if isinstance(event, Event) and event.at > latest and event.replaces is None and event.uid not in replaced
    } & retracted
    return [arrival for arrival in log if arrival.uid not in left_out]


def _arrived(
    releases: Releases, enrollment: Enrollment, past: CheckpointsInMemory, arrivals: Sequence[Arrival], now: datetime
) -> Enrollment:
    before = advance(releases, enrollment, tuple, (), now).enrollment
    step = advance(releases, before, lambda: past.log, arrivals, now, past)
    past.add(arrivals, step.checkpoints or checkpoint_on_time(len(past.log), before.state, arrivals))
    return step.enrollment
