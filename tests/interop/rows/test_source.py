"""The declaration of sources: every mistake is named with its line and with what would be accepted."""

import pytest

from journeys.interop.rows import read_row_sources
from tests.interop.rows.lab import COLUMNS, SOURCES, plan, source


def problems_of(text: str) -> list[str]:
    sources, problems = read_row_sources(text.encode(), "follow_up.sources.yaml", plan())
    assert bool(sources) != bool(problems)
    return [f"{problem.line}: {problem.message}" for problem in problems]


def test_a_source_is_read_with_its_rules():
    lab = source()
    assert (lab.name, lab.journey, lab.by, lab.reporter) == ("lab", "follow_up", "staff", "source:lab")
    assert [rule.trigger for rule in lab.rules] == ["scan_done", "scan_result_reported", "answers_given"]
    assert lab.columns == {*COLUMNS}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "trigger: scan_done",
            "trigger: scan_don",
            "10: 'trigger' of the rule 'scan' is 'scan_don'. Did you mean 'scan_done'?",
        ),
        (
            "last_scan_on:",
            "last_scan_no:",
            "12: 'last_scan_no' is not a fact of the journey. Did you mean 'last_scan_on'?",
        ),
        (
            "    id: sample",
            "    id: sample\n    by: stuff",
            "5: 'by' of the source 'lab' is 'stuff'. Did you mean 'staff'?",
        ),
        (
            "    id: sample",
            "    id: sample\n    by: family",
            "17: 'scan_result_reported' cannot be reported by family, and this source reports as family.",
        ),
        (
            "U: unclear",
            "U: uncleer",
            "18: The value of the fact 'scan_result' must be one of clear, unclear, suspicious, or 'declined'. "
            "Did you mean 'unclear'?",
        ),
        ("id: sample", "id: []", "4: 'id' of the source 'lab' is empty; name a column."),
        ("    time: taken_on\n", "", "4: The source 'lab' needs 'time'."),
        ("    time:", "    tiem:", "6: 'tiem' is not a key of the source 'lab'. Did you mean 'time'?"),
        ("status: final", "status: [final, done]", "14: A row can fit both 'scan' and 'result'."),
        ("rows: {test: stage}", "rows: {}", "19: A row can fit both 'scan' and 'stage'."),
        ("rows: {test: stage}", "rows: {test: []}", "20: The column 'test' accepts no text; no row would fit."),
        (
            '          stage_edition: "9"\n',
            "",
            "23: The facts of 'stage' are told together; the rule 'stage' lacks stage_edition.",
        ),
        ("column: taken_on}", "column: taken_on, may_be_empty: true}", "10: 'scan_done' requires last_scan_on;"),
        ("  lab:", "  Lab 1:", "3: The name of the source 'Lab 1' must be lower case letters"),
    ],
)
def test_a_mistake_is_named_with_its_line(right, wrong, message):
    assert right in SOURCES
    messages = problems_of(SOURCES.replace(right, wrong, 1))
    assert any(text.startswith(message) for text in messages), messages


@pytest.mark.parametrize("text", ["", "sources:\n", "- lab\n", "sources:\n  lab:\n", "sources: {lab: {rules: {}}}\n"])
def test_a_file_without_a_source_is_a_problem(text):
    assert problems_of(text)


def test_every_problem_is_reported_at_once():
    text = SOURCES.replace("trigger: scan_done", "trigger: scan").replace("U: unclear", "U: dark")
    assert len(problems_of(text)) == 2


def test_a_rule_may_report_answers():
    lab = source(SOURCES.replace("trigger: answers_given", "trigger: answered"))
    assert [rule.trigger for rule in lab.rules] == ["scan_done", "scan_result_reported", "answered"]
