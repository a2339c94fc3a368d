"""How hard a text is to read: blocks, plain counts, the published formulas, and what a reviewer must judge. Pure."""

from journeys.authoring.readability.blocks import Block, Link, TextBlocks, blocks_of
from journeys.authoring.readability.checklist import Checklist, Question, checklist
from journeys.authoring.readability.counting import Count, Sentence, count, language_of
from journeys.authoring.readability.grades import ALONE, GATE, TARGET, Judged, Reading, read_grades

__all__ = [
    "ALONE",
    "GATE",
    "TARGET",
    "Block",
    "Checklist",
    "Count",
    "Judged",
    "Link",
    "Question",
    "Reading",
    "Sentence",
    "TextBlocks",
    "blocks_of",
    "checklist",
    "count",
    "language_of",
    "read_grades",
]
