"""Finds the steps between states that may take no time, or hardly any, and the loops of such steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import Mark, Timer
from journeys.primitives.graphs import components
from journeys.primitives.state_path import StatePath

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class ZeroTimeStep:
    """A step from one leaf to another (full paths) that may take no time; each `reason` takes only one of its steps."""

    start: str
    end: str
    reason: str
    mark: Mark


def zero_time_steps(subject: LintSubject, at_most: timedelta = NO_TIME) -> Iterator[ZeroTimeStep]:
    """The steps of timers that may be due within `at_most`, and of reactions to entries in other tracks."""
    for track, state, timer in subject.timers():
        if timer.to is None or not _may_be_due_within(timer, at_most):
            continue
        target = track.resolve(timer.to, state.path)
        chain = subject.enterable(track, target) if target else ()
        reason = f"after {timer.name} in {state.path}" if state.children else "after"  # a leaf is left by its first
        for leaf in subject.leaves_of(track, state.path) if chain else ():
            yield ZeroTimeStep(f"{track.name}.{leaf}", f"{track.name}.{chain[-1]}", reason, timer.mark)
    for track, state, transition in subject.transitions():
        if not transition.trigger.startswith("entered."):
            continue
        entered = StatePath.parse(transition.trigger.removeprefix("entered."))
        target = track.resolve(transition.to, state.path)
        chain = subject.enterable(track, target) if target else ()
        if not chain or entered.track not in subject.journey.tracks or entered.track == track.name:
            continue
        reason = f"{transition.trigger} in {track.name}"
        for leaf in subject.leaves_of(subject.journey.tracks[entered.track], entered.path):
            yield ZeroTimeStep(f"{entered.track}.{leaf}", f"{track.name}.{chain[-1]}", reason, transition.mark)


def _may_be_due_within(timer: Timer, at_most: timedelta) -> bool:
    """Whether a timer may be due within a time; a date that it counts from may be past."""
    return timer.start is not None or (timer.duration.months <= 0 and timer.duration.rest <= at_most)


def leaves(subject: LintSubject) -> list[str]:
    """The full paths of all leaf states, in document order."""
    return [f"{track.name}.{state.path}" for track, state in subject.states() if not state.children]


def loops(subject: LintSubject, steps: Sequence[ZeroTimeStep]) -> list[frozenset[str]]:
    """The sets of leaves that can follow each other in a loop."""
    return components(leaves(subject), [(step.start, step.end) for step in steps])
