"""What the shipped lung cancer content must always say, must never say, and how simply it says it."""

import re
import statistics
from datetime import UTC, datetime
from functools import lru_cache

import pytest

from journeys.authoring.readability import TARGET
from journeys.content.catalogue import select, world_of
from journeys.content.rendering import render
from journeys.engine import Snapshot, Stay
from tests.folders import ROOT
from tests.shipped.readings import linted, readings
from tests.stories.playing import SHIPPED, load

CONTENT = ROOT / "content" / "nsclc"
DEFINITION = ROOT / "definitions" / "nsclc.yaml"
NOW = datetime(2026, 1, 15, tzinfo=UTC)
#: "No evidence of disease" is what can be known. Curative intent is said in other words too.
NEVER = {
    "en": re.compile(r"\bcur(e|es|ed|ing|able|ative)\b|\bcancer[- ]free\b", re.IGNORECASE),
    "es": re.compile(
        r"\b(in)?cura(d[oa]s?|r|rse|ción|ciones|tiv[oa]s?|ble|bles)?\b|\blibre de cáncer\b", re.IGNORECASE
    ),
}

NEEDED = {
    "wedge resection": "wedge-resection",
    "segmentectomy": "segmentectomy",
    "lobectomy": "lobectomy",
    "pneumonectomy": "pneumonectomy",
    "radiotherapy instead of surgery": "radiotherapy-instead-of-surgery",
    "quality of life": "quality-of-life",
    "lifestyle": "lifestyle",
    "money": "money",
    "what remission means": "what-remission-means",
    "what recurrence is": "what-recurrence-is",
    "treatment again": "treatment-again",
    "keeping to treatment": "keeping-to-treatment",
    "hospice": "what-hospice-is",
    "wishes": "your-wishes",
}


@lru_cache
def shipped():
    return load(SHIPPED, "nsclc")[1]


@lru_cache
def pieces():
    return dict(shipped().pieces)


LEAVES = sorted(
    f"{track}.{path}"
    for track, plan in shipped().plan.tracks.items()
    for path in plan.states
    if not any(other.startswith(f"{path}.") for other in plan.states)
)


def at(leaf: str) -> Snapshot:
    """A patient of whom nothing is known but where they are; in the other tracks where everybody begins."""
    tracks = {}
    for name, track in shipped().plan.tracks.items():
        wanted = leaf.partition(".")[2] if leaf.startswith(f"{name}.") else ""
        chain = track.chain(wanted) if wanted else track.initial
        tracks[name] = tuple(Stay(state.path, f"stay of {state.full}", NOW, False, {}) for state in chain)
    return Snapshot(NOW, tracks, {}, {})


@pytest.mark.parametrize("path", sorted(CONTENT.rglob("*.md")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_text_says_cured(path):
    locale = path.stem.rpartition(".")[2]
    found = [match[0] for match in NEVER[locale].finditer(path.read_text())]
    assert found == []


@pytest.mark.parametrize("locale", NEVER)
def test_no_title_says_cured(locale):
    assert NEVER[locale].findall(DEFINITION.read_text()) == []


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "You are cured."), ("en", "with curative intent"), ("es", "Usted está curado."), ("es", "hay cura")],
)
def test_the_words_are_known_when_they_are_seen(locale, text):
    assert NEVER[locale].search(text)


@pytest.mark.parametrize("key", NEEDED.values(), ids=NEEDED)
def test_a_needed_piece_is_there_in_every_language(key):
    assert set(pieces()[key].texts) == {"en", "es"}


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_patient_in_any_state_has_something_of_it_to_read(leaf):
    """Also one of whom nothing is known, in both languages, on a page and as text."""
    view = at(leaf)
    found = [one for one in select(shipped(), view, NOW) if one.track == leaf.partition(".")[0]]
    assert found
    for one in found:
        for locale in ("en", "es"):
            rendered = render(one.piece, shipped().plan, world_of(view, NOW, one.stay), locale=locale, channel="page")
            assert rendered.locale == locale
            assert rendered.title in rendered.html


# --- how hard it is to read ------------------------------------------------------------------------------


def test_every_text_is_judged_in_every_language():
    """What is above the gate is a problem of lint; that there is none is tested with the command."""
    assert {(piece.key, one.locale) for piece, one in readings("nsclc")} == {
        (key, locale) for key in pieces() for locale in ("en", "es")
    }
    assert [one.locale for _, one in readings("nsclc") if one.above_gate] == []


@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_median_text_reads_below_grade_six(locale, record_testsuite_property):
    grades = [one.whole.grade for _, one in readings("nsclc") if one.locale == locale and one.whole is not None]
    record_testsuite_property(f"median_reading_grade_{locale}", round(statistics.median(grades), 1))
    assert statistics.median(grades) <= TARGET


def test_the_names_that_are_left_out_are_those_of_the_glossary():
    left_out = {term for _, one in readings("nsclc") for term in one.count.exempted}
    assert left_out == {term.text for term in linted("nsclc").glossary.terms}
