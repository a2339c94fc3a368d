"""Every `to` names a state that can be reached by that name from the state in which it is written.

The name is looked up first among the siblings of the state, then among its children, then further outwards; a path
such as `treatment.surgery` is found by its first part. `stay` keeps the patient in the state.

The states in which a contact is shown are written in full, with their track.

Wrong: `scan_done: waiting_for_results` where the state is `waiting_for_result`. Right: `scan_done: waiting_for_result`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import STAY, Track
from journeys.primitives.problems import Problem, did_you_mean
from journeys.primitives.state_path import name_of

ID = "unknown-target"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each target that names no state."""
    for track, state, transition in subject.transitions():
        if transition.to not in (STAY, "") and track.resolve(transition.to, state.path) is None:
            message = f"Unknown state '{transition.to}' ('{transition.trigger}' in '{state.path}')."
            mark = transition.at("otherwise" if transition.otherwise else "to")
            yield subject.problem(mark, message + _hint(subject, track, transition.to))
    for track, state, timer in subject.timers():
        if timer.to is not None and track.resolve(timer.to, state.path) is None:
            message = f"Unknown state '{timer.to}' (a timer in '{state.path}')."
            yield subject.problem(timer.at("to"), message + _hint(subject, track, timer.to))
    paths = subject.journey.state_paths
    for contact in subject.journey.contacts.values():
        for state_path in contact.show_in:
            if state_path.text not in paths:
                message = f"Unknown state '{state_path.text[:80]}' (the contact '{contact.name}')."
                yield subject.problem(state_path.mark, message + did_you_mean(state_path.text, paths))


def _hint(subject: LintSubject, track: Track, written: str) -> str:
    """A hint: the path without its track, a longer path, another track's state, or the nearest name."""
    first, _, rest = written.partition(".")
    inside = [path for path in track.states if path == rest or path.endswith(f".{written}")]
    if inside:
        return f" Did you mean '{inside[0]}'?"
    others = [other for other in subject.journey.tracks.values() if other is not track]
    if any(written in other.states or (first == other.name and rest in other.states) for other in others):
        return f" A transition stays in its track; let the other track react to 'entered.{track.name}.<state>'."
    names = [name for path in track.states for name in (path, name_of(path))]
    return did_you_mean(written, names)
