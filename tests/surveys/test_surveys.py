"""Surveys in a told view: when they come and come again, half and whole answers, declining, retraction, and thanks."""

from datetime import date

import pytest

from journeys.content.catalogue import explain, select
from journeys.engine import tasks_of
from journeys.primitives.canonical import canonical
from journeys.primitives.errors import Refused
from journeys.surveys.thanks import thanks_given, thanks_in_words
from tests.surveys.small import JOURNEY, SURVEYS, Patient, day

WHOLE = {"paid": True, "clear": "in_part", "rating": 4}
DECLINED = {"declined": True}


@pytest.fixture
def patient():
    return Patient()


def titles_of_tasks(patient):
    return [task.title for task in tasks_of(patient.bench.enrollment.state, (), patient.plan)]


def pages(patient, on):
    return [selected.piece.key for selected in select(patient.catalogue, patient.view, day(on))]


def test_a_survey_comes_by_state_and_condition_and_again_after_its_time(patient):
    assert patient.asked(9) == ()
    assert patient.asked(10) == ("page_help",)
    patient.answer("page_help", WHOLE, 12)
    assert patient.asked(12) == patient.asked(101) == ()
    assert patient.asked(102) == ("page_help",)


def test_a_survey_without_again_comes_once(patient):
    patient.report("went", 1)
    assert patient.asked(2) == ("after_the_stay",)
    patient.answer("after_the_stay", {"food": True}, 2)
    assert patient.asked(400) == ()


def test_nothing_comes_where_nothing_is_asked_or_after_the_end(patient):
    patient.report("went", 1)
    patient.report("went", 2)
    assert patient.view.places == {"care.silent"}
    assert patient.asked(3) == ()


def test_facts_and_measures_are_told_apart(patient):
    step, measured = patient.answer("page_help", WHOLE, 10)
    assert measured == {"clear": "in_part", "rating": 4}
    assert {name: fact.value for name, fact in patient.view.facts.items()} == {"paid": True}
    stored = canonical([entry.to_stored() for entry in patient.bench.log]) + canonical(patient.view.to_stored())
    assert b"in_part" not in stored and b"rating" not in stored and b'"page_help"' in stored
    assert step.results[patient.bench.log[-1].uid].outcome == "stayed"


def test_half_an_answer_is_refused_as_half_a_group(patient):
    fields = patient.refused("page_help", {"paid": True, "clear": "in_part"}, 10)
    assert fields == {
        "facts.rating": [
            "The answers to 'page_help' are sent together: paid, clear, rating; missing: rating. Each may be declined."
        ]
    }
    fields = patient.refused("page_help", WHOLE | {"ratng": 3}, 10)
    assert fields == {"facts.ratng": ["Unknown question of 'page_help'. Did you mean 'rating'?"]}


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("clear", "perhaps", 'It must be one of yes_all, in_part, or {"declined": true}.'),
        ("rating", 6, 'It must be a whole number from 1 to 5, or {"declined": true}.'),
        ("rating", True, 'It must be a whole number from 1 to 5, or {"declined": true}.'),
    ],
)
def test_a_value_that_is_not_accepted_is_refused_with_what_is(patient, name, value, accepted):
    assert patient.refused("page_help", WHOLE | {name: value}, 10) == {f"facts.{name}": [accepted]}


def test_a_part_may_be_declined_and_is_not_measured(patient):
    _, measured = patient.answer("page_help", WHOLE | {"rating": DECLINED}, 10)
    assert measured == {"clear": "in_part"}
    assert patient.view.surveyed["page_help"].is_declined is False


def test_a_declined_survey_comes_no_more_and_may_still_be_answered(patient):
    patient.report("answered", 1, facts={"paid": True})
    step, measured = patient.answer("page_help", dict.fromkeys(WHOLE, DECLINED), 10)
    assert (measured, step.results[patient.bench.log[-1].uid].outcome) == ({}, "stayed")
    assert patient.view.facts["paid"].value is True
    assert patient.asked(10) == patient.asked(300) == ()
    assert patient.declined(300) == ("page_help",)
    assert pages(patient, 300) == []
    patient.answer("page_help", WHOLE, 300)
    assert (patient.declined(300), pages(patient, 300)) == ((), ["for-you"])


def test_a_survey_is_put_off_until_a_day(patient):
    patient.report("later", 10, question="page_help", until=date(2026, 1, 20))
    assert patient.asked(18) == ()
    assert patient.asked(19) == ("page_help",)


def test_a_survey_rests_after_its_showings_as_a_question_does(patient):
    for showing in (10, 11, 12):
        assert patient.asked(showing) == ("page_help",)
        patient.report("seen", showing, question="page_help")
    assert patient.asked(13) == patient.asked(41) == ()
    assert patient.asked(42) == ("page_help",)


def test_a_survey_counts_in_the_budget_after_the_questions():
    patient = Patient(JOURNEY.replace("at_once: 2", "at_once: 1") + SURVEYS)
    patient.report("seen", 10, question="asked_first")
    assert patient.asked(10) == ("page_help",)
    patient.report("seen", 10, question="page_help")
    patient.report("seen", 10, question="paid")
    shown = {name for name, status in patient.view.asked.items() if status.last_shown}
    assert shown == {"asked_first", "page_help", "paid"}
    assert patient.asked(11) == ("page_help",)  # it was shown this week already, and stays


def test_a_full_week_lets_no_survey_come(patient):
    for question in ("asked_first", "paid"):
        patient.report("seen", 10, question=question)
    assert patient.asked(11) == ()
    assert patient.asked(17) == ("page_help",)


def test_without_permission_to_measure_only_surveys_of_facts_come(patient):
    assert patient.asked(10, may_measure=False) == ()
    assert patient.asked(10) == ("page_help",)


def test_a_second_tab_is_refused_as_a_survey_that_does_not_exist(patient):
    patient.answer("page_help", WHOLE, 10)
    second, unknown = (patient.refused(name, WHOLE, 10) for name in ("page_help", "nothing"))
    text = "No survey of this name can be answered now. Accepted: none. Leave this field out of other answers."
    assert second == unknown == {"question": [text]}


def test_marks_of_a_survey_of_held_states_alone_are_unknown_before_the_telling(patient):
    patient.report("found", 5, by="staff")
    texts = []
    for name in ("after_news", "after_newz"):
        with pytest.raises(Refused) as refused:
            patient.report("later", 20, question=name, until=date(2026, 2, 20))
        texts.append(refused.value.fields["question"][0].removeprefix(f"Unknown question '{name}'"))
    assert all(text.startswith((". Did you mean", ". Accepted")) for text in texts)
    assert all("after_news" not in text for text in texts)
    patient.report("discussed", 21, by="staff")
    patient.report("later", 22, question="after_news", until=date(2026, 2, 20))
    assert patient.view.asked["after_news"].until == "2026-02-20"


def test_a_caregiver_cannot_put_off_a_survey(patient):
    with pytest.raises(Refused) as refused:
        patient.report("later", 10, by="family", question="page_help", until=date(2026, 1, 20))
    assert list(refused.value.fields) == ["question"]


def test_a_survey_of_a_held_state_does_not_exist_before_the_telling(patient):
    patient.report("found", 5, by="staff")
    assert patient.bench.enrollment.state.places == {"care.hidden"}
    before = patient.refused("after_news", {"paid": True}, 20)
    assert before == patient.refused("after_news_", {"paid": True}, 20)
    assert patient.asked(20) == ("page_help",)
    patient.report("discussed", 21, by="staff")
    assert patient.asked(21) == ("after_news",)
    patient.answer("after_news", {"paid": False}, 21)
    assert patient.view.facts["paid"].value is False


@pytest.mark.parametrize("by", ["staff", "family"])
def test_only_the_patient_answers(patient, by):
    assert patient.refused("page_help", WHOLE, 10, by=by) == {
        "question": [f"A survey may be answered by patient, not by {by}."]
    }


def test_what_was_promised_is_given_and_goes_with_a_retraction(patient):
    assert pages(patient, 10) == []
    (reason,) = explain(patient.catalogue, patient.view, day(10))
    assert (reason.cause, reason.text) == ("thanks", "Shown to those who have finished a survey.")
    before = patient.view.surveyed
    patient.answer("page_help", WHOLE, 10, id="mine")
    assert pages(patient, 10) == ["for-you"]
    (survey,) = thanks_given(patient.plan, before, patient.view.surveyed)
    words = {"survey": "page_help", "text": "A page for you.", "piece": "for-you", "value": None}
    assert thanks_in_words(patient.plan, survey, {}, "en") == words
    patient.retract("mine", 11)
    assert (pages(patient, 11), patient.view.surveyed, patient.asked(11)) == ([], {}, ("page_help",))


def test_the_promised_task_is_opened_once_and_cleared_with_a_retraction(patient):
    patient.report("went", 1)
    step, _ = patient.answer("after_the_stay", {"food": True}, 2, id="mine")
    (effect,) = step.effects
    assert (effect.action, effect.following.title, effect.following.assignee) == (
        "open",
        "Call and say thanks",
        "nurses",
    )
    assert effect.following.due == day(4)
    assert titles_of_tasks(patient) == ["Call and say thanks"]
    assert patient.report("went", 3).effects == ()
    (cleared,) = patient.retract("mine", 4).effects
    assert (cleared.action, cleared.id, titles_of_tasks(patient)) == ("clear", effect.id, [])


def test_a_promised_value_is_told(patient):
    survey = patient.plan.journey.surveys["after_news"]
    assert thanks_in_words(patient.plan, survey, {"phone": "+1 312 555 0142"}, "en")["value"] == "+1 312 555 0142"


def test_a_survey_whose_page_is_not_in_force_does_not_come():
    patient = Patient(pieces=())
    assert patient.asked(10) == ()
    assert "page_help" in patient.plan.surveys


def test_journeys_without_surveys_keep_the_bytes_of_their_states():
    patient = Patient(JOURNEY, pieces=())
    assert "surveyed" not in patient.view.to_stored()
    with_surveys = Patient()
    assert patient.view.to_stored().keys() == with_surveys.view.to_stored().keys()
