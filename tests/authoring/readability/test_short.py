"""The short texts of a state are judged together, or by their longest word."""

from types import SimpleNamespace

import pytest

from journeys.authoring.readability import MOST_SYLLABLES, TextBlock, TextBlocks, judge_short_texts
from journeys.content.catalogue import Glossary
from journeys.content.templates import SourcePosition

PLACE = SourcePosition("en.md", 2, 1)
HARD = "Considerable uncertainty regarding intervention necessitates hospitalization"
EASY = "You can call us on each day of the week"


def piece(*lines: str, states: tuple[str, ...] = ("care.here",), locale: str = "en"):
    """A piece with these lines in its front matter."""
    blocks = tuple(TextBlock("line", line, PLACE, name="title") for line in lines)
    return SimpleNamespace(key="walk", states=states), TextBlocks(locale, PLACE, blocks, (), ())


def test_the_lines_of_all_pieces_of_a_state_have_one_grade():
    """Each has 6 words, too few alone; 5 times 6 are 30."""
    (judged,) = judge_short_texts([piece(HARD)] * 5, Glossary())
    assert (judged.place, judged.locale, judged.count.words) == ("care.here", "en", 30)
    assert judged.grade is not None and judged.is_too_hard
    assert (judged.longest.text, judged.longest.syllables) == ("hospitalization", 6)
    (judged,) = judge_short_texts([piece(EASY)] * 5, Glossary())
    assert judged.grade is not None and not judged.is_too_hard
    assert judged.syllables_a_word == pytest.approx(1.0)


def test_a_few_words_are_judged_by_their_longest():
    for text, is_too_hard in ((HARD, True), (EASY, False), ("Considerable uncertainty", False)):
        (judged,) = judge_short_texts([piece(text)], Glossary())
        assert judged.grade is None
        assert judged.is_too_hard is is_too_hard is (judged.longest.syllables > MOST_SYLLABLES)


def test_each_state_and_language_is_judged_by_itself():
    texts = [
        piece(EASY, states=("care.here", "care.there")),
        piece("Llame hoy", locale="es"),
        piece("Rufen", locale="de"),
    ]
    judged = [(short.place, short.locale) for short in judge_short_texts(texts, Glossary())]
    assert judged == [("care.here", "en"), ("care.there", "en"), ("care.here", "es")]


def test_a_text_that_no_state_shows_is_judged_under_its_key():
    assert [short.place for short in judge_short_texts([piece(EASY, states=())], Glossary())] == ["walk"]


def test_values_are_not_words():
    (judged,) = judge_short_texts([piece("Call ⟨programme.hospitalization⟩ now")], Glossary())
    assert judged.longest.syllables == 1
    assert judge_short_texts([piece("⟨programme.hospitalization⟩")], Glossary()) == []
