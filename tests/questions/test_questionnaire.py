"""The questions of a view: those to ask, those declined, and views that look the same have the same questions."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

from journeys.content.catalogue import Catalogue
from journeys.definition.facts import DECLINED
from journeys.definition.reading import read_journey
from journeys.engine import Enrollment, advance
from journeys.engine.machine import make_release
from journeys.engine.state import FactTold
from journeys.questions.questionnaire import OpenQuestions, compile_questionnaire, looks_the_same
from tests.questions.futures import Futures
from tests.questions.journeys import random_journey, with_questions
from tests.questions.test_table import NOW, small
from tests.reference.generate import random_case


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


def some_answers(plan, chance):
    """Return a value for about half of the facts."""
    values = {
        "boolean": lambda kind: chance.random() < 0.5,
        "choice": lambda kind: chance.choice(kind.values),
        "set": lambda kind: [value for value in kind.values if chance.random() < 0.5],
        "integer": lambda kind: chance.randint(kind.minimum or 0, kind.maximum or 40),
        "date": lambda kind: f"2026-05-{chance.randint(1, 28):02}",
        "text": lambda kind: "words",
    }
    return {name: values[kind.kind](kind) for name, kind in plan.facts.items() if chance.random() < 0.5}


def test_an_answer_to_a_question_revises_no_earlier_event():
    """Answers come after what they are about; an event that waited for one is decided then, and no other changes."""
    answered = 0
    for seed in range(10):
        case = random_case(seed)
        journey, _ = read_journey(with_questions(case.definition_yaml("r1")).encode(), "random.yaml")
        release = make_release(journey)
        enrollment, log = Enrollment("ada", release.plan.id), []
        chance, now = Random(seed), NOW
        futures = Futures(release, Catalogue(release.plan, {}), Random(seed))
        events = [futures.event("enrolled", now, kind="enrolled", data={"release": release.plan.id, "states": {}})]
        for day in range(1, 20):
            now = NOW + timedelta(days=day)
            trigger = chance.choice([*release.plan.journey.triggers])
            type_ = trigger if day % 2 else "answered"
            events.append(futures.event(type_, now, facts=some_answers(release.plan, chance)))
        for event in events:
            waited = {wait.event for wait in enrollment.state.waiting} if enrollment.state is not None else set()
            step = advance({release.plan.id: release}, enrollment, partial(list, log), [event], event.at)
            enrollment, log = step.enrollment, [*log, event]
            revised = {record.item for record in step.records if record.kind == "revised"}
            assert revised <= waited
            answered += event.type == "answered"
    assert answered > 50
