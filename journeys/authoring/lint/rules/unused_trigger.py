"""Every trigger has an effect that another does not have.

A state declares a trigger, a hold or a task waits for it, or it requires or resets a fact. A trigger without any of
these only brings facts. Patients need none, because they report `answered` in every journey; of others, one such
trigger of the same reporters is enough.

Wrong: `answers_given: {by: [patient]}`, which no state declares. Right: no such trigger; people report `answered`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import ANSWERED
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
        if "patient" in trigger.by or same:
            other = f"'{ANSWERED}' does in every journey" if "patient" in trigger.by else f"'{same[0]}' does"
            message = (
                f"No state declares '{trigger.name}', so it only brings facts, as {other}. "
                "Declare it in a state, or remove it."
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
