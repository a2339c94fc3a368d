"""Every state has a way on: an event, a timer, or one of a state around it.

A journey ends by its `ends`; a state in which nothing more is declared is a dead end for what is reported there. Where
a state is meant to last, declare at least one event with `stay`. A warning only.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "dead-end"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each leaf state in which nothing is declared, by itself or around it."""
    for track, state in subject.states():
        if state.children:
            continue
        parts = state.path.split(".")
        around = [track.states[".".join(parts[:end])] for end in range(1, len(parts) + 1)]
        if not any(surrounding.on or any(timer.to for timer in surrounding.after) for surrounding in around):
            message = f"Nothing is declared to happen in '{state.path}'. Add 'on', or at least one event with 'stay'."
            yield subject.problem(state.mark, message, "warning")
