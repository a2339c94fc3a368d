"""Every reporter of a trigger may report the facts that the trigger requires; no `by` is empty.

Otherwise the service would refuse every report of that reporter.

Wrong: `scan_result_reported: {by: [patient], requires: [scan_result]}` where only staff may report `scan_result`.
Right: `scan_result_reported: {by: [staff], requires: [scan_result]}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import REPORTERS
from journeys.primitives.problems import Problem

ID = "reporters"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each empty 'by' and each required fact that a reporter may not report."""
    journey = subject.journey
    hint = f"accepted: {', '.join(REPORTERS)}."
    for fact_name, declared in journey.facts.items():
        if not declared.by:
            yield subject.problem(declared.mark, f"Nobody may report '{fact_name}': 'by' is empty; {hint}")
    for trigger in (*journey.triggers.values(), *journey.ends.values()):
        if not trigger.by:
            yield subject.problem(trigger.mark, f"Nobody may report '{trigger.name}': 'by' is empty; {hint}")
        for text in trigger.requires:
            fact = journey.facts.get(text.text)
            barred = sorted(trigger.by - fact.by) if fact is not None else []
            if barred:
                message = (
                    f"'{trigger.name}' may be reported by {' and '.join(barred)}, who may not report '{text.text}'. "
                    "Add them to the 'by' of the fact, or take them from the trigger's."
                )
                yield subject.problem(text.mark, message)
