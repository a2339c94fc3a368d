"""Personas: sample patients on their day; a mistake is named with its line; they are rendered for and played."""

from pathlib import Path

import pytest

from journeys.authoring.stories import read_persona
from tests.folders import copy_samples
from tests.service.cli.test_commands import FILES, ROOT, run

ANA = """\
persona: Ana, whose scan is due
journey: follow_up
entry: in_follow_up
joined: 2026-01-15
facts: {last_scan_on: 2026-01-10}
today: 2026-08-01
"""


@pytest.fixture
def files(tmp_path):
    copy_samples(tmp_path)
    (tmp_path / "definitions" / "personas").mkdir()
    (tmp_path / "definitions" / "personas" / "ana.yaml").write_text(ANA)
    return tmp_path


def options(files):
    return ("--definitions", files / "definitions", "--content", files / "content")


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("today:", "todya:"), 6, "Did you mean 'today'?"),
        (("in_follow_up", "in_folow_up"), 3, "in_folow_up"),
        (("last_scan_on:", "last_scam_on:"), 3, "last_scam_on"),
        (("2026-08-01", "2025-08-01"), 4, "'joined' is after 'today'."),
        (("journey: follow_up", "journey: folow_up"), 1, "Unknown journey 'folow_up'."),
        (("today:", "events: [{on: 2026-09-01, report: scan_done}]\ntoday:"), 6, "This event is after 'today'"),
        (("today:", "events: [{on: 2026-07-01, report: scan_dome}]\ntoday:"), 6, "scan_dome"),
        (("today:", "events: [{on: 2026-07-01}]\ntoday:"), 6, "needs one of report, answers, place, retract"),
    ],
)
def test_lint_names_a_mistake_with_its_line(files, change, line, says):
    path = files / "definitions" / "personas" / "ana.yaml"
    path.write_text(ANA.replace(*change))
    output = run("lint", *options(files), code=1).output
    assert f"ana.yaml:{line}:" in output
    assert says in output


def test_a_piece_is_rendered_for_a_persona_and_in_a_state(files):
    ana = files / "definitions" / "personas" / "ana.yaml"
    assert (
        "Your follow-up scan is due" in run("render", "follow_up", "scan-due", "--persona", ana, *options(files)).output
    )
    path = files / "content/follow_up/support/smoking/en.md"
    path.write_text(path.read_text() + "\n{% if in_state('disease.recurrence') %}\nOnly there.\n{% endif %}\n")
    plain = ("render", "follow_up", "smoking", *options(files))
    assert "Only there." not in run(*plain).output
    assert "Only there." in run(*plain, "--state", "disease.recurrence").output
    assert "Only there." in run(*plain, "--state", "recurrence", "--persona", ana).output
    assert "Did you mean" in run(*plain, "--state", "disease.recurence", code=2).output


def test_a_persona_is_played_to_its_day(files):
    output = run("play", files / "definitions" / "personas" / "ana.yaml", *options(files)).output
    assert "Ana, whose scan is due" in output
    assert "2026-07-10" in output


def test_the_shipped_personas_are_two_at_least_for_each_journey():
    personas = [read_persona(path.read_bytes(), path.name)[0] for path in Path(ROOT, "definitions/personas").iterdir()]
    assert {
        persona.journey: sum(persona.journey == other.journey for other in personas) >= 2 for persona in personas
    } == {
        "nsclc": True,
        "diabetes": True,
    }


def test_samples_have_none_and_lint_clean():
    assert "0 errors" in run("lint", *FILES).output
