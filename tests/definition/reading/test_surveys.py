"""Surveys are read as they are written; each mistake is named with its line, and with what would be accepted."""

import pytest

from journeys.definition.model import Task
from journeys.definition.reading import read_journey
from tests.surveys.small import JOURNEY

SURVEY = """\
surveys:
  help:
    question: {en: How do our pages help?}
    why: {en: We change what does not help.}
    rest: P7D
    purpose: {en: We count the answers.}
    show_in: care.ward
    again: P90D
    measures:
      clear: {type: boolean, title: {en: Are they clear?}}
    thanks: {text: {en: A call.}, task: {for: nurses, within: P2D, title: Call}}
"""
FIRST = JOURNEY.count("\n")


def read(text):
    journey, problems = read_journey((JOURNEY + text).encode(), "small.yaml")
    return journey, [(problem.line - FIRST, problem.message) for problem in problems]


def test_a_survey_is_read_with_its_words_its_times_and_its_thanks():
    journey, problems = read(SURVEY)
    assert problems == []
    survey = journey.surveys["help"]
    assert (survey.ask.question, survey.ask.rest, survey.again) == ({"en": "How do our pages help?"}, "P7D", "P90D")
    assert [state.text for state in survey.show_in] == ["care.ward"]
    assert survey.names == ("clear",)
    task = survey.thanks.task
    assert isinstance(task, Task)
    assert (task.title, task.assignee, task.within) == ("Call", "nurses", "P2D")


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("    purpose: {en: We count the answers.}\n", "", 3, "The survey 'help' needs 'purpose'."),
        ("    show_in: care.ward\n", "", 3, "The survey 'help' needs 'show_in'."),
        ("show_in: care.ward", "show_in: []", 7, "is empty; name a state."),
        ("again: P90D", "again: P0D", 8, "must be a duration of more than zero, such as P180D."),
        ("measures:", "mesures:", 9, "Did you mean 'measures'?"),
        ("type: boolean", "type: text", 10, "is text. Accepted: boolean, choice, integer."),
        ("type: boolean", "type: integer", 10, "An integer needs 'min' and 'max'"),
        (
            "title: {en: Are they clear?}",
            "ask: {question: {en: Clear?}}",
            10,
            "'ask' is not a key of the measure 'clear'",
        ),
        ("clear:", "Clear:", 10, "The name of a measure is 'Clear'; it must begin with a lower case letter"),
        (
            ", task: {for: nurses, within: P2D, title: Call}",
            "",
            11,
            "needs one of 'piece', 'value' and 'task', and one only.",
        ),
        (", task:", ", value: phone, task:", 11, "needs one of 'piece', 'value' and 'task', and one only."),
        ("title: Call}", "title: Call, closed_by: went}", 11, "'closed_by' is not a key"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_is_accepted(before, after, line, words):
    assert before in SURVEY
    _, problems = read(SURVEY.replace(before, after))
    assert any(at == line and words in message for at, message in problems), problems


def test_a_survey_that_asks_nothing_is_refused():
    text = SURVEY.replace("    measures:\n      clear: {type: boolean, title: {en: Are they clear?}}\n", "")
    _, problems = read(text)
    assert problems == [(2, "The survey 'help' asks nothing; it needs 'facts' or 'measures'.")]
