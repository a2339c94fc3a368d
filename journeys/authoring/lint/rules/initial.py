"""A track and a state with states inside have an `initial` that names one of their own states; a leaf has none.

The patient enters this state when an event leads to the track or state without naming an inner state.

Wrong: `initial: booked` in a state whose children are `due` and `overdue`. Right: `initial: due`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem, did_you_mean

ID = "initial"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each missing or wrong `initial`."""
    for track in subject.journey.tracks.values():
        names = list(track.top)
        if track.initial is not None and track.initial.text not in names:
            hint = did_you_mean(track.initial.text, names)
            message = f"'initial: {track.initial.text}' must be an outermost state of the track '{track.name}'.{hint}"
            yield subject.problem(track.initial.mark, message)
    for track, state in subject.states():
        names = [track.states[child].name for child in state.children]
        if names and state.initial is None:
            message = f"'{state.path}' has states inside; it needs 'initial', one of {', '.join(names)}."
            yield subject.problem(state.mark, message)
        elif state.initial is not None and not names:
            yield subject.problem(state.initial.mark, f"'{state.path}' has no states inside; remove 'initial'.")
        elif state.initial is not None and state.initial.text not in names:
            hint = did_you_mean(state.initial.text, names)
            message = f"'initial: {state.initial.text}' must be a state directly inside '{state.path}'.{hint}"
            yield subject.problem(state.initial.mark, message)
