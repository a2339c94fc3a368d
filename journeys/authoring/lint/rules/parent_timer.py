"""A state with states inside may not leave them by its own timer while one of them awaits an event.

What is awaited would be lost: the follow-up scan whose result comes after the timer. Put the timer into the child that
has nothing else to wait for, and decide the next step in a state a reader can see.

Wrong: `surveillance: after: [{delay: P2Y, to: yearly}]` where a child waits for `scan_result_reported`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "parent-timer"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each timer that could take away a child which awaits an event."""
    for track, state, timer in subject.timers():
        if timer.to is None or not state.children:
            continue
        waiting = [
            path
            for path, inner in track.states.items()
            if path.startswith(state.path + ".")
            and any(not transition.trigger.startswith("entered.") for transition in inner.on)
        ]
        if waiting:
            message = (
                f"This timer of '{state.path}' can leave '{waiting[0]}', which awaits an event. "
                "Give the timer to the states inside that wait for nothing else."
            )
            yield subject.problem(timer.mark, message)
