"""A question has the name of its fact or group, and the place of its first fact."""

from journeys.definition.questions import declared_questions
from journeys.definition.reading import read_journey

ASK = "ask: {question: {en: What?}}"
JOURNEY = f"""\
journey: sample
title: {{en: A sample}}
locales: [en]
facts:
  last: {{type: boolean}}
  first: {{type: boolean, {ASK}}}
  stage: {{type: boolean}}
  inside: {{type: boolean, {ASK}}}
  second: {{type: boolean, {ASK}}}
  edition: {{type: boolean}}
groups:
  none_asked: [last, inside]
  staging: {{facts: [edition, stage, unknown], {ASK}}}
  nowhere: {{facts: [lost], {ASK}}}
tracks:
  care: {{initial: home, states: {{home: {{}}}}}}
"""


def questions():
    journey, _ = read_journey(JOURNEY.encode(), "sample.yaml")
    return declared_questions(journey)


def test_questions_come_in_the_order_of_their_facts():
    assert [question.name for question in questions()] == ["first", "staging", "second", "nowhere"]


def test_a_question_asks_for_its_fact_or_the_facts_of_its_group():
    asked = {question.name: question.facts for question in questions()}
    assert asked == {"first": ("first",), "staging": ("edition", "stage"), "second": ("second",), "nowhere": ()}


def test_a_fact_of_a_group_is_no_question_of_its_own():
    assert "inside" not in {question.name for question in questions()}
