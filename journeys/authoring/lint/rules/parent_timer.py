"""A timer of a state with states inside may not leave that state while an inner state waits for an event.

The event would be lost: for example, the result of a follow-up scan that arrives after the timer has fired. Move the
timer to the inner state that waits for no event, so that readers see where the next step is decided. Where the event
may be lost, say so: `while_waiting: true`. The rule names every inner state that waits, and warns where none does.

Wrong: `surveillance: after: [{delay: P2Y, to: yearly}]` where an inner state waits for `scan_result_reported`.
Right: the same timer in the inner state `due`, or `{delay: P2Y, to: yearly, while_waiting: true}`.
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
        waiting = [
            path
            for path, inner in track.states.items()
            if path != state.path
            and is_within(path, state.path)
            and any(not transition.trigger.startswith(RAISED) for transition in inner.on)
        ]
        if waiting and timer.to is not None and not timer.while_waiting:
            named = ", ".join(f"'{path}'" for path in waiting)
            verb = "waits" if len(waiting) == 1 else "wait"
            message = (
                f"This timer of '{state.path}' can leave {named}, which {verb} for an event. Move the timer to the "
                "inner states that wait for no event, or add 'while_waiting: true' where the event may be lost."
            )
            yield subject.problem(timer.mark, message)
        if timer.while_waiting and not (waiting and timer.to is not None):
            message = "'while_waiting' has no effect: the timer leaves no inner state that waits for an event."
            yield subject.problem(timer.at("while_waiting"), message, "warning")
