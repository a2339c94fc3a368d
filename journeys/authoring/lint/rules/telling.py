"""Only staff may report the trigger of a `hold_until`, because a person tells the patient what is held.

If patients or relatives could report it, held content could appear before anybody has spoken with the patient.

Wrong: `recurrence_discussed: {by: [patient, staff]}` as the `hold_until` of a state.
Right: `recurrence_discussed: {by: [staff]}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "telling"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each telling trigger that anybody but staff may report."""
    journey = subject.journey
    holds = [(state.hold, f"'{state.path}'") for _, state in subject.states() if state.hold is not None]
    holds += [(fact.hold, f"'{fact.name}'") for fact in journey.facts.values() if fact.hold is not None]
    for hold, where in holds:
        trigger = journey.triggers.get(hold.trigger)
        if trigger is not None and trigger.by != frozenset({"staff"}):
            message = f"'{hold.trigger}' ends the hold of {where}; declare it with 'by: [staff]'."
            yield subject.problem(hold.mark, message)
