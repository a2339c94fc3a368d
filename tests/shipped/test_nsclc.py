"""The shipped lung cancer content has its required pieces, avoids forbidden words and is easy to read."""

import re
import statistics
from datetime import UTC, date, datetime
from functools import lru_cache

import pytest

from journeys.authoring.readability import TARGET
from journeys.content.catalogue import select, world_of
from journeys.content.rendering import render
from journeys.engine import State, Stay
from journeys.primitives.state_path import StatePath, parent_of, track_of
from tests.folders import ROOT
from tests.read_once import compile_shipped, read_shipped
from tests.shipped.readings import readings
from tests.stories.playing import SHIPPED, load

CONTENT = ROOT / "content" / "nsclc"
DEFINITION = ROOT / "definitions" / "nsclc.yaml"
NOW = datetime(2026, 1, 15, tzinfo=UTC)
#: "No evidence of disease" is all that can be known, so no text promises a cure.
NEVER = {
    "en": re.compile(r"\bcur(e|es|ed|ing|able|ative)\b|\bcancer[- ]free\b", re.IGNORECASE),
    "es": re.compile(
        r"\b(in)?cura(d[oa]s?|r|rse|ción|ciones|tiv[oa]s?|ble|bles)?\b|\blibre de cáncer\b", re.IGNORECASE
    ),
}

REQUIRED_PIECES = {
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
    for track, plan in compile_shipped("nsclc").tracks.items()
    for path in plan.states
    if not any(parent_of(other) == path for other in plan.states)
)


def at(leaf: str) -> State:
    """A patient without facts in one state; the other tracks are in their initial state."""
    state = StatePath.parse(leaf)
    tracks = {}
    for name, track in shipped().plan.tracks.items():
        chain = track.chain(state.path) if name == state.track else track.initial
        tracks[name] = tuple(Stay(plan.path, f"stay of {plan.full}", NOW, False, {}) for plan in chain)
    return State(shipped().plan.id, NOW, tracks, {}, {})


@pytest.mark.parametrize("path", sorted(CONTENT.rglob("*.md")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_text_says_cured(path):
    locale = path.stem.rpartition(".")[2]
    forbidden_words = [match[0] for match in NEVER[locale].finditer(path.read_text())]
    assert forbidden_words == []


@pytest.mark.parametrize("locale", NEVER)
def test_no_title_says_cured(locale):
    assert NEVER[locale].findall(DEFINITION.read_text()) == []


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "You are cured."), ("en", "with curative intent"), ("es", "Usted está curado."), ("es", "hay cura")],
)
def test_the_patterns_match_forbidden_words(locale, text):
    assert NEVER[locale].search(text)


@pytest.mark.parametrize("key", REQUIRED_PIECES.values(), ids=REQUIRED_PIECES)
def test_a_required_piece_exists_in_every_language(key):
    assert set(pieces()[key].texts) == {"en", "es"}


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_state_has_a_piece_to_read(leaf):
    """A patient without facts reads it in both languages, unless the definition says why there is nothing to read."""
    plan = shipped().plan
    path = StatePath.parse(leaf)
    declared = plan.journey.tracks[path.track].states[path.path]
    view = at(leaf)
    selections = [selected for selected in select(shipped(), view, NOW) if selected.track == track_of(leaf)]
    assert selections or declared.no_content
    for selected in selections:
        for locale in ("en", "es"):
            rendered = render(
                selected.piece, shipped().plan, world_of(view, NOW, selected.stay), locale=locale, channel="page"
            )
            assert rendered.locale == locale
            assert rendered.title in rendered.html


# --- how hard it is to read ------------------------------------------------------------------------------


@pytest.mark.long
def test_every_text_is_judged_in_every_language():
    """A text above the gate would be a problem of lint."""
    assert {(piece.key, reading.locale) for piece, reading in readings("nsclc")} == {
        (key, locale) for key in pieces() for locale in ("en", "es")
    }
    assert [reading.locale for _, reading in readings("nsclc") if reading.above_gate] == []


@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_median_text_reads_below_grade_six(locale, record_testsuite_property):
    grades = [
        reading.body.grade for _, reading in readings("nsclc") if reading.locale == locale and reading.body is not None
    ]
    record_testsuite_property(f"median_reading_grade_{locale}", round(statistics.median(grades), 1))
    assert statistics.median(grades) <= TARGET


def test_every_term_of_the_glossary_is_exempted_somewhere():
    left_out = {term for _, reading in readings("nsclc") for term in reading.count.exempted}
    assert left_out == {term.text for term in read_shipped("nsclc").glossary.terms}


@pytest.mark.parametrize(
    ("fact", "accepted", "refused"),
    [
        ("scan_booked_for", ["2026-08-05", "2026-06-01", "2028-07-20"], ["2062-08-05", "2025-08-05", "2020-08-05"]),
        ("last_scan_on", ["2026-07-20", "1950-01-01"], ["2026-07-21", "2062-07-20", "1899-12-31"]),
        ("treatment_ended_on", ["2025-09-01"], ["0206-07-01", "2027-09-01"]),
        ("surgery_on", ["2026-08-20", "2015-01-01"], ["2062-08-20", "0026-08-20"]),
    ],
)
def test_a_slip_in_a_year_is_refused(fact, accepted, refused):
    kind = read_shipped("nsclc").journey.facts[fact].kind
    today = date(2026, 7, 20)
    assert [kind.read(day, today) for day in accepted] == accepted
    for day in refused:
        with pytest.raises(ValueError, match="it must be a date such as"):
            kind.read(day, today)


def test_a_late_report_of_a_booking_counts_from_its_own_day():
    kind = read_shipped("nsclc").journey.facts["scan_booked_for"].kind
    today = date(2026, 7, 20)
    assert kind.read("2024-03-05", today, date(2024, 2, 1)) == "2024-03-05"
    with pytest.raises(ValueError, match="it must be a date such as"):
        kind.read("2020-03-05", today, date(2024, 2, 1))
