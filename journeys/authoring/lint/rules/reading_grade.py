"""A text for patients has at most the reading grade 8, block by block; the aim is grade 6.

English is measured by Flesch and Kincaid, Spanish by Fernández Huerta (`journeys.authoring.readability`); other
languages are not measured. A block of fewer than 30 words is measured together with its neighbors. The measure leaves
out only the names in the journey's glossary.yaml. Grades between 6 and 8 are accepted; `journeys reading` lists them.

The titles, summaries, messages and buttons of a state are measured together. Where they have fewer than 30 words, no
word may have more than 5 syllables. Each question is measured with its `why` and `help`; one of fewer than 30 words,
together with its neighbors.

The limit is 8 because the National Cancer Institute's own pages for patients have grade 8, although NIH and HHS
recommend grade 6.

Wrong: "Approximately a quarter of individuals undergoing this procedure subsequently experience complications." Right:
"About 1 in 4 people have problems after it."
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.authoring.readability import (
    GATE,
    MOST_SYLLABLES,
    Judged,
    ShortTexts,
    TextBlocks,
    language_of,
    longest_word,
)
from journeys.content.catalogue import Glossary
from journeys.primitives.problems import Problem, counted

ID = "reading-grade"
_KINDS = {"heading": "heading", "item": "item", "cell": "cell", "paragraph": "paragraph"}


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem at the hardest sentence of each block above the limit."""
    refused = set()
    for _, reading in subject.readings:
        for judged in reading.above_gate:
            refused.add(judged.block_of_hardest.position.file)
            yield subject.problem_in_text(judged.block_of_hardest.position, _above_gate(judged))
    for text, reading in subject.question_readings:
        for judged in reading.above_gate:
            yield subject.problem_in_text(judged.block_of_hardest.position, _above_gate(judged))
        if not reading.judged:
            yield from _hard_words(subject, text)
    for short in subject.short_texts:
        if short.is_too_hard and short.block.position.file not in refused:
            yield subject.problem_in_text(short.block.position, _short_texts(short))


def _above_gate(judged: Judged) -> str:
    sizes = f"{counted(judged.count.words, 'word')} in {counted(len(judged.count.sentences), 'sentence')}"
    return (
        f"{_described(judged)} at grade {judged.grade:.1f} ({sizes}); "
        f"at most {GATE} is accepted. Shorten sentences and words; "
        f"the hardest: \u201c{_shortened(judged.hardest[0].text)}\u201d"
    )


def _hard_words(subject: LintSubject, questions: TextBlocks) -> Iterator[Problem]:
    """A problem for each question with a word that is too long, where all questions have too few words for a grade."""
    language = language_of(questions.locale)
    if language is None:
        return
    for block in questions.lines:
        word = longest_word(block.text, language, subject.glossary or Glossary())
        if word is not None and word.syllables > MOST_SYLLABLES:
            message = f"'{word.text}' has {word.syllables} syllables; a question takes at most {MOST_SYLLABLES}."
            yield subject.problem_in_text(block.position, message)


def _short_texts(short: ShortTexts) -> str:
    word = f"'{short.longest.text}' has {short.longest.syllables} syllables"
    if short.grade is None:
        return f"{word}; at most {MOST_SYLLABLES} are accepted in a title, a summary, a message or a button."
    return (
        f"The titles, summaries, messages and buttons of '{short.place}' together read at grade {short.grade:.1f}; "
        f"at most {GATE} is accepted. Their longest word: {word}."
    )


def _described(judged: Judged) -> str:
    if len(judged.blocks) == 1:
        block = judged.blocks[0]
        return f"'{block.name}' reads" if block.name else f"This {_KINDS[block.kind]} reads"
    return f"These {len(judged.blocks)} short blocks together read"


def _shortened(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}\u2026"
