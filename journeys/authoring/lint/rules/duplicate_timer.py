"""The timers of one state have different names.

A timer is called by what it does, its delay and its date unless it has a `name`; what it has done is remembered by that
name.

Wrong: `{delay: P14D, remind: scan-reminder}` twice in one state.
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
