"""Measures how hard a text is to read: blocks, counts, published formulas, and the reviewer's checklist. Pure."""

from journeys.authoring.readability.blocks import Link, TextBlock, TextBlocks, blocks_of
from journeys.authoring.readability.checklist import Checklist, Question, checklist
from journeys.authoring.readability.counting import Sentence, TextCount, count, language_of, sentences_of
from journeys.authoring.readability.grades import ALONE, GATE, TARGET, Judged, Reading, read_grades

__all__ = [
    "ALONE",
    "GATE",
    "TARGET",
    "Checklist",
    "Judged",
    "Link",
    "Question",
    "Reading",
    "Sentence",
    "TextBlock",
    "TextBlocks",
    "TextCount",
    "blocks_of",
    "checklist",
    "count",
    "language_of",
    "read_grades",
    "sentences_of",
]
