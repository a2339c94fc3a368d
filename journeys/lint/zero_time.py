"""The steps between states that may take no time, and the loops they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from journeys.lint.subject import Subject, components
from journeys.model import Mark


@dataclass(frozen=True, slots=True)
class ZeroTimeStep:
    """A way from one leaf to another (full paths) that may take no time; only one for each `reason` is taken."""

    start: str
    end: str
    reason: str
    mark: Mark


def zero_time_steps(subject: Subject) -> Iterator[ZeroTimeStep]:
    """By timers that may be due at once, and by reactions to entries in other tracks."""
    for track, state, timer in subject.timers():
        if timer.to is None or (timer.start is None and not timer.duration.is_zero_or_negative):
            continue
        target = track.resolve(timer.to, state.path)
        chain = subject.enterable(track, target) if target else ()
        reason = f"after {timer.name} in {state.path}" if state.children else "after"  # a leaf is left by its first
        for leaf in subject.leaves_of(track, state.path) if chain else ():
            yield ZeroTimeStep(f"{track.name}.{leaf}", f"{track.name}.{chain[-1]}", reason, timer.mark)
    for track, state, transition in subject.transitions():
        if not transition.trigger.startswith("entered."):
            continue
        origin, _, path = transition.trigger.removeprefix("entered.").partition(".")
        target = track.resolve(transition.to, state.path)
        chain = subject.enterable(track, target) if target else ()
        if not chain or origin not in subject.journey.tracks or origin == track.name:
            continue
        reason = f"{transition.trigger} in {track.name}"
        for leaf in subject.leaves_of(subject.journey.tracks[origin], path):
            yield ZeroTimeStep(f"{origin}.{leaf}", f"{track.name}.{chain[-1]}", reason, transition.mark)


def leaves(subject: Subject) -> list[str]:
    """The full paths of all leaf states, in document order."""
    return [f"{track.name}.{state.path}" for track, state in subject.states() if not state.children]


def loops(subject: Subject, steps: Sequence[ZeroTimeStep]) -> list[frozenset[str]]:
    """The sets of leaves that can follow each other in a circle."""
    return components(leaves(subject), [(step.start, step.end) for step in steps])
