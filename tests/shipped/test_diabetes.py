"""What the shipped diabetes content must always have, must never say, and how simply it says it."""

import re
from functools import lru_cache

import pytest

from tests.folders import ROOT
from tests.shipped.readings import readings
from tests.stories.playing import SHIPPED, load

CONTENT = ROOT / "content" / "diabetes"
#: It never finishes. And what nobody has told is never worked out: no dose, no number of a measured sugar.
NEVER = {
    "en": re.compile(r"\bcur(e|es|ed|ing|able)\b|\b\d+ ?(units?|mg(/dL)?|grams?|mmol)\b", re.IGNORECASE),
    "es": re.compile(r"\bcura(d[oa]s?|rse|ción|ble)?\b|\b\d+ ?(unidades|mg(/dL)?|gramos|mmol)\b", re.IGNORECASE),
}
#: Read on locked screens: neither the illness nor what was found.
TELLING = re.compile(r"diabet|insulin|sugar|azúcar|A1C|eye|ojo|kidney|riñ|foot|pie\b|heart|coraz|remis", re.IGNORECASE)


@lru_cache
def pieces():
    return dict(load(SHIPPED, "diabetes")[1].pieces)


@pytest.mark.parametrize("path", sorted(CONTENT.rglob("*.md")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_text_says_what_it_must_not(path):
    assert [match[0] for match in NEVER[path.stem.rpartition(".")[2]].finditer(path.read_text())] == []


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", "You are cured."), ("en", "Take 4 units."), ("es", "Está curado."), ("es", "Tome 15 gramos.")],
)
def test_the_words_are_known_when_they_are_seen(locale, text):
    assert NEVER[locale].search(text)


@pytest.mark.parametrize("key", sorted(pieces()))
def test_every_piece_is_there_in_every_language(key):
    assert set(pieces()[key].texts) == {"en", "es"}


@pytest.mark.parametrize("key", sorted(pieces()))
def test_a_locked_screen_says_nothing_of_the_illness(key):
    for text in pieces()[key].texts.values():
        assert not TELLING.search(" ".join(filter(None, (text.subject, text.text, text.push))))


def test_every_text_reads_at_grade_six_or_below():
    """The aim, in both languages."""
    found = readings("diabetes")
    assert len(found) == 2 * len(pieces())
    assert [piece.key for piece, one in found if one.whole is not None and one.whole.is_above_target] == []
