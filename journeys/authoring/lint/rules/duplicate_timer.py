"""The timers of one state have different names.

A timer without a `name` is named after its action, its delay and its date. The service remembers under this name that
the timer has fired, so two timers cannot share one.

Wrong: `{delay: P14D, remind: scan-reminder}` twice in one state. Right: remove one, or add a `name` to one.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "duplicate-timer"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each timer that repeats the name of another."""
    for _, state in subject.states():
        seen: set[str] = set()
        for timer in state.after:
            if timer.name in seen:
                message = f"The timer '{timer.name}' is listed twice in '{state.path}'; give one a 'name'."
                yield subject.problem(timer.mark, message)
            seen.add(timer.name)
