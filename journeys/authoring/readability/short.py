"""The short texts of each state in one language: titles, summaries, messages and buttons, which are judged together.

A formula says nothing about one title, but patients meet the short texts of a state side by side. Where all of them
have fewer than `ALONE` words, their longest word is judged instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

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
    blocks: dict[tuple[str, str], list[TextBlock]] = defaultdict(list)
    for piece, text in texts:
        for place in piece.states or (piece.key,):
            blocks[place, text.locale].extend(text.lines)
    judged = (_judged(place, locale, lines, glossary) for (place, locale), lines in blocks.items())
    return [short for short in judged if short is not None]


def _judged(place: str, locale: str, lines: list[TextBlock], glossary: Glossary) -> ShortTexts | None:
    language = language_of(locale)
    if language is None:
        return None
    total = TextCount.total(count(line.text, language, glossary) for line in lines)
    words = [(longest_word(line.text, language, glossary), line) for line in lines]
    named = [(word, line) for word, line in words if word is not None]
    if not named:
        return None
    longest, block = max(named, key=lambda pair: pair[0].syllables)
    grade = total.grade(language) if total.words >= ALONE else None
    return ShortTexts(place, locale, total, grade, longest, block)
