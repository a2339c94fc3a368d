"""Verifies a stored enrollment: rebuilds its state from the log and compares it byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from journeys.engine.advance import advance
from journeys.engine.enrollment import Enrollment
from journeys.engine.events import Arrival, active_events
from journeys.engine.fold import refold
from journeys.engine.order import Releases
from journeys.primitives.canonical import canonical


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored part of an enrollment that differs from the log."""

    enrollment: str
    part: str


def verify(releases: Releases, enrollment: Enrollment, log: Sequence[Arrival]) -> list[Difference]:
    """Returns the stored parts that differ from the log: `state`, `told` or both.

    The state is folded to the stored `folded_to`, so the answer does not depend on the present. The told view
    depends on the order of arrival, so the arrivals are replayed one by one.
    """
    differences: list[Difference] = []
    if enrollment.state is None:
        return [Difference(enrollment.id, "state")] if log else []
    until = enrollment.state.folded_to
    state, _ = refold(releases, enrollment.release, active_events(log), until)
    if state is None or canonical(state.to_stored()) != canonical(enrollment.state.to_stored()):
        differences.append(Difference(enrollment.id, "state"))
    again = Enrollment(enrollment.id, enrollment.release)
    for position, arrival in enumerate(log):
        earlier = log[:position]
        again = advance(releases, again, partial(list, earlier), [arrival], arrival.arrived_at).enrollment
    view = enrollment.told.state or enrollment.state
    again = advance(releases, again, lambda: log, (), max(until, view.folded_to)).enrollment
    if canonical(again.told.to_stored()) != canonical(enrollment.told.to_stored()):
        differences.append(Difference(enrollment.id, "told"))
    return differences
