"""The conditions of sibling transitions leave no gap: one of them applies to every combination of values.

Otherwise an event could arrive and nothing would happen. Add `otherwise: <state>`, or `otherwise: stay` where the
patient should remain in the state. The rule allows a gap where a state around declares the same trigger, and for
`entered.…`.

Wrong: `when: "scan_result == 'clear'"` and `when: "scan_result == 'suspicious'"`, where 'unclear' is a value too.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.cells import decide, values_in_words
from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import RAISED, StateDefinition, Track
from journeys.primitives.problems import Problem

ID = "gap"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for values for which no condition is true."""
    for track, state, trigger, siblings in subject.siblings():
        if any(transition.when is None for transition in siblings) or trigger.startswith(RAISED):
            continue
        if _declared_around(track, state, trigger):
            continue
        for truths, world in decide(subject, track, state, siblings):
            if all(truth is False for truth in truths):
                message = (
                    f"Nothing is declared for {values_in_words(world)} ('{trigger}' in '{state.path}'). "
                    "Add 'otherwise: <state>', or 'otherwise: stay'."
                )
                yield subject.problem(siblings[-1].mark, message)
                break


def _declared_around(track: Track, state: StateDefinition, trigger: str) -> bool:
    parent = state.parent
    while parent is not None:
        around = track.states[parent]
        if any(transition.trigger == trigger for transition in around.on):
            return True
        parent = around.parent
    return False
