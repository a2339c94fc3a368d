"""Every question says why it is asked.

People answer when they see what their answer changes, and leave forms that do not tell them.

Wrong: `ask: {question: {en: Do you smoke?}}`.
Right: `ask: {question: {en: Do you smoke?}, why: {en: We show help to stop only to people who smoke.}}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.questions import declared_questions
from journeys.primitives.problems import Problem

ID = "question-without-why"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each question without `why`; `titles` reports a language that is missing in it."""
    example = ", ".join(f"{locale}: …" for locale in subject.journey.locales)
    for question in declared_questions(subject.journey):
        if question.ask.why.mark is None:
            message = f"The question '{question.name}' does not say why it is asked; write why: {{{example}}}."
            yield subject.problem(question.ask.mark, message)
