"""The questions of the shipped journeys: each fact that patients may tell has one, and lint has nothing to say."""

import pytest

from journeys.authoring.lint import lint_files
from journeys.definition.questions import declared_questions
from tests.folders import CONTENT, DEFINITIONS


@pytest.mark.long
@pytest.mark.parametrize("key", ["nsclc", "diabetes"])
def test_each_fact_of_patients_has_a_question_with_a_reason_and_lint_is_clean(key):
    linted = lint_files(DEFINITIONS / f"{key}.yaml", CONTENT)
    assert linted.problems == ()
    asked = {fact for question in declared_questions(linted.journey) for fact in question.facts}
    assert asked == {fact.name for fact in linted.journey.facts.values() if "patient" in fact.by}
    for question in declared_questions(linted.journey):
        assert set(question.ask.question) == set(question.ask.why) == {"en", "es"}, question.name
