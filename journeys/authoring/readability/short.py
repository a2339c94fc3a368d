"""The short texts of each state in one language: titles, summaries, messages and buttons, which are judged together.

A formula says nothing about one title, but patients meet the short texts of a state side by side. Where all of them
have fewer than `ALONE` words, their longest word is judged instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from journeys.authoring.readability.blocks import TextBlock, TextBlocks
from journeys.authoring.readability.counting import LongWord, TextCount, count, language_of, longest_word
from journeys.authoring.readability.grades import ALONE, GATE
from journeys.content.catalogue import Glossary, Piece

MOST_SYLLABLES = 5
#: Of a word, where too few words stand together for a grade.


@dataclass(frozen=True, slots=True)
class ShortTexts:
    """The short texts of the pieces of a state.

    Attributes:
        place: the full path of the state, or the key of a piece that no state shows.
        locale: the language.
        count: the counts of all of them.
        grade: their school grade; None under `ALONE` words.
        longest: the word with the most syllables.
        block: the text that it is in.
    """

    place: str
    locale: str
    count: TextCount
    grade: float | None
    longest: LongWord
    block: TextBlock

    @property
    def syllables_a_word(self) -> float:
        """How many syllables a word has, on average."""
        return self.count.syllables / self.count.words

    @property
    def is_too_hard(self) -> bool:
        """Whether they are refused, by their grade or else by their longest word."""
        return self.longest.syllables > MOST_SYLLABLES if self.grade is None else round(self.grade, 1) > GATE


def judge_short_texts(texts: Iterable[tuple[Piece, TextBlocks]], glossary: Glossary) -> list[ShortTexts]:
    """The short texts by place, those of a place in each language that has a formula."""
    lines: dict[tuple[str, str], list[_Line]] = defaultdict(list)
    for piece, text in texts:
        language = language_of(text.locale)
        if language is not None:
            counted = [
                _Line(line, count(line.text, language, glossary), longest_word(line.text, language, glossary))
                for line in text.lines
            ]
            for place in piece.states or (piece.key,):
                lines[place, text.locale] += counted
    judged = (_judged(place, locale, counted) for (place, locale), counted in lines.items())
    return [short for short in judged if short is not None]


class _Line(NamedTuple):
    """A short text, its counts, and its longest word; None where values and terms are all."""

    block: TextBlock
    counts: TextCount
    longest: LongWord | None


def _judged(place: str, locale: str, lines: list[_Line]) -> ShortTexts | None:
    named = [(line.longest, line.block) for line in lines if line.longest is not None]
    language = language_of(locale)
    if language is None or not named:
        return None
    total = TextCount.total(line.counts for line in lines)
    longest, block = max(named, key=lambda pair: pair[0].syllables)
    grade = total.grade(language) if total.words >= ALONE else None
    return ShortTexts(place, locale, total, grade, longest, block)
