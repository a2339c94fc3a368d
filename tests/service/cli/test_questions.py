"""`journeys questions` says what is asked where, what an answer settles, and what waits for a telling."""

import json
import re

import pytest

from tests.folders import CONTENT, DEFINITIONS, copy_samples
from tests.service.cli.test_commands import run

FILES = ["--definitions", str(DEFINITIONS), "--content", str(CONTENT)]
#: The questions of the sample.
ASK = re.compile(r"^    ask:\n(?:      .*\n)+", re.MULTILINE)


def test_each_state_lists_its_questions_with_the_reason():
    lines = run("questions", "diabetes", *FILES).output.splitlines()
    assert lines[0].startswith("diabetes: 9 questions. Of 55 states, ")
    assert "diabetes.being_tested: nothing" in lines
    start = lines.index("sugar_checks.next_in_3_months")
    assert lines[start + 1] == "  last_a1c_on: changes the page now (piece a1c-plan)"
    assert any(line.startswith("visit_on: ") and "visit_booked waiting in " in line for line in lines)
    assert any(line.startswith("The longest path (") for line in lines)


@pytest.mark.long
def test_held_facts_wait_for_their_telling_and_no_question_is_in_vain():
    overview = json.loads(run("questions", "nsclc", *FILES, "--format", "json").output)
    assert overview["questions"]["stage"]["after"] == ["stage_discussed"]
    asked = {entry["question"] for entries in overview["states"].values() for entry in entries}
    assert {"stage", "treatment_kind", "recurrence_kind"}.isdisjoint(asked)
    assert "smoking" in asked
    assert overview["never"] == overview["left_out"] == []
    answers = ["pages_clear", "pages_on_time", "used_at_visit"]
    assert overview["surveys"] == {"page_help": {"states": ["disease.surveillance"], "answers": answers}}
    assert len(overview["longest"]["events"]) > len(overview["shortest"]["events"]) > 0


def test_a_journey_without_questions_says_so(tmp_path):
    copy_samples(tmp_path)
    file = tmp_path / "definitions" / "follow_up.yaml"
    file.write_text(ASK.sub("", file.read_text()))
    folders = ("--definitions", tmp_path / "definitions", "--content", tmp_path / "content")
    output = run("questions", "follow_up", *folders).output
    assert output == "follow_up asks nothing: no fact has an 'ask'.\n"


def test_reading_lists_the_questions_with_their_grades():
    lines = run("reading", "diabetes", *FILES).output.splitlines()
    start = lines.index("questions, each with its reason and help; short ones with their neighbors")
    assert any("ask of visit_on" in line and "  es  " in line for line in lines[start:])
    questions = json.loads(run("reading", "diabetes", *FILES, "--format", "json").output)["questions"]
    assert {question["locale"] for question in questions} == {"en", "es"}
    assert max(question["grade"] for question in questions) <= 8
