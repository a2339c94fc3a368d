"""A condition is written in the condition language, with declared names and with values of the right type.

The rule checks `conditions`, and every `when` of transitions, timers and surveys. A named condition can use only the
named conditions declared before it.

Wrong: `when: "scan_result == 'clean'"` where the values are clear, unclear and suspicious.
Right: `when: "scan_result == 'clear'"`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.compiler import condition_scope
from journeys.definition.conditions import ConditionError, parse_condition
from journeys.definition.model import Text
from journeys.primitives.problems import Problem

ID = "condition"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields every mistake in every condition."""
    conditions = subject.conditions
    for mark, message in subject.mistakes:
        yield subject.problem(mark, message)
    for name in subject.journey.conditions:
        if name in subject.journey.facts:
            mark = subject.journey.conditions[name].mark
            yield subject.problem(mark, f"'{name}' is already a fact; give the condition another name.")
    for text, track in _written(subject):
        try:
            parse_condition(text.text, condition_scope(subject.journey, conditions, track, stay=True))
        except ConditionError as error:
            for message in subject.own_mistakes(error, conditions):
                yield subject.problem(text.mark, message)


def _written(subject: LintSubject) -> Iterator[tuple[Text, str | None]]:
    for track, _, transition in subject.transitions():
        if transition.when is not None:
            yield transition.when, track.name
    for track, _, timer in subject.timers():
        if timer.when is not None:
            yield timer.when, track.name
    for survey in subject.journey.surveys.values():
        if survey.when is not None:
            yield survey.when, None
