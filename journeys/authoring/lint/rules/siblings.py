"""The transitions that one state declares for one trigger make clear which of them is taken.

A transition without `when` has no siblings. There is at most one `otherwise`, beside at least one transition with a
`when`. Either all transitions with a `when` have an `order`, or none has; no number is repeated.

Wrong: `- {when: operable, to: surgery}` beside `- {to: radiotherapy}`. Right: the second is
`- {otherwise: radiotherapy}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "siblings"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each ambiguous set of siblings."""
    for _, state, trigger, siblings in subject.siblings():
        where = f"('{trigger}' in '{state.path}')"
        unconditional = [transition for transition in siblings if transition.when is None and not transition.otherwise]
        others = [transition for transition in siblings if transition.otherwise]
        conditional = [transition for transition in siblings if transition.when is not None]
        if unconditional and len(siblings) > 1:
            message = f"A transition without 'when' is always taken; its siblings never are {where}. Use 'otherwise'."
            yield subject.problem(unconditional[-1].mark, message)
        if len(others) > 1:
            yield subject.problem(others[1].mark, f"'otherwise' is listed twice {where}.")
        if others and not conditional and not unconditional:
            yield subject.problem(others[0].mark, f"'otherwise' has no sibling with 'when' {where}; write 'to'.")
        lacking = [transition for transition in conditional if transition.order is None]
        if lacking and len(lacking) < len(conditional):
            yield subject.problem(lacking[0].mark, f"This transition has no 'order', but its siblings do {where}.")
        seen: set[int] = set()
        for transition in conditional:
            if transition.order in seen:
                yield subject.problem(transition.at("order"), f"'order: {transition.order}' is listed twice {where}.")
            seen |= {transition.order} if transition.order is not None else set()
