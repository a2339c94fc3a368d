"""Every trigger has an effect that another does not have.

A state declares a trigger, a hold or a task waits for it, or it requires or resets a fact. A trigger without any of
these only brings facts; one such trigger of the same reporters is enough. Often none is needed: in every journey people
report `answered` to tell facts.

Wrong: `findings_reported` and `details_reported`, both of staff, which no state declares. Right: one of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "unused-trigger"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each trigger that does what another one does."""
    used = set(_used(subject))
    carriers = [
        trigger
        for trigger in subject.journey.triggers.values()
        if trigger.name not in used and not trigger.requires and not trigger.resets
    ]
    for number, trigger in enumerate(carriers):
        same = [other.name for other in carriers[:number] if other.by == trigger.by]
        if same:
            message = (
                f"No state declares '{trigger.name}', so it only brings facts, as '{same[0]}' of the same reporters "
                "does. Declare it in a state, or remove it."
            )
            yield subject.problem(trigger.mark, message, "warning")


def _used(subject: LintSubject) -> Iterator[str]:
    """The triggers that a state, a hold or a task names."""
    for _, _, transition in subject.transitions():
        yield transition.trigger
    tasks = [timer.task for _, _, timer in subject.timers()]
    for _, state in subject.states():
        yield from (state.hold.trigger,) if state.hold is not None else ()
        tasks.append(state.task)
    for fact in subject.journey.facts.values():
        yield from (fact.hold.trigger,) if fact.hold is not None else ()
    for task in tasks:
        yield from (text.text for text in task.closed_by) if task is not None else ()
