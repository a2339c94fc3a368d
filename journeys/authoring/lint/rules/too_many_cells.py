"""Conditions that meet must be few enough to be gone through.

Siblings are compared for every combination of values that they tell apart. When there are more than 20,000, ask fewer
facts at one place: report an event for each decision, or move a part to a state of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.cells import cells
from journeys.authoring.lint.subject import LintSubject
from journeys.definition.conditions import MAX_CELLS, TooManyCells
from journeys.primitives.problems import Problem

ID = "too-many-cells"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for siblings that cannot be compared."""
    for track, state, trigger, siblings in subject.siblings():
        conditional = [transition for transition in siblings if transition.when is not None]
        try:
            cells(subject, track, state, conditional)
        except TooManyCells:
            message = (
                f"'{trigger}' in '{state.path}' asks so much that over {MAX_CELLS} combinations would have to be "
                "gone through. Ask fewer facts at one place."
            )
            yield subject.problem(conditional[0].mark, message)
