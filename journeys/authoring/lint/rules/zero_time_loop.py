"""Every loop of states contains a step that waits for an event or takes more than an hour.

Otherwise a patient would pass through the loop forever, in one instant or in thousands of timers. Steps that may take
no time are reactions to `entered.…`, timers whose `delay` is zero or negative, and timers that count `from` a date fact
(the date may be past).

Wrong: `due: after: [{delay: P0D, to: booked}]` and `booked: after: [{delay: P6M, from: last_scan_on, to: due}]`.
Right: `due` waits for the event `scan_booked` instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from journeys.authoring.lint.subject import LintSubject
from journeys.authoring.lint.zero_time import ZeroTimeStep, loops, zero_time_steps
from journeys.definition.model import Mark
from journeys.primitives.problems import Problem

ID = "zero-time-loop"


HURRIED = timedelta(hours=1)


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each loop of steps that take no time, or at most an hour each."""
    steps = list(zero_time_steps(subject))
    at_once = loops(subject, steps)
    for loop in at_once:
        message = (
            f"These states can follow each other without any time passing: {_names(subject, loop)}. "
            "Let one step wait for an event."
        )
        yield subject.problem(_first(steps, loop), message)
    steps = list(zero_time_steps(subject, HURRIED))
    for loop in loops(subject, steps):
        if not any(loop & other for other in at_once):
            message = (
                f"These states can repeat in steps of an hour or less: {_names(subject, loop)}. "
                "Let one step take longer, or wait for an event."
            )
            yield subject.problem(_first(steps, loop), message)


def _names(subject: LintSubject, loop: frozenset[str]) -> str:
    return ", ".join(f"'{leaf}'" for leaf in subject.journey.leaf_paths if leaf in loop)


def _first(steps: list[ZeroTimeStep], loop: frozenset[str]) -> Mark:
    return next(step.mark for step in steps if step.start in loop and step.end in loop)
