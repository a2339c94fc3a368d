"""Questions against a brute force that is written apart: the engine and the rendered bytes say what an answer changes.

Each question asked has two answers whose futures differ, and each fact with such answers now is asked for.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from journeys.definition.questions import declared_questions
from journeys.questions.compiling import compile_questions
from journeys.questions.table import worth_asking
from tests.questions.futures import Futures, is_silent, may_be_asked
from tests.questions.journeys import nsclc, random_journey

SEEDS = int(os.environ.get("JOURNEYS_SEEDS", "60"))
QUICK = 3
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


def check(futures, table, view, now, counts):
    """Assert that the questions of a view are exactly those with answers that matter, as far as is tried."""
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
                assert not futures.is_worth(view, questions[name], 0, now, tries=6, still=True), (
                    name,
                    view.places,
                    dict(view.facts),
                )
    else:
        assert worthwhile == ()


def check_random(seeds):
    counts = {}
    for seed in seeds:
        release, catalogue = random_journey(seed)
        futures, chance = Futures(release, catalogue, Random(f"{seed} futures")), Random(f"{seed} walk")
        table = compile_questions(release.plan, catalogue)
        for view, now in list(walk(futures, chance, 5)):
            check(futures, table, view, now, counts)
    return counts


def test_each_question_of_random_journeys_has_answers_that_matter():
    counts = check_random(range(QUICK))
    assert counts.get("now", 0) > 5
    assert counts.get("not asked", 0) > 5


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK, SEEDS, SEEDS_A_TEST))
def test_each_question_of_more_random_journeys_has_answers_that_matter(first):
    assert sum(check_random(range(first, min(first + SEEDS_A_TEST, SEEDS))).values()) > 0


@pytest.mark.long
def test_each_question_of_the_lung_cancer_journey_has_answers_that_matter():
    release, catalogue = nsclc()
    table = compile_questions(release.plan, catalogue)
    futures, chance, counts = Futures(release, catalogue, Random(1)), Random(2), {}
    for leaf in release.plan.tracks["disease"].leaves[::7]:
        view = futures.begin(NOW, {"disease": leaf})
        check(futures, table, futures.answered(view, futures.context(view, set(), NOW), NOW), NOW, counts)
    for view, now in list(walk(futures, chance, 2)):
        check(futures, table, view, now, counts)
    assert counts["now"] > 20
