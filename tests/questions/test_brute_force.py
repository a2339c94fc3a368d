"""Questions against a brute force that is written apart: the engine and the rendered bytes say what an answer changes.

Each question asked has two answers whose futures differ, and each fact with such answers is asked for, up to the
horizon by events of one track. (What several tracks decide at once is asked a step later.)
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from journeys.analysis.paths import admitted_events, cover
from journeys.definition.questions import declared_questions
from journeys.questions.compiling import compile_questions
from journeys.questions.table import worth_asking
from tests.questions.futures import MOST_LOOKS, Futures, is_silent, may_be_asked
from tests.questions.journeys import random_journey, shipped

SEEDS = int(os.environ.get("JOURNEYS_SEEDS", "60"))
PLACES = int(os.environ.get("JOURNEYS_PLACES", "6"))
#: Of each shipped journey; 100000 is every place.
QUICK = 3
QUICK_AHEAD = 2
SEEDS_A_TEST = 6
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
MOMENT = timedelta(minutes=1)
#: So that what a timer sent at the instant of a view is not taken for a consequence of an answer.
STEPS = {"waiting": 0, "now": 0, "dates": 0, "next": 1, "horizon": 2}


def walk(futures, chance, steps):
    """Yield the views of a walk of chance with their instants; staff sometimes tell what they report."""
    now = NOW
    view = futures.begin(now)
    yield view, now + MOMENT
    for _ in range(steps):
        events, _ = chance.choice(futures.next_steps(view, now) or [([], now)])
        now += timedelta(days=chance.choice([1, 5, 40]))
        made = [
            futures.event(
                event.type,
                now,
                by=chance.choice(["patient", "staff"]),
                facts=event.facts if chance.random() < 0.8 else {},
                told=chance.random() < 0.5,
            )
            for event in events
        ]
        view = futures.fold(view, made, now)
        yield view, now + MOMENT


def check(futures, table, view, now, counts, *, looks=1500, ahead=True):
    """Assert that the questions of a view are exactly those with answers that matter, as far as is tried.

    `ahead`: whether a question is missed too if it matters only after some events; `looks`: the comparisons for that.
    """
    plan = futures.plan
    questions = {question.name: question.facts for question in declared_questions(plan.journey)}
    worthwhile = worth_asking(table, view, now)
    for entry in worthwhile:
        facts = questions[entry.question]
        assert may_be_asked(plan, view, facts), (entry, view.places)
        counts[entry.rank] = counts.get(entry.rank, 0) + 1
        # What the other facts would free is set aside: the question may matter only while nothing else moves.
        is_worth = any(
            futures.is_worth(each, facts, STEPS[entry.rank], now, tries=80)
            for each in ((view, replace(view, waiting=())) if view.waiting else (view,))
        )
        assert is_worth or entry.rank == "horizon", (entry, view.places, dict(view.facts))
        counts["not seen"] = counts.get("not seen", 0) + (not is_worth)
    if view.ended is None and not is_silent(plan, view):
        for name in questions.keys() - {entry.question for entry in worthwhile}:
            if may_be_asked(plan, view, questions[name]):
                counts["not asked"] = counts.get("not asked", 0) + 1
                missed = [futures.is_worth(view, questions[name], 0, now, tries=6, still=True, looks=MOST_LOOKS)]
                for steps in range(1, plan.journey.asking.horizon + 1) if ahead else ():
                    options = {"tries": 4, "still": True, "alone": True, "looks": looks}
                    missed.append(futures.is_worth(view, questions[name], steps, now, **options))
                assert not any(missed), (missed, name, view.places, dict(view.facts))
    else:
        assert worthwhile == ()


def check_random(seeds, *, steps=5, **options):
    counts = {}
    for seed in seeds:
        release, catalogue = random_journey(seed)
        futures, chance = Futures(release, catalogue, Random(f"{seed} futures")), Random(f"{seed} walk")
        table = compile_questions(release.plan, catalogue)
        for view, now in list(walk(futures, chance, steps)):
            check(futures, table, view, now, counts, **options)
    return counts


def test_each_question_of_random_journeys_has_answers_that_matter():
    counts = check_random(range(QUICK), ahead=False)
    assert counts.get("now", 0) > 5
    assert counts.get("not asked", 0) > 5


def test_no_question_that_matters_after_some_events_is_missed():
    counts = check_random(range(QUICK_AHEAD), steps=2, looks=100)
    assert counts.get("now", 0) > 5
    assert counts.get("not asked", 0) > 2


@pytest.mark.long
@pytest.mark.parametrize("seed", [137, 146, 173])
def test_what_was_missed_once_is_asked(seed):
    """Facts that an event makes known, and tracks that hear of a step and surely stay."""
    assert sum(check_random([seed]).values()) > 0


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK_AHEAD, SEEDS, SEEDS_A_TEST))
def test_each_question_of_more_random_journeys_has_answers_that_matter(first):
    assert sum(check_random(range(first, min(first + SEEDS_A_TEST, SEEDS))).values()) > 0


@pytest.mark.long
def test_each_question_in_states_of_the_lung_cancer_journey_has_answers_that_matter():
    release, catalogue = shipped("nsclc")
    table = compile_questions(release.plan, catalogue)
    futures, chance, counts = Futures(release, catalogue, Random(1)), Random(2), {}
    for leaf in release.plan.tracks["disease"].leaves[::7]:
        view = futures.begin(NOW, {"disease": leaf})
        told = futures.answered(view, futures.context(view, set(), NOW), NOW)
        check(futures, table, told, NOW, counts, ahead=False)
    for view, now in list(walk(futures, chance, 2)):
        check(futures, table, view, now, counts, ahead=False)
    assert counts["now"] > 20


@pytest.mark.long
@pytest.mark.parametrize("key", ["nsclc", "diabetes"])
def test_each_question_of_the_shipped_journeys_has_answers_that_matter(key):
    """At places of the paths that take every two transitions in a row, spread over all of them."""
    release, catalogue = shipped(key)
    table = compile_questions(release.plan, catalogue)
    futures, counts = Futures(release, catalogue, Random(1)), {}
    places = list(places_of_paths(release, futures))
    for view, now in places[:: max(len(places) // PLACES, 1)]:
        check(futures, table, view, now, counts, looks=60)
    assert sum(counts.get(rank, 0) for rank in STEPS) > 5


def places_of_paths(release, futures):
    """Yield each place of the paths once, with its instant: open states, known facts and what waits."""
    seen = set()
    for path in cover(release, "pairs").paths:
        view, events = None, admitted_events(release, path)
        for event in events:
            view = futures.fold(view, [event], event.at)
            known = tuple(sorted((name, str(fact.value)) for name, fact in view.facts.items()))
            place = futures.leaves(view), known, tuple(waiting.type for waiting in view.waiting)
            if place not in seen:
                seen.add(place)
                yield view, event.at + MOMENT


@pytest.mark.parametrize("seed", range(12))
def test_nothing_in_a_held_state_is_asked_about_before_its_telling(seed):
    release, catalogue = random_journey(seed)
    table = compile_questions(release.plan, catalogue)
    futures, chance = Futures(release, catalogue, Random(seed)), Random(f"{seed} held")
    held = {full for full, state in release.plan.states.items() if state.hold is not None}
    count = 0
    for view, now in [each for _ in range(4) for each in walk(futures, chance, 5)]:
        for entry in worth_asking(table, view, now):
            count += 1
            assert may_be_asked(release.plan, view, table.questions.facts[entry.question])
            for decision in entry.settles:
                states = [decision.state]
                if decision.kind == "piece":
                    states = [place for place, keys in catalogue.by_place.items() if decision.name in keys]
                if decision.kind in ("piece", "timer"):
                    closed = [
                        {full for full in held - view.places if f"{state}.".startswith(f"{full}.")} for state in states
                    ]
                    assert not all(closed), (entry, view.places)
    assert count > 0
