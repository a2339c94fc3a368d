"""What the shipped lung cancer content must always say, must never say, and how simply it says it."""

import re
import statistics
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pyphen
import pytest
from ruamel.yaml import YAML

from journeys.catalogue import select, world_of
from journeys.engine import Snapshot, Stay
from journeys.rendering import render
from journeys.templates import renderings
from tests.stories.playing import SHIPPED, load

CONTENT = Path(__file__).parents[2] / "content" / "nsclc"
DEFINITION = Path(__file__).parents[2] / "definitions" / "nsclc.yaml"
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


@lru_cache
def terms() -> re.Pattern[str]:
    """The names that the grade leaves out: a reader needs them, however long they are."""
    listed = YAML(typ="safe").load((CONTENT / "glossary.yaml").read_text())["terms"]
    names = "|".join(re.escape(term) for term in sorted(listed, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])({names})(?![\w-])", re.IGNORECASE)


HYPHENS = pyphen.Pyphen(lang="en_US")


def syllables(word: str) -> int:
    """Where the word may be parted, or its groups of vowels, whichever are more: rather too many than too few."""
    word = word.lower()
    groups = len(re.findall("[aeiouy]+", word)) - bool(
        re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouycgsxz]es$", word)
    )
    return max(len(HYPHENS.positions(word)) + 1, groups, 1)


def sentences(markdown: str) -> list[list[str]]:
    """The words of each sentence of a text; headings are left out, an item of a list ends a sentence."""
    text = re.sub(r"\[\^[^\]]*\]|\]\([^)]*\)|^#.*$", "", markdown, flags=re.MULTILINE)
    text = terms().sub("it", text)
    parts = (part for line in text.splitlines() for part in re.split(r"(?<=[.!?:])\W*\s", line))
    return [words for part in parts if (words := re.findall(r"[A-Za-z]+(?:['’-][A-Za-z]+)*", part))]


def grade(markdown: str) -> float:
    """The US school grade of a text by Flesch and Kincaid (1975), terms counted as short words."""
    parts = sentences(markdown)
    words = [word for part in parts for word in part]
    return 0.39 * len(words) / len(parts) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


@lru_cache
def grades() -> dict[str, float]:
    """The hardest rendering of each English text."""
    plan = shipped().plan
    return {
        key: max(grade(rendering.text) for rendering in renderings(piece.texts["en"].body, plan))
        for key, piece in pieces().items()
    }


@pytest.mark.parametrize("key", sorted(pieces()))
def test_an_english_text_reads_at_grade_eight_or_below(key):
    assert grades()[key] <= 8


def test_the_median_text_reads_below_grade_six(record_testsuite_property):
    median = statistics.median(grades().values())
    record_testsuite_property("median_reading_grade", round(median, 1))
    assert median <= 6


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("The cat sat on the mat. It was fat.", -3, 1),
        # The Gettysburg Address begins at a grade for adults.
        (
            "Four score and seven years ago our fathers brought forth upon this continent, a new nation, conceived in "
            "liberty, and dedicated to the proposition that all men are created equal.",
            12,
            18,
        ),
    ],
)
def test_the_grade_is_about_what_is_published(text, low, high):
    assert low <= grade(text) <= high


@pytest.mark.parametrize(("word", "count"), [("today", 2), ("cancer", 2), ("treated", 2), ("made", 1), ("family", 3)])
def test_syllables_are_counted(word, count):
    assert syllables(word) == count
