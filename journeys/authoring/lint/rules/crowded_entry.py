"""An entry asks at most two questions.

People leave forms with many questions. What matters later is asked later, where its answer changes something; the
facts of a group are one question. Only journeys with an `ask` ask later, so others may ask more on joining.

Wrong: `asks: [treatment_ended_on, last_scan_on, had_immunotherapy]`.
Right: `asks: [treatment_ended_on, last_scan_on]`, and an `ask` on `had_immunotherapy`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.questions import declared_questions, question_of
from journeys.primitives.problems import Problem

ID = "crowded-entry"
_MOST = 2


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each entry with too many questions, at the first question too many."""
    journey = subject.journey
    if not declared_questions(journey):
        return
    for entry in journey.entries.values():
        questions: dict[str, None] = {}
        for ask in entry.asks:
            questions[question_of(journey, ask.text)] = None
            if len(questions) > _MOST:
                message = (
                    f"The entry '{entry.name}' asks more than {_MOST} questions; leave '{ask.text}' and what follows "
                    "to an 'ask' of the fact, which is asked when it matters."
                )
                yield subject.problem(ask.mark, message, "warning")
                break
