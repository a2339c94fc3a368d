"""`journeys reading` says how hard texts are to read, and what was left out."""

import json

import pytest

from tests.service.cli.test_commands import FILES, ROOT, run

SHIPPED = ["--definitions", str(ROOT / "definitions"), "--content", str(ROOT / "content")]


@pytest.fixture(scope="module")
def shipped():
    return json.loads(run("reading", "nsclc", *SHIPPED, "--format", "json").output)["pieces"]


@pytest.mark.long
def test_every_text_has_its_grade_and_none_is_refused(shipped):
    pieces = {path.parent.name for path in (ROOT / "content" / "nsclc").rglob("en.md")}
    assert {(entry["piece"], entry["locale"]) for entry in shipped} == {
        (key, at) for key in pieces for at in ("en", "es")
    }
    assert [entry for entry in shipped for block in entry["blocks"] if block["grade"] > 8] == []
    assert all(block["words"] >= 30 for entry in shipped for block in entry["blocks"])


@pytest.mark.long
def test_each_block_is_where_it_stands(shipped):
    """The line that is named holds the first word that is read, or a value."""
    parts = [part for entry in shipped for block in entry["blocks"] for part in block["parts"]]
    assert len(parts) > 1000
    for part in parts:
        line = (ROOT / part["file"]).read_text().splitlines()[part["line"] - 1]
        first = part["text"].split()[0].strip("“”¿¡().,:;!?")
        assert first in line or (part["text"].startswith("⟨") and "{{" in line), part


@pytest.mark.long
def test_one_piece_is_shown_with_all_its_blocks():
    output = run("reading", "nsclc", *SHIPPED, "--piece", "biomarkers").output
    assert "biomarkers  es" in output
    assert "biomarkers/en.md:19  paragraph; 33 words in 3 sentences" in output
    assert "left out in en: ALK 2, biomarkers 2" in output


def test_what_is_not_there_is_said():
    message = run("reading", "follow_up", *FILES, "--piece", "where-to-aks", code=2).output
    assert "Unknown piece 'where-to-aks' of 'follow_up'. Did you mean" in message
    assert "Unknown journey 'none'" in run("reading", "none", *FILES, code=2).output


def test_a_journey_without_hard_blocks_says_so():
    assert (
        "0 blocks above 6 (lint refuses grades above 8; blocks under 30 words are not judged alone)"
        in run("reading", "follow_up", *FILES).output
    )


def test_the_short_texts_of_each_state_are_judged_together():
    states = json.loads(run("reading", "follow_up", *FILES, "--format", "json").output)["short_texts"]
    assert {state["locale"] for state in states} == {"en", "es"}
    (surveillance,) = (s for s in states if (s["state"], s["locale"]) == ("disease.surveillance", "en"))
    assert surveillance["words"] >= 5
    assert surveillance["longest_word"]["syllables"] >= surveillance["syllables_a_word"] > 1
    output = run("reading", "follow_up", *FILES).output
    without = sum(state["grade"] is None for state in states)
    assert f"{without} of {len(states)} have fewer than 30 words and no grade" in output
    assert "titles, summaries" not in run("reading", "follow_up", *FILES, "--piece", "where-to-ask").output
