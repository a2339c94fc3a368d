"""Non-interference (fold.md, section 12): withheld entries change nothing in the told view.

Two enrollments in a random journey: one gets every entry of a log, its twin only what the first does not withhold.
"""

import os
from functools import partial

import pytest

from journeys.engine import Enrollment, advance, reminders_of
from journeys.engine.events import Event
from journeys.engine.told import OWN
from tests.engine.test_against_reference import arrival_of, compiled, release_named
from tests.reference.generate import random_case
from tests.withheld import is_freed

SEEDS = int(os.environ.get("JOURNEYS_SEEDS", "400"))
QUICK = 20
SEEDS_A_TEST = 20


class Twin:
    """One of two enrollments, and its log."""

    def __init__(self, releases):
        self.releases = releases
        self.enrollment = Enrollment("e", "r1")
        self.log = []

    def advance(self, arrivals, now):
        step = advance(self.releases, self.enrollment, partial(list, self.log), arrivals, now)
        self.log += arrivals
        self.enrollment = step.enrollment
        return step

    @property
    def sees(self):
        """What the patient may know: the told view, and the reminders that were given."""
        view = self.enrollment.view
        if view is None:
            return None
        reminders = reminders_of(view, self.releases[view.release].plan)
        stored = view.to_stored()
        del stored["folded_to"]
        return stored, {effect.id: self.enrollment.ledger.get(effect.id) for effect in reminders}


def answer(step, arrival):
    """What is decided on a report of the patient or the family."""
    result = step.view_results.get(arrival.uid)
    return result and result.to_stored(), step.view_stays_undone


def is_telling(arrival, releases):
    """Return whether an event of staff tells what it brings itself, or what names its trigger."""
    plans = [release.plan for release in releases.values()]
    holds = [state.hold for plan in plans for state in plan.states.values() if state.hold is not None]
    holds += [hold for plan in plans for hold in plan.held_facts.values()]
    is_event = isinstance(arrival, Event)
    return is_event and (arrival.told or arrival.type in {hold.trigger for hold in holds})


def check(seed):
    """Compare the twins until something is told; return the number of entries that were withheld."""
    case = random_case(seed)
    releases = {name: release_named(release, name) for name, release in compiled(case).items()}
    withheld = 0
    for number, log in enumerate([case.log, *case.orders(1)]):
        informed, twin = Twin(releases), Twin(releases)
        for entry in log:
            where = f"seed {seed}, order {number}, entry {entry['uid']}"
            arrival = arrival_of(entry)
            for enrollment in (informed, twin):
                enrollment.advance([], arrival.arrived_at)
            before = informed.enrollment.told
            step = informed.advance([arrival], arrival.arrived_at)
            told = informed.enrollment.told
            is_told_as_own = arrival.by not in OWN and before.open and is_telling(arrival, releases)
            if is_freed(told, before) or (is_told_as_own and not told.withholds(arrival)):
                break
            if arrival.by not in OWN and told.withholds(arrival):
                withheld += 1
            else:
                answered = twin.advance([arrival], arrival.arrived_at)
                assert arrival.by not in OWN or answer(step, arrival) == answer(answered, arrival), where
            assert informed.sees == twin.sees, where
    return withheld


@pytest.mark.parametrize(
    "first",
    [pytest.param(first, marks=pytest.mark.long if first >= QUICK else ()) for first in range(0, SEEDS, SEEDS_A_TEST)],
)
def test_what_is_withheld_changes_nothing_that_the_patient_may_know(first):
    assert sum(check(seed) for seed in range(first, min(first + SEEDS_A_TEST, SEEDS))) > 5
