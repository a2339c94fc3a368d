"""A timer of a state with states inside may not leave that state while an inner state waits for an event.

The event would be lost: for example, the result of a follow-up scan that arrives after the timer has fired. Move the
timer to the inner state that waits for no event, so that readers see where the next step is decided.

Wrong: `surveillance: after: [{delay: P2Y, to: yearly}]` where an inner state waits for `scan_result_reported`.
Right: the same timer in the inner state `due`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import RAISED
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import is_within

ID = "parent-timer"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each timer that can leave an inner state which waits for an event."""
    for track, state, timer in subject.timers():
        if timer.to is None or not state.children:
            continue
        waiting = [
            path
            for path, inner in track.states.items()
            if path != state.path
            and is_within(path, state.path)
            and any(not transition.trigger.startswith(RAISED) for transition in inner.on)
        ]
        if waiting:
            message = (
                f"This timer of '{state.path}' can leave '{waiting[0]}', which waits for an event. "
                "Move the timer to the inner states that wait for no event."
            )
            yield subject.problem(timer.mark, message)
