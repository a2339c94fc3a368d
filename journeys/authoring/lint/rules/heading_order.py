"""Headings go down one level at a time, whatever conditions leave out.

The title of a piece is its one first heading, so those of the body begin at `##`, and `####` stands only below a `###`.
Who listens to a page goes from heading to heading, and takes a missing level for a part that was missed (WCAG 1.3.1).

Wrong: `####` as the first heading, or right after a `##`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "heading-order"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each heading that skips a level in some rendering."""
    for _, text in subject.texts:
        for blocks in text.renderings:
            above = 1
            for block in blocks:
                if block.kind != "heading":
                    continue
                if block.level > above + 1:
                    message = (
                        f"The heading \u201c{block.text[:60]}\u201d is of level {block.level}, below one of level "
                        f"{above}; write it with '{'#' * (above + 1)}'."
                    )
                    yield subject.problem_in_text(block.position, message)
                above = block.level
