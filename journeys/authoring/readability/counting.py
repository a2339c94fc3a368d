"""Counts the sentences and words of a text, and lists the names of the glossary that it leaves out. It judges nothing.

A sentence ends at `.`, `!`, `?` or `…` if white space and a possible beginning of a sentence follow, and at the end of
its block. A word contains a letter or a figure, with its hyphens and apostrophes; a number in figures has one syllable.
A value that is filled in later counts as one word of two syllables, and so does each term of the glossary.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from journeys.authoring.readability.formulas import Formula, flesch_kincaid, spanish_grade
from journeys.authoring.readability.syllables import english, spanish
from journeys.content.catalogue import Glossary
from journeys.primitives.sentences import sentences_of

STAND_IN = 2
#: The syllables of a value and of a term of the glossary: the upper end of the average of everyday words.

_VALUE, _TERM = "\ue015", "\ue016"
_VALUES = re.compile("⟨[^⟩]*⟩")
_WORD = re.compile(rf"[{_VALUE}{_TERM}]|[^\W_]+(?:[’'.,-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Language:
    """The counting rules of a language."""

    syllables: Callable[[str], int]
    grade: Formula
    formula: str


LANGUAGES: Mapping[str, Language] = {
    "en": Language(english, flesch_kincaid, "Flesch-Kincaid, 1975"),
    "es": Language(spanish, spanish_grade, "Fernández Huerta, 1959"),
}


def language_of(locale: str) -> Language | None:
    """The counting rules for texts of a locale; None if its language has no formula."""
    return LANGUAGES.get(locale.partition("-")[0])


@dataclass(frozen=True, slots=True)
class LongWord:
    """A word, and how many syllables it has."""

    text: str
    syllables: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as patients read it, and its counts."""

    text: str
    words: int
    syllables: int


@dataclass(frozen=True, slots=True)
class TextCount:
    """The counts of a text: its sentences, and how often each term of the glossary was left out."""

    sentences: tuple[Sentence, ...] = ()
    exempted: Mapping[str, int] = field(default_factory=dict)

    @property
    def words(self) -> int:
        """All words."""
        return sum(sentence.words for sentence in self.sentences)

    @property
    def syllables(self) -> int:
        """All syllables."""
        return sum(sentence.syllables for sentence in self.sentences)

    @classmethod
    def total(cls, counts: Iterable[TextCount]) -> TextCount:
        """What was counted in several texts."""
        sentences: list[Sentence] = []
        exempted: Counter[str] = Counter()
        for count in counts:
            sentences += count.sentences
            exempted.update(count.exempted)
        return cls(tuple(sentences), dict(exempted))

    def grade(self, language: Language) -> float:
        """The school grade of the text; 0 for an empty text."""
        words = self.words
        return language.grade(words, len(self.sentences), self.syllables) if words else 0.0


def count(text: str, language: Language, glossary: Glossary) -> TextCount:
    """The counts of one block's text (without Markdown; values as `⟨name⟩`)."""
    terms: list[str] = []

    def left_out(match: re.Match[str]) -> str:
        terms.append(match[0])
        return _TERM

    values = _VALUES.findall(text)
    text = _VALUES.sub(_VALUE, text)
    if glossary.pattern is not None:
        text = glossary.pattern.sub(left_out, text)
    terms_left, values_left = iter(terms), iter(values)
    sentences = []
    for part in sentences_of(text):
        words = _WORD.findall(part)
        if not words:
            continue
        syllables = sum(STAND_IN if word in (_VALUE, _TERM) else language.syllables(word) for word in words)
        shown = re.sub(f"[{_VALUE}{_TERM}]", lambda match: next(terms_left if match[0] == _TERM else values_left), part)
        sentences.append(Sentence(shown.strip(), len(words), syllables))
    return TextCount(tuple(sentences), dict(Counter(glossary.term_of(term) for term in terms)))


def longest_word(text: str, language: Language, glossary: Glossary) -> LongWord | None:
    """The word of a text that has the most syllables, the first of several; None where values and terms are all."""
    text = _VALUES.sub(" ", text)
    if glossary.pattern is not None:
        text = glossary.pattern.sub(" ", text)
    words = (LongWord(word, language.syllables(word)) for word in _WORD.findall(text))
    return max(words, key=lambda word: word.syllables, default=None)
