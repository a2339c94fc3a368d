"""One event sets off at most 25 steps at the same instant, which is the limit of the engine.

The rule counts the steps that may take no time: reactions to `entered.…` in other tracks, timers whose `delay` is zero
or negative, and timers that count `from` a date fact (the date may be past). The rule `zero-time-loop` reports loops of
such steps.

Wrong: thirty states, each left by `after: [{delay: P0D, to: …}]`. Right: one of them waits for an event.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.authoring.lint.zero_time import ZeroTimeStep, loops, zero_time_steps
from journeys.engine.fold import MAX_AUTOMATIC_STEPS
from journeys.primitives.problems import Problem

ID = "too-many-steps"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem when one event can set off more steps than the engine makes."""
    steps = list(zero_time_steps(subject))
    if loops(subject, steps):
        return
    counted = _Counted(steps)
    total = 0
    for track in subject.journey.tracks.values():
        by_timer = any(timer.to is not None for state in track.states.values() for timer in state.after)
        step_counts = [counted.after(f"{track.name}.{leaf}") for leaf in track.leaves]
        total += max(step_counts, default=0) + by_timer  # the timer at the beginning takes a step too
    if total > MAX_AUTOMATIC_STEPS:
        longest = max(steps, key=lambda step: counted.after(step.start))
        message = (
            f"One event could set off {total} steps at one instant, beginning with '{longest.start}'; at most "
            f"{MAX_AUTOMATIC_STEPS} are accepted. Let one of the states that follow wait for an event."
        )
        yield subject.problem(longest.mark, message)


class _Counted:
    """How many steps may follow an entry at the same instant: one timer's, and a reaction for each entry and track."""

    def __init__(self, steps: list[ZeroTimeStep]) -> None:
        self.by_start: dict[str, list[ZeroTimeStep]] = {}
        for step in steps:
            self.by_start.setdefault(step.start, []).append(step)
        self.known: dict[str, int] = {}

    def after(self, leaf: str) -> int:
        """The most steps that may follow the entry of a leaf."""
        work = [leaf]
        while work:
            node = work[-1]
            steps = self.by_start.get(node, [])
            ahead = [step.end for step in steps if step.end not in self.known]
            if ahead:
                work += ahead
                continue
            most: dict[str, int] = {}  # by reason: of alternatives only the longest counts
            for step in steps:
                most[step.reason] = max(most.get(step.reason, 0), 1 + self.known[step.end])
            self.known[node] = sum(most.values())
            work.pop()
        return self.known[leaf]
