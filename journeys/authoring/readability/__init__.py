"""Measures how hard a text is to read: blocks, counts, and published formulas. Pure."""

from journeys.authoring.readability.blocks import Link, TextBlock, TextBlocks, blocks_of
from journeys.authoring.readability.counting import Sentence, TextCount, count, language_of, longest_word
from journeys.authoring.readability.grades import ALONE, GATE, TARGET, Judged, Reading, read_grades
from journeys.authoring.readability.questions import question_blocks, registration_blocks
from journeys.authoring.readability.short import MOST_SYLLABLES, ShortTexts, judge_short_texts

__all__ = [
    "ALONE",
    "GATE",
    "MOST_SYLLABLES",
    "TARGET",
    "Judged",
    "Link",
    "Reading",
    "Sentence",
    "ShortTexts",
    "TextBlock",
    "TextBlocks",
    "TextCount",
    "blocks_of",
    "count",
    "judge_short_texts",
    "language_of",
    "longest_word",
    "question_blocks",
    "read_grades",
    "registration_blocks",
]
