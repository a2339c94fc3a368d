"""Every term and number of the glossary occurs in a text of the journey.

Each term lowers the measured reading grade, so the glossary contains only terms that the texts need: names of drugs,
procedures, tests, markers and services.

Wrong: a misspelled term, or a term whose text was removed. Right: the term as the text spells it.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.rules.whole_numbers import DECIMAL, as_listed
from journeys.authoring.lint.subject import LintSubject
from journeys.content.templates import SourcePosition
from journeys.primitives.problems import Problem

ID = "unused-term"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each unused term; none while pieces with mistakes are left out."""
    if subject.glossary is None or not subject.texts or len(subject.pieces or ()) < len(subject.sources):
        return
    pattern = subject.glossary.pattern
    words = " \n ".join(block.text for _, text in subject.texts for block in (*text.lines, *text.blocks))
    used_terms = (
        {subject.glossary.term_of(match[0]) for match in pattern.finditer(words)} if pattern is not None else set()
    )
    used_terms |= {as_listed(match[0]) for match in DECIMAL.finditer(words)}
    for term in (*subject.glossary.terms, *subject.glossary.numbers):
        if term.text not in used_terms and as_listed(term.text) not in used_terms:
            position = SourcePosition(subject.glossary.file, term.mark.line, term.mark.column)
            yield subject.problem_in_text(position, f"'{term.text}' occurs in no text; remove it.", "warning")
