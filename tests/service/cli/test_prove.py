"""`journeys prove` says what holds, and gives the way of a patient where it does not."""

import json

import pytest
from click.testing import CliRunner

from service.cli import main
from tests.folders import ROOT, copy_samples


@pytest.fixture
def folder(tmp_path):
    """The sample's files, to be spoilt."""
    return copy_samples(tmp_path)


def spoil(folder, properties):
    definition = folder / "definitions/follow_up.yaml"
    definition.write_text(f"{definition.read_text()}properties:\n{properties}")


def run(folder, *arguments):
    where = ["--definitions", str(folder / "definitions"), "--content", str(folder / "content")]
    return CliRunner().invoke(main, [*arguments, *where])


@pytest.mark.parametrize("journey", ["nsclc", "diabetes"])
@pytest.mark.long
def test_what_is_shipped_is_proven(journey):
    result = run(ROOT, "prove", journey)
    assert (result.exit_code, "0 broken, 0 not proven" in result.output) == (0, True), result.output


def test_what_is_broken_comes_with_a_story_that_plays(folder):
    spoil(folder, "  - never: {piece: smoking}\n  - never: {state: support.needs_help}\n")
    result = run(folder, "prove", "follow_up", "--format", "json")
    assert result.exit_code == 1
    broken = [verdict for verdict in json.loads(result.stdout)["verdicts"] if verdict["result"] == "broken"]
    assert [entry["claim"] for entry in broken] == ["never piece smoking", "never state support.needs_help"]
    for entry in broken:
        (folder / "way.yaml").write_text(entry["story"])
        played = run(folder, "play", str(folder / "way.yaml"))
        assert played.exit_code == 0, played.output
    assert "smoking" in broken[0]["story"].splitlines()[-1]
    text = run(folder, "prove", "follow_up")
    assert text.exit_code == 1
    assert "broken      never piece smoking" in text.output
    assert "            | story: never piece smoking" in text.output


def test_a_definition_that_cannot_be_read_is_refused_with_its_problems(folder):
    spoil(folder, "  - never: {state: nowhere}\n")
    result = run(folder, "prove", "follow_up")
    assert result.exit_code == 1
    assert "Unknown state 'nowhere'" in result.output
    assert run(folder, "prove", "followup").exit_code == 2
