"""`journeys new` writes files that lint clean at once, and writes over none."""

import pytest

from journeys.authoring.lint import lint_files
from tests.service.cli.test_commands import ROOT, run


@pytest.fixture
def options(tmp_path):
    return ("--definitions", tmp_path / "definitions", "--content", tmp_path / "content")


def test_a_new_journey_lints_clean_and_its_story_plays(tmp_path, options):
    stories = tmp_path / "stories"
    run("new", "journey", "check_up", "--title", "Yearly: a check-up", "--stories", stories, *options)
    message = run("lint", *options).output
    assert "1 journey checked, 0 errors, 0 warnings" in message
    assert "1 passed, 0 failed" in run("test", stories, *options).output
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    refused = run("new", "journey", "check_up", "--stories", tmp_path / "elsewhere", *options, code=2).output
    assert "exists already" in refused
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("journey", ["nsclc", "diabetes"])
@pytest.mark.long
def test_a_new_piece_lints_clean_in_every_language(tmp_path, journey):
    import shutil

    for name in ("definitions", "content"):
        shutil.copytree(ROOT / name, tmp_path / name)
    options = ("--definitions", tmp_path / "definitions", "--content", tmp_path / "content")
    state = {"nsclc": "disease.surveillance", "diabetes": "eyes/due"}[journey]
    message = run("new", "piece", journey, state, "something-new", *options).output
    assert "es.md" in message
    linted = lint_files(tmp_path / "definitions" / f"{journey}.yaml", tmp_path / "content")
    assert [str(problem) for problem in linted.problems] == []
    assert "is taken by" in run("new", "piece", journey, state, "something-new", *options, code=2).output


def test_what_makes_no_sense_is_said_with_what_would_be_accepted(tmp_path):
    options = ("--definitions", ROOT / "definitions", "--content", tmp_path)
    message = run("new", "piece", "nsclc", "disease.surveilance", "something-new", *options, code=2).output
    assert "disease.surveillance'" in message
    assert "must be lower case" in run("new", "piece", "nsclc", "disease", "Some thing", *options, code=2).output
