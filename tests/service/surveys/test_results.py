"""What `journeys surveys` shows: each person once, shares with their interval, and no number under five."""

import json
import random

import pytest

from journeys.definition.reading import read_journey
from journeys.primitives.shares import LEAST, wilson
from service.surveys.report import count_answers
from service.surveys.store import StoredAnswers
from tests.service.cli.test_commands import run
from tests.service.clinic import START
from tests.surveys.small import JOURNEY, SURVEYS


@pytest.fixture(scope="module")
def journey():
    return read_journey((JOURNEY + SURVEYS).encode(), "small.yaml")[0]


def answered(numbers, name="clear", survey="page_help"):
    """Answers of so many persons each, the oldest first."""
    values = [value for value, number in numbers.items() for _ in range(number)]
    return [
        StoredAnswers(f"e{index}", f"person-{index}", "small", survey, START, {name: value})
        for index, value in enumerate(values)
    ]


def counts(journey, answers, question="clear"):
    survey = next(each for each in count_answers(journey, answers) if each.survey == "page_help")
    (counted,) = [each for each in survey.questions if each.question == question]
    return counted.answered, {each.answer: each.number for each in counted.answers}, counted


def test_answers_are_counted_with_their_shares(journey):
    total, numbers, counted = counts(journey, answered({"yes_all": 6, "in_part": 14}))
    assert (total, numbers) == (20, {"yes_all": 6, "in_part": 14})
    assert counted.answers[0].share == wilson(6, 20)
    assert [round(number, 3) for number in counted.answers[0].share] == [0.3, 0.145, 0.519]


def test_where_one_number_is_hidden_so_are_the_others(journey):
    total, numbers, counted = counts(journey, answered({"yes_all": 4, "in_part": 14}))
    assert (total, numbers) == (18, {"yes_all": None, "in_part": None})
    assert [each.share for each in counted.answers] == [None, None]
    assert counts(journey, answered({"in_part": 4}))[:2] == (None, {"yes_all": None, "in_part": None})


def test_an_answer_that_nobody_gave_is_shown(journey):
    assert counts(journey, answered({"in_part": 9}))[:2] == (9, {"yes_all": 0, "in_part": 9})
    assert counts(journey, [])[:2] == (0, {"yes_all": 0, "in_part": 0})


def test_each_person_counts_once_with_the_last_answer(journey):
    first = answered({"yes_all": 6})
    later = [
        StoredAnswers(f"later-{each.event}", each.person, "small", "page_help", START, {"clear": "in_part"})
        for each in first
    ]
    assert counts(journey, [*first, *later])[:2] == (6, {"yes_all": 0, "in_part": 6})


def test_an_answer_of_an_earlier_release_is_counted_as_it_was_given(journey):
    assert counts(journey, answered({"gone": 5, "in_part": 5}))[1] == {"yes_all": 0, "in_part": 5, "gone": 5}


def test_no_number_under_five_is_shown_or_follows_from_the_others(journey):
    chance = random.Random(7)
    for _ in range(300):
        numbers = {rating: chance.choice([0, 0, 1, 3, 4, 5, 9]) for rating in range(1, 6)}
        total, shown, _ = counts(journey, answered(numbers, "rating"), "rating")
        assert all(number is None or number == 0 or number >= LEAST for number in (total, *shown.values()))
        hidden = [answer for answer, number in shown.items() if number is None]
        assert len(hidden) != 1 or total is None
        if not hidden:
            assert {int(answer): number for answer, number in shown.items()} == {k: v for k, v in numbers.items() if v}


def test_the_command_writes_text_and_json(surveyed, database_url):
    clinic = surveyed.clinic
    for number in range(7):
        patient = f"many-{number}"
        enrollment = clinic.enroll(patient)
        surveyed.allow(enrollment)
        facts = {"pack_years": 1, "clear": "clear", "used": number < 5}
        sent = surveyed.answer("page_help", facts, token=clinic.token_of_patient(patient), enrollment=enrollment)
        assert sent.status == 200, sent.data
    words = ("surveys", "follow_up", "--days", "3000", "--database", database_url)
    text = run(*words).stdout
    assert "page_help · How do our pages help?" in text
    assert "  clear: 7 answered\n    clear  7  100% (65% to 100%)\n    in_part  0  0% (0% to 35%)\n" in text
    assert "  used: 7 answered\n    true  hidden\n    false  hidden\n" in text
    surveys = json.loads(run(*words, "--format", "json").stdout)["surveys"]
    (survey,) = [each for each in surveys if each["survey"] == "page_help"]
    assert survey["questions"][0]["answers"][0] == {
        "answer": "clear",
        "number": 7,
        "share": {"share": 1.0, "low": 0.6457, "high": 1.0},
    }
