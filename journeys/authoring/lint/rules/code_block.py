"""A text contains no code block: no lines between ``` or ~~~, and no lines that begin with four blanks or a tab.

Patients would read such lines in typewriter letters, without line breaks, and a fence that is not closed takes in the
rest of the page. The reading grade leaves code out, so its words are not judged.

Wrong: a line with four blanks before its first word. Right: a paragraph, a list, a table, or a quote (`> …`).
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "code-block"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each code block that a rendering may show."""
    for _, text in subject.texts:
        for block in text.blocks:
            if block.kind == "other":
                shown = f" (\u201c{block.text[:60]}\u201d)" if block.text else ""
                message = (
                    f"This is a code block{shown}, which is not accepted: remove ``` and ~~~, and four blanks or a "
                    "tab before a line. Write a paragraph, a list or a quote ('> …')."
                )
                yield subject.problem_in_text(block.position, message)
