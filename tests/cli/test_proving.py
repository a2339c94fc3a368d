"""`journeys prove` says what holds, and gives the way of a patient where it does not."""

import json
import shutil

import pytest
from click.testing import CliRunner

from service.cli import main
from tests.stories.playing import ROOT


@pytest.fixture
def folder(tmp_path):
    """The shipped files, to be spoilt."""
    shutil.copytree(ROOT / "definitions", tmp_path / "definitions")
    shutil.copytree(ROOT / "content", tmp_path / "content")
    return tmp_path


def run(folder, *arguments):
    where = ["--definitions", str(folder / "definitions"), "--content", str(folder / "content")]
    return CliRunner().invoke(main, [*arguments, *where])


@pytest.mark.parametrize("journey", ["nsclc", "diabetes"])
def test_what_is_shipped_is_proven(journey):
    found = run(ROOT, "prove", journey)
    assert (found.exit_code, "0 broken, 0 not proven" in found.output) == (0, True), found.output


def test_what_is_broken_comes_with_a_story_that_plays(folder):
    text = (folder / "definitions/nsclc.yaml").read_text()
    (folder / "definitions/nsclc.yaml").write_text(
        text + "  - never: {piece: closer-look}\n  - never: {state: other_cancer.has_own_journey}\n"
    )
    found = run(folder, "prove", "nsclc", "--format", "json")
    assert found.exit_code == 1
    broken = [one for one in json.loads(found.stdout)["verdicts"] if one["result"] == "broken"]
    assert [one["claim"] for one in broken] == ["never piece closer-look", "never state other_cancer.has_own_journey"]
    for one in broken:
        (folder / "way.yaml").write_text(one["story"])
        played = run(folder, "play", str(folder / "way.yaml"))
        assert played.exit_code == 0, played.output
    assert "closer-look" in broken[0]["story"].splitlines()[-1]
    text = run(folder, "prove", "nsclc")
    assert text.exit_code == 1
    assert "broken      never piece closer-look" in text.output
    assert "            | story: never piece closer-look" in text.output


def test_a_definition_that_cannot_be_read_is_refused_with_its_problems(folder):
    definition = folder / "definitions/nsclc.yaml"
    definition.write_text(definition.read_text() + "  - never: {state: nowhere}\n")
    found = run(folder, "prove", "nsclc")
    assert found.exit_code == 1
    assert "'nowhere' is no state of this journey" in found.output
    assert run(folder, "prove", "nsclcc").exit_code == 2
