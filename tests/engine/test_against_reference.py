"""The engine agrees byte for byte with the reference fold, whatever the order of arrival.

10 random journeys in `make test`, 100 in `make test-all`; `make faults` sets JOURNEYS_SEEDS=10000, JOURNEYS_ORDERS=24.
"""

import dataclasses
import os
from functools import partial
from itertools import pairwise
from random import Random

import pytest

from journeys.authoring.lint import lint_journey
from journeys.definition.facts import DECLINED
from journeys.definition.reading import read_journey
from journeys.engine import Enrollment, Event, Retraction, active_events, advance, reminders_of, tasks_of, verify
from journeys.engine.advance import NewsAmongArrivals
from journeys.engine.events import by_arrival
from journeys.engine.fold import refold
from journeys.engine.machine import make_release
from journeys.primitives.canonical import canonical
from journeys.primitives.problems import only_errors
from tests.faults.counting import tally
from tests.reference import fold as reference
from tests.reference.generate import random_case

SEEDS = int(os.environ.get("JOURNEYS_SEEDS", "100"))
FIRST = int(os.environ.get("JOURNEYS_FIRST_SEED", "0"))
ORDERS = int(os.environ.get("JOURNEYS_ORDERS", "2"))
#: The orders of each journey in which results, told view and effects are compared too; their entries arrive singly,
#: because time passes in the told view before each arrival.
THOROUGH = 2
#: The journeys of `make test`; those after them are marked `long`.
QUICK = 10
#: The seeds of journeys in which engine and reference differed once.
DIFFERED = (9648,)
#: How many entries arrive at once, by the number of the order; all of them in the others.
BATCHES = {0: 1, 1: 1, 2: 5, 3: 3}
JOURNEYS_A_TEST = 10


def compiled(case):
    """Return the releases of a case, compiled from its YAML, by the case's names for them."""
    releases = {}
    for name in case.releases:
        journey, problems = read_journey(case.definition_yaml(name).encode(), f"{name}.yaml")
        problems = only_errors([*problems, *lint_journey(journey)])
        # A fold must also be right where a patient waits for ever.
        problems = [problem for problem in problems if problem.rule != "lost-timer"]
        assert not problems, "\n".join(map(str, problems))
        releases[name] = make_release(journey)
    return releases


def arrival_of(entry):
    """Return a log entry of the reference as the engine's value."""
    if entry["entry"] == "retraction":
        return Retraction(entry["uid"], "entered_in_error", entry["reporter"], entry["arrived_at"], entry["by"])
    data = dict(entry["data"])
    if entry["kind"] == "enrolled":
        data["states"] = dict(full.split(".", 1) for full in data["states"])
    return Event(
        uid=entry["uid"],
        reporter=entry["reporter"],
        by=entry["by"],
        id=entry["id"],
        kind=entry["kind"],
        type=entry["type"],
        at=entry["occurred_at"],
        arrived_at=entry["arrived_at"],
        day=entry["day"],
        sequence=entry["sequence"],
        facts={name: DECLINED if value is reference.DECLINED else value for name, value in entry["facts"].items()},
        told=entry["told"],
        replaces=entry["replaces"],
        data=data,
        together=entry.get("together", False),
    )


def stored(enrollment):
    """Return an enrollment that has gone through its stored form, as it does between any two steps."""
    again = Enrollment.from_stored(enrollment.to_stored())
    assert canonical(again.to_stored()) == canonical(enrollment.to_stored())
    return again


def run(releases, log, now, batch=1):
    """Return the enrollment after all of the log has arrived, `batch` at a time, and the log as the engine's values."""
    enrollment, arrived = Enrollment("e", "r1"), []
    groups = by_arrival(map(arrival_of, log))
    for first in range(0, len(groups), batch):
        arrivals = [arrival for group in groups[first : first + batch] for arrival in group]
        try:
            enrollment = after(releases, enrollment, arrived, arrivals)
            arrived += arrivals
        except NewsAmongArrivals:
            for arrival in arrivals:
                enrollment = after(releases, enrollment, arrived, [arrival])
                arrived.append(arrival)
    return stored(advance(releases, enrollment, partial(list, arrived), [], now).enrollment), arrived


def after(releases, enrollment, arrived, arrivals):
    """Return the enrollment after one call with these arrivals."""
    return stored(advance(releases, enrollment, partial(list, arrived), arrivals, arrivals[-1].arrived_at).enrollment)


def with_some_together(log, seed):
    """Return a log in which some events of one reporter, next to each other, arrive together."""
    random, entries = Random(seed), [dict(entry) for entry in log]
    for before, entry in pairwise(entries):
        same = all(entry["entry"] == "event" and before[name] == entry[name] for name in ("entry", "reporter", "by"))
        entry["together"] = same and entry["kind"] == before["kind"] == "reported" and random.random() < 0.7
    for before, entry in reversed(list(pairwise(entries))):
        if entry["together"]:
            before["arrived_at"] = entry["arrived_at"]
    return entries


def check(seed):
    case = random_case(seed)
    by_name = compiled(case)
    releases = {name: release_named(release, name) for name, release in by_name.items()}
    expected, results = reference.fold(case.releases, case.log, case.now)
    for number, order in enumerate([case.log, *case.orders(ORDERS - 1)]):
        where, log = f"seed {seed}, order {number}", with_some_together(order, seed) if number == 1 else order
        enrollment, arrived = run(releases, log, case.now, batch=BATCHES.get(number, len(log)))
        if enrollment.state is None:  # everything was taken back
            assert expected["folded_to"] is None, where
            continue
        if expected["release"] is None:  # the enrollment itself was taken back: the reference knows no release
            assert enrollment.state.tracks == {}, where
            continue
        assert canonical(enrollment.state.to_stored()) == reference.canonical(expected), where
        if number < THOROUGH:
            _, ours = refold(releases, "r1", active_events(arrived), case.now)
            assert canonical([result.to_stored() for result in ours]) == reference.canonical(results), (
                f"results, {where}"
            )
            check_what_follows(case, releases, log, enrollment, arrived, where)


def check_what_follows(case, releases, log, enrollment, arrived, where):
    """Compare the told view, which depends on arrival, and the effects; and let `verify` look."""
    expected = reference.told_view(case.releases, log, case.now)
    assert canonical(enrollment.told.to_stored()) == reference.canonical(expected), f"told, {where}"
    state, view = enrollment.state, enrollment.view
    follow = [
        *tasks_of(state, enrollment.told.open, releases[state.release].plan),
        *reminders_of(view, releases[view.release].plan),
    ]
    assert {effect.id: effect.name for effect in follow} == reference.effects(
        state.to_stored(), case.releases[state.release], expected, case.releases[view.release]
    ), f"effects, {where}"
    assert verify(releases, enrollment, arrived) == [], f"verify, {where}"


def release_named(release, name):
    """Return the release under the name that the case's log uses."""
    return dataclasses.replace(release, plan=dataclasses.replace(release.plan, id=name))


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(first, marks=pytest.mark.long if first >= FIRST + QUICK else ())
        for first in range(FIRST, FIRST + SEEDS, JOURNEYS_A_TEST)
    ],
)
def test_agrees_with_the_reference(first):
    """State, results, told view and effects are the reference's, in every order of arrival; nothing raises."""
    with tally("fold", f"random journeys in {ORDERS} orders, against the reference", "none") as counted:
        for seed in range(first, min(first + JOURNEYS_A_TEST, FIRST + SEEDS)):
            check(seed)
            counted.rounds += 1


@pytest.mark.parametrize("seed", DIFFERED)
def test_a_journey_that_differed_once(seed):
    """9648: a late telling brings a value that only the next release knows, and tells its own news of it."""
    check(seed)
