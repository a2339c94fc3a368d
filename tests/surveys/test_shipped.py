"""The survey that lung cancer ships: in both languages at grade 8 or below, and never where nothing is asked."""

import pytest

from journeys.authoring.readability import question_blocks, read_grades
from journeys.authoring.translation.markdown_file import MARK
from journeys.content.catalogue import Glossary
from journeys.definition.surveys import MEASURED, texts_of_survey
from tests.questions.journeys import shipped


@pytest.fixture(scope="module")
def release():
    return shipped("nsclc")[0]


def test_it_has_every_text_in_both_languages(release):
    survey = release.plan.journey.surveys["page_help"]
    texts = [titles for key, titles in texts_of_survey(survey) if key != "help"]
    for measure in survey.measures.values():
        texts += [measure.title, *measure.labels.values()]
        assert measure.kind.kind in MEASURED
    assert all(set(titles) == {"en", "es"} for titles in texts)


@pytest.mark.parametrize("locale", ["en", "es"])
def test_it_is_read_at_grade_eight_or_below(release, locale):
    (text,) = [each for each in question_blocks(release.plan.journey, waiting=MARK) if each.locale == locale]
    reading = read_grades(text, Glossary())
    (judged,) = [each for each in reading.judged if "survey page_help" in {block.name for block in each.blocks}]
    assert judged.count.words >= 30
    assert judged.grade <= 8


def test_it_names_a_task_and_comes_in_follow_up_alone(release):
    plan = release.plan.surveys["page_help"]
    assert plan.states == {"disease.surveillance"}
    assert plan.task.title == "Send the sheet of questions for the next visit"
    assert not plan.is_held
