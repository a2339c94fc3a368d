"""A journey declares its `ends`: the events after which nothing more is sent, death and leaving among them.

An end's name is not a trigger's name.

Wrong: a definition without `ends`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "ends"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem when there is no end, or an end that is a trigger too."""
    journey = subject.journey
    if not journey.ends:
        yield subject.problem(journey.mark, "The journey needs 'ends', such as 'deceased' and 'left'.")
    for name, end in journey.ends.items():
        if name in journey.triggers:
            yield subject.problem(end.mark, f"'{name}' is both a trigger and an end; remove one.")
