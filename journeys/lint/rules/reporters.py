"""Who may report a trigger may tell the facts that it requires.

Wrong: `scan_result_reported: {by: [patient], requires: [scan_result]}` where `scan_result` is told by staff only.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.lint.subject import Subject
from journeys.problems import Problem

ID = "reporters"


def check(subject: Subject) -> Iterator[Problem]:
    """Yields a problem for each required fact that a reporter may not tell."""
    journey = subject.journey
    for trigger in (*journey.triggers.values(), *journey.ends.values()):
        if not trigger.by:
            yield subject.problem(trigger.mark, f"Nobody may report '{trigger.name}': 'by' is empty.")
        for text in trigger.requires:
            fact = journey.facts.get(text.text)
            barred = sorted(trigger.by - fact.by) if fact is not None else []
            if barred:
                message = f"'{trigger.name}' may be reported by {' and '.join(barred)}, who may not tell '{text.text}'."
                yield subject.problem(text.mark, message)
