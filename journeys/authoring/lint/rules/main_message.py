"""A text begins with its one main message: a paragraph of 4 to 40 words, before any heading, list or table.

A patient who stops reading after the first paragraph must have read the main point (CDC Clear Communication Index: one
main message, at the top). The rule checks every version of the text, also those in which a condition leaves the first
paragraph out.

Wrong: a text that begins with `## Before your scan`, or with a list.
Right: "Eat nothing for six hours before your scan."
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.authoring.readability import TextBlock
from journeys.primitives.problems import Problem

ID = "main-message"
LEAST, MOST = 4, 40
_OTHERS = {"heading": "a heading", "item": "a list", "cell": "a table", "other": "a block of its own kind"}


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each version of a text that does not begin with its main message."""
    for piece, text in subject.texts:
        if piece.kind == "frame":
            continue  # it begins with the message that it goes around
        for blocks in text.renderings:
            if not blocks:
                continue
            wrong = _wrong(blocks[0])
            if wrong:
                message = f"{wrong}; begin with the one main message, a paragraph of {LEAST} to {MOST} words."
                yield subject.problem_in_text(blocks[0].position, message)


def _wrong(block: TextBlock) -> str:
    if block.kind != "paragraph":
        return f"This text can begin with {_OTHERS[block.kind]}"
    words = len(block.text.split())
    if not LEAST <= words <= MOST:
        return f"The first paragraph has {words} words"
    return ""
