"""Files of authors: regular ones of bounded length alone are read, and files that are passed over are named."""

import pytest

from journeys.authoring.stories import read_persona_file
from journeys.definition.reading import definitions_in, passed_over, read_authored
from tests.authoring.lint.test_special_files import MADE


@pytest.mark.parametrize(("make", "text"), MADE.values(), ids=MADE.keys())
def test_a_persona_is_a_regular_file_of_bounded_length(tmp_path, make, text):
    make(tmp_path / "rosa.yaml")
    persona, (problem,) = read_persona_file(tmp_path / "rosa.yaml")
    assert (persona, problem.level, problem.message) == (None, "error", text)


def test_a_file_is_read_no_further_than_its_parser_reads(tmp_path):
    (tmp_path / "large.yaml").write_bytes(b"#" * 10**7)
    data, problems = read_authored(tmp_path / "large.yaml")
    assert (len(data), problems) == (256 * 1024 + 1, [])


NAMES = "Files here are <journey>.yaml, <journey>.programmes.yaml, <journey>.fhir.yaml, <journey>.sources.yaml."
PASSED_OVER = {
    "other.yml": "Rename it to 'other.yaml'.",
    "loud.YAML": "Rename it to 'loud.yaml'.",
    "check.programmes.yml": "Rename it to 'check.programmes.yaml'.",
    "check.up.yaml": NAMES,
    "check.programms.yaml": NAMES,
}


def test_what_is_passed_over_is_named(tmp_path):
    read = ["check.fhir.yaml", "check.sources.yaml", "check.programmes.yaml", "check.yaml", ".hidden.yml", "README.md"]
    for name in (*read, *PASSED_OVER):
        (tmp_path / name).touch()
    problems = passed_over(tmp_path)
    assert {problem.message for problem in problems} == {
        f"'{name}' is passed over. {advice}" for name, advice in PASSED_OVER.items()
    }
    assert {problem.level for problem in problems} == {"warning"}
    assert definitions_in(tmp_path) == [tmp_path / "check.yaml"]
    assert passed_over(tmp_path / "none") == []
