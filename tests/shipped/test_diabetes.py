"""The shipped diabetes content exists in both languages, avoids forbidden words and is easy to read."""

import re
from functools import lru_cache

import pytest

from tests.folders import ROOT
from tests.shipped.readings import readings
from tests.stories.playing import SHIPPED, load

CONTENT = ROOT / "content" / "diabetes"
#: Diabetes is never cured, and no text states a dose or a measured sugar value.
NEVER = {
    "en": re.compile(r"\bcur(e|es|ed|ing|able)\b|\b\d+ ?(units?|mg(/dL)?|grams?|mmol)\b", re.IGNORECASE),
    "es": re.compile(r"\bcura(d[oa]s?|rse|ción|ble)?\b|\b\d+ ?(unidades|mg(/dL)?|gramos|mmol)\b", re.IGNORECASE),
}
#: Amounts that safety pages state with their source: the sugar that treats a low, and the values that call for help.
SOURCED = re.compile(r"\b15 (grams|gramos)\b|\b(60|70|240|300) mg/dL\b")
#: Words that must not appear on locked screens: the illness and its complications.
REVEALING = re.compile(
    r"diabet|insulin|sugar|azúcar|A1C|eye|ojo|kidney|riñ|foot|pie\b|heart|coraz|remis", re.IGNORECASE
)


@lru_cache
def pieces():
    return dict(load(SHIPPED, "diabetes")[1].pieces)


@pytest.mark.parametrize("path", sorted(CONTENT.rglob("*.md")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_text_has_a_forbidden_word(path):
    assert [match[0] for match in NEVER[path.stem.rpartition(".")[2]].finditer(SOURCED.sub("", path.read_text()))] == []


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "You are cured."), ("en", "Take 4 units."), ("es", "Está curado."), ("es", "Tome 15 gramos.")],
)
def test_the_patterns_match_forbidden_words(locale, text):
    assert NEVER[locale].search(text)


def test_every_piece_exists_in_every_language():
    assert pieces()
    assert [key for key, piece in pieces().items() if set(piece.texts) != {"en", "es"}] == []


def test_a_locked_screen_does_not_reveal_the_illness():
    shown = [
        (key, " ".join(filter(None, (text.subject, text.text, text.push))))
        for key, piece in pieces().items()
        for text in piece.texts.values()
    ]
    assert any(text for _, text in shown)
    assert [(key, text) for key, text in shown if REVEALING.search(text)] == []


def test_every_text_reads_at_grade_six_or_below():
    all_readings = readings("diabetes")
    assert len(all_readings) == 2 * len(pieces())
    assert [
        piece.key for piece, reading in all_readings if reading.body is not None and reading.body.is_above_target
    ] == []
