"""The conditions of sibling transitions distinguish at most 20,000 combinations of values.

The other rules compare siblings for every combination, and cannot compare more. Ask fewer facts in one state: report
an event for each decision, or move a part to a state of its own.

Wrong: one transition that compares ten facts with five values each. Right: two states that compare five facts each.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.cells import cells
from journeys.authoring.lint.subject import LintSubject
from journeys.definition.conditions import MAX_CELLS, TooManyCells
from journeys.primitives.problems import Problem

ID = "too-many-cells"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for siblings with too many combinations."""
    for track, state, trigger, siblings in subject.siblings():
        conditional = [transition for transition in siblings if transition.when is not None]
        try:
            cells(subject, track, state, conditional)
        except TooManyCells:
            message = (
                f"'{trigger}' in '{state.path}' distinguishes more than {MAX_CELLS} combinations of "
                "values. Ask fewer facts in one state."
            )
            yield subject.problem(conditional[0].mark, message)
