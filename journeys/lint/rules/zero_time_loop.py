"""No loop may take no time: an enrollment would run through it for ever in one instant.

Steps that may take no time are reactions to `entered.…`, timers whose `delay` is zero or negative, and timers that
count `from` a date fact (the date may be past).

Wrong: `due: after: [{delay: P0D, to: booked}]` and `booked: after: [{delay: P6M, from: last_scan_on, to: due}]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.lint.subject import Subject
from journeys.lint.zero_time import leaves, loops, zero_time_steps
from journeys.problems import Problem

ID = "zero-time-loop"


def check(subject: Subject) -> Iterator[Problem]:
    """Yields a problem for each loop of steps that may take no time."""
    steps = list(zero_time_steps(subject))
    for loop in loops(subject, steps):
        mark = next(step.mark for step in steps if step.start in loop and step.end in loop)
        names = ", ".join(f"'{leaf}'" for leaf in leaves(subject) if leaf in loop)
        message = (
            f"These states can follow each other without any time passing: {names}. Let one step wait for an event."
        )
        yield subject.problem(mark, message)
