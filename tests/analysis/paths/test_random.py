"""Whatever the journey: paths come true, what they cover is complete, what is called impossible never happens."""

import os
from functools import lru_cache

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from journeys.analysis.paths import counts, cover, covering, replay
from journeys.analysis.paths.replay import went
from journeys.definition.graph import graph_of
from journeys.definition.reading import read_journey
from journeys.engine import refold
from journeys.engine.machine import make_release
from tests.analysis.paths.by_hand import pairs_of, paths_of, transitions_of
from tests.analysis.paths.journeys_of import played
from tests.engine.test_against_reference import arrival_of
from tests.reference.generate import random_case

MANY = 100
#: From how many configurations it is looked around: enough for most of these journeys, and soon done for the others.
STORIES = 2
#: Of each cover, so many paths are played as stories too.
LITTLE = 10
#: How many leaves a journey has at most, to be soon done with.
SEEDS = st.integers(0, 5_000)


FURTHER = int(os.environ.get("JOURNEYS_PATH_SEEDS", "10"))
#: How many further random journeys the long run covers and replays, by pairs.


def assert_feasible(seed, release, paths):
    """Every path replays as it claims, and no two events of one path share an instant, which is their id."""
    for path in paths:
        instants = [path.began, *(event.at for event in path.events)]
        assert instants == sorted(set(instants)), (seed, path.name)
        assert replay(release, graph_of(release.plan), path).is_as_claimed(path), (seed, path.name)


@lru_cache(64)
def made_up(seed):
    """Return the journey of a seed as its file says it, and its release."""
    journey, _ = read_journey(random_case(seed).definition_yaml("r1").encode(), "r1.yaml")
    return journey, make_release(journey)


def covered(release, aim):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(covering, "MOST", MANY)
        return cover(release, aim)


def key(edge):
    return edge.track, edge.source, edge.trigger, edge.place


def taken_in(edges, aim):
    """Return what some transitions, in their order, cover: each, or every two of a track in a row."""
    covered_goals, last = set(), {}
    for edge in edges:
        covered_goals.add(key(edge) if aim == "transitions" else (last.get(edge.track), key(edge)))
        last[edge.track] = key(edge)
    return {goal for goal in covered_goals if goal[0] is not None}


def lived_through(seed, release):
    """Return the transitions of the patient that was made up with the journey: as far as events alone led."""
    log = [
        entry
        for entry in random_case(seed).log
        if entry["entry"] == "event" and entry["kind"] in ("enrolled", "reported")
    ]
    plan = release.plan
    entries = [entry for entry in log if entry["kind"] == "enrolled" or entry["type"] in plan.ranks]
    events = [arrival_of(entry | {"replaces": None}) for entry in entries]
    if not any(event.kind == "enrolled" for event in events):
        return ()
    _, results = refold({plan.id: release}, plan.id, events, random_case(seed).now)
    return went(graph_of(plan), results)[0]


@pytest.mark.long
@settings(max_examples=8)
@given(SEEDS, st.sampled_from(["states", "transitions", "pairs"]))
@example(4, "pairs")
@example(7, "transitions")
def test_every_path_of_a_random_journey_is_feasible(seed, aim):
    _, release = made_up(seed)
    graph = graph_of(release.plan)
    assume(len(graph.leaves) <= LITTLE)
    result = covered(release, aim)
    assert_feasible(seed, release, result.paths)
    for path in result.paths[:STORIES]:
        assert played(release, path) == [], (seed, path.name)


def test_events_before_a_short_timer_do_not_share_an_instant():
    """Seed 885 once had a path that claimed 42 transitions and replayed as 41."""
    _, release = made_up(885)
    assert_feasible(885, release, covered(release, "pairs").paths)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10_000, 10_000 + FURTHER))
def test_every_path_of_further_random_journeys_is_feasible(seed):
    _, release = made_up(seed)
    if len(graph_of(release.plan).leaves) <= LITTLE:
        assert_feasible(seed, release, covered(release, "pairs").paths)


@pytest.mark.long
@settings(max_examples=8)
@given(SEEDS, st.sampled_from(["transitions", "pairs"]))
@example(4, "pairs")
@example(6046, "transitions")
def test_the_cover_of_a_random_journey_is_complete_by_an_independent_count(seed, aim):
    """All that its file declares is taken, impossible or not found, one of these; no patient does the impossible."""
    journey, release = made_up(seed)
    assume(len(graph_of(release.plan).leaves) <= LITTLE)
    result = covered(release, aim)
    expected = transitions_of(journey) if aim == "transitions" else pairs_of(journey)
    taken = {goal for path in result.paths for goal in taken_in(path.edges, aim)}
    impossible = {
        key(impossible_goal.edge)
        if impossible_goal.first is None
        else (key(impossible_goal.first), key(impossible_goal.edge))
        for impossible_goal in result.impossible
    }
    assert not taken & impossible, seed
    assert taken <= expected, seed
    assert impossible <= expected, seed
    assert len(expected) == len(taken) + len(impossible) + len(result.unfound), seed
    assert not taken_in(lived_through(seed, release), aim) & impossible, seed


@settings(max_examples=25)
@given(SEEDS)
def test_the_numbers_of_a_random_journey_are_those_of_its_file(seed):
    journey, release = made_up(seed)
    numbers = counts(graph_of(release.plan))
    assert numbers.states == sum(len(track.states) for track in journey.tracks.values())
    assert numbers.pairs == len(pairs_of(journey)), seed
    assert numbers.paths == paths_of(journey), seed
