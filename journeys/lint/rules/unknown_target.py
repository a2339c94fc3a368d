"""Every `to` must lead to a state that the place it stands in can name.

A bare name is a sibling first, then an own child, then looked for outwards; `treatment.surgery` is found by its first
part. `stay` means that nothing moves.

Wrong: `scan_done: waiting_for_results` where the state is `waiting_for_result`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.lint.subject import Subject
from journeys.model import STAY
from journeys.problems import Problem, did_you_mean

ID = "unknown-target"


def check(subject: Subject) -> Iterator[Problem]:
    """Yields a problem for each target that is no state."""
    for track, state, transition in subject.transitions():
        if transition.to != STAY and track.resolve(transition.to, state.path) is None:
            hint = did_you_mean(transition.to, _names(track.states))
            message = f"'{transition.to}' ('{transition.trigger}' in '{state.path}') is no state here.{hint}"
            place = transition.at("otherwise" if transition.otherwise else "to")
            yield subject.problem(place, message)
    for track, state, timer in subject.timers():
        if timer.to is not None and track.resolve(timer.to, state.path) is None:
            hint = did_you_mean(timer.to, _names(track.states))
            yield subject.problem(timer.at("to"), f"'{timer.to}' (a timer in '{state.path}') is no state here.{hint}")


def _names(paths: object) -> set[str]:
    found: set[str] = set()
    for path in list(paths):  # type: ignore[call-overload]
        found |= {path, path.rpartition(".")[2]}
    return found
