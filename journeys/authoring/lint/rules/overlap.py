"""The conditions of sibling transitions exclude each other: no values make two of them true.

Otherwise the journey would not say which transition to take. The rule tries every combination of values that the
conditions distinguish. Where the first true condition should decide, number the siblings with `order: 1`, `order: 2`.

Wrong: `when: "pack_years > 10"` beside `when: "pack_years > 20"`.
Right: `when: "pack_years > 10 and pack_years <= 20"` beside `when: "pack_years > 20"`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from journeys.authoring.lint.cells import decide, values_in_words
from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "overlap"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for two siblings that can both be true, with values that make them so."""
    for track, state, trigger, siblings in subject.siblings():
        conditional = [transition for transition in siblings if transition.when is not None]
        if len(conditional) < 2 or any(transition.order is not None for transition in conditional):
            continue
        conditions = [transition.when.text for transition in conditional if transition.when is not None]
        seen: set[tuple[int, int]] = set()
        for truths, world in decide(subject, track, state, conditional):
            true = [index for index, truth in enumerate(truths) if truth is True]
            for first, second in pairwise(true):
                if (first, second) in seen:
                    continue
                seen.add((first, second))
                message = (
                    f"Two conditions of '{trigger}' in '{state.path}' are both true for {values_in_words(world)}: "
                    f'"{conditions[first]}" and "{conditions[second]}". '
                    "Change one so that it excludes the other, or give both an 'order'."
                )
                yield subject.problem(conditional[second].mark, message)
