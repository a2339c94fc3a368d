"""A journey declares its `ends`: the events after which patients receive nothing more, such as death and leaving.

No name may be both an end and a trigger.

Wrong: a definition without `ends`. Right: `ends: {deceased: {title: {en: Died}}, left: {title: {en: Left}}}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "ends"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem when the journey has no ends, and for each end that is also a trigger."""
    journey = subject.journey
    if not journey.ends:
        yield subject.problem(journey.mark, "The journey needs 'ends', such as 'deceased' and 'left'.")
    for name, end in journey.ends.items():
        if name in journey.triggers:
            yield subject.problem(end.mark, f"'{name}' is both a trigger and an end; remove one.")
