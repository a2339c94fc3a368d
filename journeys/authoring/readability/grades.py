"""The reading grade of a piece in one language, by block and for the whole text, and the blocks above the limit.

The formulas say nothing about a few words. A block of at least `ALONE` words is judged by itself. Shorter blocks are
judged together, in order, until they have as many words: paragraphs, items and cells with each other, headings with the
lines of the front matter. Fewer words count only in the whole text, which is the body without headings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from journeys.authoring.readability.blocks import TextBlock, TextBlocks
from journeys.authoring.readability.counting import Language, Sentence, TextCount, count, language_of
from journeys.content.catalogue import Glossary

TARGET = 6
#: The grade that texts should have at most: the 6th, as NIH and HHS recommend.
GATE = 8
#: The grade above which a text is refused: at 6, the National Cancer Institute's own pages for patients would be.
ALONE = 30
#: The smallest number of words to which a formula is applied.


@dataclass(frozen=True, slots=True)
class Judged:
    """One block, or several short blocks together: the counts and the grade."""

    blocks: tuple[TextBlock, ...]
    count: TextCount
    grade: float
    hardest: tuple[Sentence, ...]
    block_of_hardest: TextBlock

    @property
    def is_above_gate(self) -> bool:
        """Whether the text is refused; grades are compared with one decimal."""
        return round(self.grade, 1) > GATE

    @property
    def is_above_target(self) -> bool:
        """Whether the text should be simpler; it is not refused."""
        return round(self.grade, 1) > TARGET


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading grades of a piece in one language.

    `body` is the body without headings (None under `ALONE` words); `judged` are the blocks, alone or together, in
    order; `count` has the counts of the whole piece, with the terms that were left out.
    """

    locale: str
    formula: str
    body: Judged | None
    judged: tuple[Judged, ...]
    count: TextCount

    @property
    def hardest(self) -> Judged | None:
        """The block, or blocks, with the highest grade."""
        return max((*self.judged, *self.wholes), key=lambda judged: judged.grade, default=None)

    @property
    def wholes(self) -> tuple[Judged, ...]:
        """The whole text, if it was judged."""
        return (self.body,) if self.body is not None else ()

    @property
    def above_gate(self) -> tuple[Judged, ...]:
        """The refused blocks; if there are none, the whole text where its short blocks make it too hard."""
        blocks_above = tuple(judged for judged in self.judged if judged.is_above_gate)
        return blocks_above or tuple(judged for judged in self.wholes if judged.is_above_gate)


def read_grades(text: TextBlocks, glossary: Glossary) -> Reading | None:
    """The grades of a piece in one language; None if the language has no formula."""
    language = language_of(text.locale)
    if language is None:
        return None
    counting = replace(language, syllables=cache(language.syllables))  # the words of a piece repeat
    counted = [(block, count(block.text, counting, glossary)) for block in (*text.lines, *text.blocks)]
    body = [pair for pair in counted if pair[0].kind not in ("line", "heading", "other")]
    around = [pair for pair in counted if pair[0].kind in ("line", "heading")]
    judged = [_judged(stretch, language) for stretch in (*_stretches(body), *_stretches(around))]
    order = {block: number for number, (block, _) in enumerate(counted)}
    judged.sort(key=lambda judged_block: order[judged_block.blocks[0]])
    is_enough = sum(part_count.words for _, part_count in body) >= ALONE
    return Reading(
        locale=text.locale,
        formula=language.formula,
        body=_judged(body, language) if is_enough else None,
        judged=tuple(judged),
        count=TextCount.total(part_count for _, part_count in counted),
    )


_Counted = tuple[TextBlock, TextCount]


def _stretches(counted: Iterable[_Counted]) -> Iterator[list[_Counted]]:
    """The groups of blocks to judge: long blocks alone, short blocks together until they are long enough."""
    waiting: list[_Counted] = []
    full: list[_Counted] | None = None
    for block, counts in counted:
        if counts.words >= ALONE:
            yield [(block, counts)]
        elif counts.words:
            waiting.append((block, counts))
            if sum(part_count.words for _, part_count in waiting) >= ALONE:
                if full is not None:
                    yield full
                full, waiting = waiting, []
    if full is not None:
        yield [*full, *waiting]


def _judged(counted: Sequence[_Counted], language: Language) -> Judged:
    total = TextCount.total(part_count for _, part_count in counted)
    ranked = sorted(
        (
            (_own_grade(sentence, language), sentence, block)
            for block, part_count in counted
            for sentence in part_count.sentences
        ),
        key=lambda entry: -entry[0],
    )
    blocks = tuple(block for block, _ in counted)
    return Judged(blocks, total, total.grade(language), tuple(entry[1] for entry in ranked[:3]), ranked[0][2])


def _own_grade(sentence: Sentence, language: Language) -> float:
    """The weight of a sentence: its own grade, reduced if it has only a few words."""
    grade = language.grade(sentence.words, 1, sentence.syllables)
    return grade * min(1.0, sentence.words / 8)
