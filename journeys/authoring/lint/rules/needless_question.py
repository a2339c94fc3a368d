"""An entry asks only what may settle something from its states: a page, a timer, a message or a step up to the horizon.

A question whose answer changes nothing is an effort in vain. `journeys questions` shows what each state asks, and why.
Only facts with an `ask` are checked.

Wrong: `asks: [surgery_on]` where the state is the follow-up after treatment, which reads no day of an operation.
Right: no such question there; it is asked where the operation lies ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from journeys.authoring.lint.subject import LintSubject
from journeys.authoring.questions import LOOKED_AT, view_in
from journeys.content.catalogue import Catalogue
from journeys.definition.questions import declared_questions, question_of
from journeys.engine.machine import make_release
from journeys.primitives.problems import Problem
from journeys.questions.compiling import compile_questions
from journeys.questions.table import worth_asking

ID = "needless-question"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each question of an entry that settles nothing; none while pieces are left out."""
    journey, plan = subject.journey, subject.plan
    asked = {question.name for question in declared_questions(journey)}
    asking = [
        entry
        for entry in journey.entries.values()
        if any(question_of(journey, text.text) in asked for text in entry.asks)
    ]
    if plan is None or not asking or subject.pieces is None or len(subject.pieces) < len(subject.sources):
        return
    release = make_release(journey)
    table = compile_questions(release.plan, Catalogue(release.plan, subject.pieces))
    for entry in asking:
        states = [full for text in entry.states if (full := journey.resolve_state(text.text)) is not None]
        told = replace(view_in(release, states), discussed=frozenset(plan.held_facts))  # on joining, in their own words
        worth = {worthwhile.question for worthwhile in worth_asking(table, told, LOOKED_AT)}
        for text in entry.asks:
            question = question_of(journey, text.text)
            if question in asked and question not in worth:
                message = (
                    f"The entry '{entry.name}' asks '{text.text}', but no answer changes what follows from its states, "
                    "or they have 'ask: none'; ask it where it matters."
                )
                yield subject.problem(text.mark, message, "warning")
