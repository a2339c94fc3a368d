"""Something can happen in every state: an event, a timer, or a transition of a state around it.

Reports in a state without any transition have no effect. A journey ends through its `ends`, so it needs no final
state. Where a patient is meant to remain in a state, declare at least one event with `stay`. This rule only warns.

Wrong: `follow_up: {title: {en: Follow-up}}`. Right: the same state with `on: {visit_done: stay}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import chain_of

ID = "dead-end"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each leaf state where no transition and no timer to a state is declared."""
    for track, state in subject.states():
        if state.children:
            continue
        around = [track.states[path] for path in chain_of(state.path)]
        if not any(surrounding.on or any(timer.to for timer in surrounding.after) for surrounding in around):
            message = f"Nothing is declared to happen in '{state.path}'. Add 'on', or at least one event with 'stay'."
            yield subject.problem(state.mark, message, "warning")
