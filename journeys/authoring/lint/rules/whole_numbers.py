"""Numbers are whole: percentages have no decimals, nor do other numbers where a whole number is precise enough.

Decimals in a percentage are an error: write "about 23 in 100 people" for "23.4%" (CDC Clear Communication Index, on
numbers). Other decimals are a warning. For a number that readers need exactly as a laboratory reports it ("6.5%"), add
it to `numbers` in the journey's glossary.yaml.

Wrong: "about 12.5% of people". Right: "about 1 in 8 people".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import Glossary
from journeys.primitives.problems import Problem

ID = "whole-numbers"
#: Not a date, a version or an address; three figures behind a comma or a point are thousands.
DECIMAL = re.compile(
    r"(?<![\w.,/@-])\d+[.,](?:\d{1,2}|\d{4,})(?![\d/@-]|[.,]\d)\s?(%|percent\b|per cent\b|por ciento\b)?", re.I
)


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each number with decimals."""
    listed = {as_listed(number.text) for number in (subject.glossary or Glossary()).numbers}
    for _, text in subject.texts:
        for block in (*text.lines, *text.blocks):
            for number in DECIMAL.finditer(block.text):
                if as_listed(number[0]) in listed:
                    continue
                if number[1]:
                    message = f"'{number[0]}' is a percentage with decimals; write whole percent, or '1 in 8 people'."
                    yield subject.problem_in_text(block.position, message)
                else:
                    message = f"'{number[0].strip()}' has decimals; write a whole number if it says enough."
                    yield subject.problem_in_text(block.position, message, "warning")


def as_listed(number: str) -> str:
    """A number without blanks and with a point: `6.5%` in the glossary also matches `6,5 %` in a Spanish text."""
    return "".join(number.split()).replace(",", ".")
