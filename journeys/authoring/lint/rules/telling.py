"""What is held is told by a person: the trigger of `hold_until` may be reported by staff alone.

Wrong: `recurrence_discussed: {by: [patient, staff]}` as the `hold_until` of a state.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "telling"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each telling trigger that others may report."""
    journey = subject.journey
    holds = [(state.hold, f"'{state.path}'") for _, state in subject.states() if state.hold is not None]
    holds += [(fact.hold, f"'{fact.name}'") for fact in journey.facts.values() if fact.hold is not None]
    for hold, where in holds:
        trigger = journey.triggers.get(hold.trigger)
        if trigger is not None and trigger.by != frozenset({"staff"}):
            message = f"'{hold.trigger}' tells what is held in {where}; declare it 'by: [staff]'."
            yield subject.problem(hold.mark, message)
