"""Every named condition is used by another condition, a transition, a timer, a property or a piece.

This rule only warns, because a condition may be declared for a piece that is not written yet.

Wrong: `conditions: {operable: …}` that nothing names. Right: `when: operable` in a transition, or no such condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "unused-condition"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each unused condition."""
    if subject.pieces is None:
        return
    journey = subject.journey
    texts = [text.text for text in journey.conditions.values()]
    texts += [transition.when.text for _, _, transition in subject.transitions() if transition.when]
    texts += [timer.when.text for _, _, timer in subject.timers() if timer.when]
    texts += [text.text for declared in journey.properties for text in (declared.when, declared.unless) if text]
    texts += [survey.when.text for survey in journey.surveys.values() if survey.when]
    texts += [
        data.decode(errors="replace")
        for source in subject.sources
        for data in {**source.files, **source.partials}.values()
    ]
    words = set(re.findall(r"\w+", " ".join(texts)))
    for name, text in journey.conditions.items():
        if name not in words:
            yield subject.problem(text.mark, f"The condition '{name}' is not used.", "warning")
