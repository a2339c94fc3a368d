"""The questions of a view: those to ask, those declined, and views that look the same have the same questions."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from journeys.definition.facts import DECLINED
from journeys.engine.state import FactTold
from journeys.questions.questionnaire import OpenQuestions, compile_questionnaire, looks_the_same
from tests.questions.futures import Futures
from tests.questions.journeys import random_journey
from tests.questions.test_table import NOW, small


def told(view, **values):
    facts = {name: FactTold(value, "2026-06-01", "e", "patient") for name, value in values.items()}
    return replace(view, facts={**view.facts, **facts})


def questionnaire_and_view():
    futures, _ = small()
    return compile_questionnaire(futures.release.plan, futures.catalogue), futures.begin(NOW)


def test_a_form_has_what_is_worth_asking_and_what_was_answered_or_declined():
    questionnaire, view = questionnaire_and_view()
    before = questionnaire.in_view(view, NOW)
    assert (before.asked, before.declined) == (("smoking", "day"), ())
    assert before.facts == ("smoking", "day", "far")
    after = questionnaire.in_view(told(view, smoking=DECLINED, never_read=True), NOW)
    assert "smoking" not in after.asked
    assert after.declined == ("smoking",)
    assert after.facts == ("smoking", "never_read", "day", "far")


def test_a_held_fact_is_on_no_form_before_its_telling():
    questionnaire, view = questionnaire_and_view()
    assert "held" not in questionnaire.in_view(view, NOW).facts
    assert "held" in questionnaire.in_view(told(view, held=True), NOW).facts


def test_after_the_end_there_are_no_questions():
    questionnaire, view = questionnaire_and_view()
    assert questionnaire.in_view(replace(view, ended=object()), NOW) == OpenQuestions()


def test_views_that_look_the_same_have_the_same_questions():
    seen = {}
    for seed in range(12):
        release, catalogue = random_journey(seed)
        questionnaire, chance = compile_questionnaire(release.plan, catalogue), Random(seed)
        futures = Futures(release, catalogue, Random(f"{seed} futures"))
        view = futures.begin(NOW)
        for minutes in sorted(chance.choices(range(4 * 1440), k=60)):
            now = NOW + timedelta(minutes=minutes)
            view = futures.fold(view, [], now)
            look, questions = (seed, looks_the_same(view, now)), questionnaire.in_view(view, now)
            assert seen.setdefault(look, questions) == questions
    assert 12 < len(seen) < 12 * 30
