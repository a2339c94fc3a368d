"""Review: annotated pages, all renderings, the review pack of a release and the impact of a change. Pure.

It uses no clock and no database: it takes values and returns values and documents.
"""

from journeys.definition.graph import reachable_leaves
from journeys.review.annotated import AnnotatedLine, AnnotatedPage, Meeting, Paragraph, Placeholder, annotate, in_order
from journeys.review.blocks import BlockRule
from journeys.review.changes import Run, TextChange, TextDifference, compare_pages, compare_structures, words_compared
from journeys.review.claims import SourcedSentence, claims_of
from journeys.review.documents import (
    STYLE,
    annotated_document,
    annotated_fragment,
    annotated_text,
    changes_fragment,
    document,
    pack_document,
    pack_text,
    proof_fragment,
    structure_document,
    structure_fragment,
)
from journeys.review.impact import DEFINITION, PROGRAMMES, Impact, Touched, impact_of
from journeys.review.pack import FORM, Chapter, Pack, Part, make_pack
from journeys.review.proof import Proof, RenderingCount, Shown, count, prove
from journeys.review.stored import to_json
from journeys.review.structure import Group, StructurePage, Word, annotate_structure
from journeys.review.ways import way_in_words, ways_to

__all__ = [
    "DEFINITION",
    "FORM",
    "PROGRAMMES",
    "STYLE",
    "AnnotatedLine",
    "AnnotatedPage",
    "BlockRule",
    "Chapter",
    "Group",
    "Impact",
    "Meeting",
    "Pack",
    "Paragraph",
    "Part",
    "Placeholder",
    "Proof",
    "RenderingCount",
    "Run",
    "Shown",
    "SourcedSentence",
    "StructurePage",
    "TextChange",
    "TextDifference",
    "Touched",
    "Word",
    "annotate",
    "annotate_structure",
    "annotated_document",
    "annotated_fragment",
    "annotated_text",
    "changes_fragment",
    "claims_of",
    "compare_pages",
    "compare_structures",
    "count",
    "document",
    "impact_of",
    "in_order",
    "make_pack",
    "pack_document",
    "pack_text",
    "proof_fragment",
    "prove",
    "reachable_leaves",
    "structure_document",
    "structure_fragment",
    "to_json",
    "way_in_words",
    "ways_to",
    "words_compared",
]
