"""Sentences and words of a text, counted plainly; names of the glossary left out openly. It judges nothing.

A sentence ends at `.`, `!`, `?` or `…` before white space and what can begin a sentence, and where its block ends. A
word is what has a letter or a figure in it, with its hyphens and apostrophes; a number in figures has one syllable. A
value that is put in later, and a term of the glossary however many words it has, count as one word of two syllables.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from journeys.authoring.readability.formulas import Formula, flesch_kincaid, spanish_grade
from journeys.authoring.readability.syllables import english, spanish
from journeys.content.catalogue import Glossary

STAND_IN = 2
#: Syllables of a value and of a term of the glossary: as many as words of everyday have at most on average.

_VALUE, _TERM = "\ue015", "\ue016"
_VALUES = re.compile("⟨[^⟩]*⟩")
_WORD = re.compile(rf"[{_VALUE}{_TERM}]|[^\W_]+(?:[’'.,-][^\W_]+)*")
_END = re.compile(r"(?<=[.!?…])[\"”’»)\]*]*\s+(?=[\W_]*[A-ZÁÉÍÓÚÜÑ0-9¿¡⟨\ue015\ue016])")
_SHORTENED = re.compile(r"\b(Dr|Dra|Mr|Mrs|Ms|Sr|Sra|Ud|Uds|vs|e\.g|i\.e|p\. ?ej)\.(?=\s)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Language:
    """How a language is counted."""

    syllables: Callable[[str], int]
    grade: Formula
    formula: str


LANGUAGES: Mapping[str, Language] = {
    "en": Language(english, flesch_kincaid, "Flesch-Kincaid, 1975"),
    "es": Language(spanish, spanish_grade, "Fernández Huerta, 1959"),
}


def language_of(locale: str) -> Language | None:
    """How texts of a locale are counted; None if its language has no formula."""
    return LANGUAGES.get(locale.partition("-")[0])


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it reads, and what was counted in it."""

    text: str
    words: int
    syllables: int


@dataclass(frozen=True, slots=True)
class TextCount:
    """What was counted in a text: its sentences, and how often each term of the glossary was left out."""

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
        """The school grade of the text; 0 where there is nothing to read."""
        words = self.words
        return language.grade(words, len(self.sentences), self.syllables) if words else 0.0


def count(text: str, language: Language, glossary: Glossary) -> TextCount:
    """What there is to read in the text of one block (no Markdown; values as `⟨name⟩`)."""
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
    for part in _parts(text):
        words = _WORD.findall(part)
        if not words:
            continue
        syllables = sum(STAND_IN if word in (_VALUE, _TERM) else language.syllables(word) for word in words)
        shown = re.sub(f"[{_VALUE}{_TERM}]", lambda match: next(terms_left if match[0] == _TERM else values_left), part)
        sentences.append(Sentence(shown.strip(), len(words), syllables))
    return TextCount(tuple(sentences), dict(Counter(glossary.term_of(term) for term in terms)))


def _parts(text: str) -> list[str]:
    """The sentences of a text. The point of a shortened word ends none."""
    protected = _SHORTENED.sub(lambda match: match[0].replace(".", "\ue017"), " ".join(text.split()))
    return [part.replace("\ue017", ".") for part in _END.split(protected)]
