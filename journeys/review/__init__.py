"""What reviewers read and sign: annotated pages, all renderings, the pack of a release, what a change touches. Pure.

No clock, no database; values come in, values and documents go out.
"""

from journeys.review.annotated import AnnotatedPage, Line, Meeting, Paragraph, Placeholder, annotate, in_order
from journeys.review.blocks import Rule
from journeys.review.documents import annotated_document, annotated_fragment, annotated_text, document, style, to_json
from journeys.review.reach import reachable_leaves

__all__ = [
    "AnnotatedPage",
    "Line",
    "Meeting",
    "Paragraph",
    "Placeholder",
    "Rule",
    "annotate",
    "annotated_document",
    "annotated_fragment",
    "annotated_text",
    "document",
    "in_order",
    "reachable_leaves",
    "style",
    "to_json",
]
