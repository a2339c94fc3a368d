"""No loop may take no time: an enrollment would run through it for ever in one instant.

Steps that may take no time are reactions to `entered.…`, timers whose `delay` is zero or negative, and timers that
count `from` a date fact (the date may be past).

Wrong: `due: after: [{delay: P0D, to: booked}]` and `booked: after: [{delay: P6M, from: last_scan_on, to: due}]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.lint.subject import Subject, components
from journeys.model import Mark
from journeys.problems import Problem

ID = "zero-time-loop"


def check(subject: Subject) -> Iterator[Problem]:
    """Yields a problem for each loop of steps that may take no time."""
    steps = list(_steps(subject))
    nodes = [
        f"{track.name}.{path}"
        for track in subject.journey.tracks.values()
        for path in track.states
        if track.is_leaf(path)
    ]
    for component in components(nodes, [(start, end) for start, end, _ in steps]):
        mark = next(mark for start, end, mark in steps if start in component and end in component)
        names = ", ".join(f"'{node}'" for node in nodes if node in component)
        message = (
            f"These states can follow each other without any time passing: {names}. Let one step wait for an event."
        )
        yield subject.problem(mark, message)


def _steps(subject: Subject) -> Iterator[tuple[str, str, Mark]]:
    """Ways from one leaf to another that may take no time."""
    for track, state, timer in subject.timers():
        if timer.to is None or (timer.start is None and not timer.duration.is_zero_or_negative):
            continue
        target = track.resolve(timer.to, state.path)
        chain = subject.enterable(track, target) if target else ()
        for leaf in subject.leaves_of(track, state.path) if chain else ():
            yield f"{track.name}.{leaf}", f"{track.name}.{chain[-1]}", timer.mark
    for track, state, transition in subject.transitions():
        if not transition.trigger.startswith("entered."):
            continue
        origin, _, path = transition.trigger.removeprefix("entered.").partition(".")
        target = track.resolve(transition.to, state.path)
        chain = subject.enterable(track, target) if target else ()
        if not chain or origin not in subject.journey.tracks or origin == track.name:
            continue
        for leaf in subject.leaves_of(subject.journey.tracks[origin], path):
            yield f"{origin}.{leaf}", f"{track.name}.{chain[-1]}", transition.mark
