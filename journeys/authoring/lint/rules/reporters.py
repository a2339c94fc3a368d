"""Who may report a trigger may tell the facts that it requires; somebody may report each trigger and tell each fact.

Wrong: `scan_result_reported: {by: [patient], requires: [scan_result]}` where `scan_result` is told by staff only.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import REPORTERS
from journeys.primitives.problems import Problem

ID = "reporters"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each required fact that a reporter may not tell."""
    journey = subject.journey
    hint = f"name some of {', '.join(REPORTERS)}."
    for fact_name, declared in journey.facts.items():
        if not declared.by:
            yield subject.problem(declared.mark, f"Nobody may tell '{fact_name}': 'by' is empty; {hint}")
    for trigger in (*journey.triggers.values(), *journey.ends.values()):
        if not trigger.by:
            yield subject.problem(trigger.mark, f"Nobody may report '{trigger.name}': 'by' is empty; {hint}")
        for text in trigger.requires:
            fact = journey.facts.get(text.text)
            barred = sorted(trigger.by - fact.by) if fact is not None else []
            if barred:
                message = (
                    f"'{trigger.name}' may be reported by {' and '.join(barred)}, who may not tell '{text.text}'. "
                    "Add them to the 'by' of the fact, or take them from the trigger's."
                )
                yield subject.problem(text.mark, message)
