"""Headings go down one level at a time, also where conditions leave a part of the text out.

The title of a piece is its only first-level heading. The headings of the body therefore begin at `##`, and `####` may
only follow `###`. Patients who listen to a page move from heading to heading, and a missing level sounds like a missing
part (WCAG 1.3.1).

Wrong: `####` as the first heading, or right after `##`. Right: `##`, then `###`, then `####`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "heading-order"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each heading that skips a level in a version of the text."""
    for _, text in subject.texts:
        for blocks in text.renderings:
            above = 1
            for block in blocks:
                if block.kind != "heading":
                    continue
                if block.level > above + 1:
                    message = (
                        f"The heading \u201c{block.text[:60]}\u201d has level {block.level} and follows level "
                        f"{above}; write it with '{'#' * (above + 1)}'."
                    )
                    yield subject.problem_in_text(block.position, message)
                above = block.level
