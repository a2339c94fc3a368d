"""`journeys questions` says what is asked where, what an answer settles, and what waits for a telling."""

import json

import pytest

from tests.folders import CONTENT
from tests.questions.journeys import shipped_with_questions
from tests.service.cli.test_commands import ROOT, run

SAMPLES = ROOT / "tests" / "samples"
SAMPLE = ["--definitions", str(SAMPLES / "definitions"), "--content", str(SAMPLES / "content")]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("definitions")
    for key in ("nsclc", "diabetes"):
        shipped_with_questions(key, folder)
    return ["--definitions", str(folder), "--content", str(CONTENT)]


def test_each_state_lists_its_questions_with_the_reason(files):
    lines = run("questions", "diabetes", *files).output.splitlines()
    assert lines[0].startswith("diabetes: 9 questions. Of 55 states, ")
    assert "diabetes.being_tested: nothing" in lines
    start = lines.index("sugar_checks.next_in_3_months")
    assert lines[start + 1] == "  last_a1c_on: changes the page now (piece a1c-plan)"
    assert any(line.startswith("visit_on: ") and "visit_booked waiting in " in line for line in lines)
    assert any(line.startswith("The longest path (") for line in lines)


@pytest.mark.long
def test_held_facts_wait_for_their_telling_and_no_question_is_in_vain(files):
    overview = json.loads(run("questions", "nsclc", *files, "--format", "json").output)
    assert overview["questions"]["stage"]["after"] == ["stage_discussed"]
    asked = {entry["question"] for entries in overview["states"].values() for entry in entries}
    assert {"stage", "treatment_kind", "recurrence_kind"}.isdisjoint(asked)
    assert "smoking" in asked
    assert overview["never"] == overview["left_out"] == []
    assert len(overview["longest"]["events"]) > len(overview["shortest"]["events"]) > 0


def test_a_journey_without_questions_says_so():
    output = run("questions", "follow_up", *SAMPLE).output
    assert output == "follow_up asks nothing: no fact has an 'ask'.\n"


def test_reading_lists_the_questions_with_their_grades(files):
    lines = run("reading", "diabetes", *files).output.splitlines()
    start = lines.index("questions, each with its reason and help; short ones with their neighbors")
    assert any("ask of visit_on" in line and "  es  " in line for line in lines[start:])
    questions = json.loads(run("reading", "diabetes", *files, "--format", "json").output)["questions"]
    assert {question["locale"] for question in questions} == {"en", "es"}
    assert max(question["grade"] for question in questions) <= 8
