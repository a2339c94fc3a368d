"""A question (`ask`) is about a fact outside groups, or about a whole group, that patients may tell.

The facts of a group are told together, so the group has the question and no fact in it. A question about a fact
without `patient` in `by` could never be answered. A question has the name of its fact or group, so a group and a fact
with the same name cannot both have one.

Wrong: `stage_group: {type: choice, ask: {…}, …}` where the group is `stage: [stage_group, stage_edition]`.
Right: `stage: {facts: [stage_group, stage_edition], ask: {…}}` under `groups`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.questions import declared_questions
from journeys.primitives.problems import Problem

ID = "misplaced-question"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each question about part of a group, about what patients may not tell, or without a name."""
    journey = subject.journey
    groups = {member.text: group for group, members in journey.groups.items() for member in members}
    for fact in journey.facts.values():
        if fact.ask is not None and fact.name in groups:
            group = groups[fact.name]
            message = (
                f"'{fact.name}' is told with the group '{group}', so it has no 'ask' of its own; write "
                f"'{group}: {{facts: […], ask: {{…}}}}' under 'groups'."
            )
            yield subject.problem(fact.ask.mark, message)
    for question in declared_questions(journey):
        silent = [name for name in question.facts if "patient" not in journey.facts[name].by]
        if silent:
            names = ", ".join(f"'{name}'" for name in silent)
            message = f"Patients may not tell {names}; remove 'ask', or add 'patient' to 'by'."
            yield subject.problem(question.ask.mark, message)
    for name, ask in journey.group_asks.items():
        if name in journey.facts and journey.facts[name].ask is not None:
            message = f"The fact '{name}' has a question of the same name; rename the group or the fact."
            yield subject.problem(ask.mark, message)
