"""What an enrollment remembers of its questions, and which facts and questions an own report may name. Pure.

A question is a group of facts, or a fact outside groups.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import LATER, Journey
from journeys.definition.questions import facts_by_question, question_of
from journeys.engine.events import Event

_DATE = len("2026-01-15")


class QuestionStatus(NamedTuple):
    """How often a question was shown since it was last answered, and the day from which it is to be asked again.

    `shown` counts at most one showing a UTC day. `last_shown` is the time of the last showing as text, `until` a day as
    text; both are None where there is none.
    """

    shown: int = 0
    last_shown: str | None = None
    until: str | None = None

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self._asdict()

    def marked(self, event: Event) -> QuestionStatus:
        """With a mark; marks come in order."""
        if event.type == LATER:
            return self._replace(until=event.data["until"])
        is_another_day = self.last_shown is None or self.last_shown[:_DATE] != event.at_text[:_DATE]
        return self._replace(shown=self.shown + is_another_day, last_shown=event.at_text)


NEVER_ASKED = QuestionStatus()


def note_mark(asked: dict[str, QuestionStatus], question: str, event: Event) -> None:
    """Notes a mark of a question."""
    asked[question] = asked.get(question, NEVER_ASKED).marked(event)


def note_answer(asked: dict[str, QuestionStatus], journey: Journey, fact: str) -> None:
    """Notes that a fact was learned: its question is answered. Only the last showing is remembered."""
    question = question_of(journey, fact)
    status = asked.get(question)
    if status is not None and status.last_shown is None:
        del asked[question]
    elif status is not None:
        asked[question] = QuestionStatus(last_shown=status.last_shown)


class SurveyStatus(NamedTuple):
    """The last answer to a survey: its time as text, the uid of its event, and whether it was to decline."""

    at: str
    event: str
    is_declined: bool = False


def note_survey(surveyed: dict[str, SurveyStatus], asked: dict[str, QuestionStatus], event: Event) -> None:
    """Notes an answer to a survey, if the event is one. Of its showings only the last is remembered."""
    survey = event.survey
    if survey is None:
        return
    surveyed[survey] = SurveyStatus(event.at_text, event.uid, event.data.get("declined", False))
    status = asked.pop(survey, NEVER_ASKED)
    if status.last_shown is not None:
        asked[survey] = QuestionStatus(last_shown=status.last_shown)


def unheard_of(plan: ReleasePlan, known: Collection[str]) -> frozenset[str]:
    """The facts that the patient must not learn of from a question or an error.

    They are the held facts that the told view has not heard of, and all facts of their groups.

    Args:
        plan: the release in force.
        known: the names of the facts that the told view has heard of.
    """
    hidden = plan.held_facts.keys() - known
    return frozenset(_with_groups(plan.journey, hidden)) if hidden else frozenset()


def may_concern_held(plan: ReleasePlan, facts: Iterable[str], question: str | None) -> bool:
    """Whether facts, or those of a question, are held or share a group with a held fact."""
    asked_facts = {*facts, *facts_by_question(plan.journey).get(question or "", ())}
    return bool(plan.held_facts) and not asked_facts.isdisjoint(_with_groups(plan.journey, plan.held_facts))


def _with_groups(journey: Journey, facts: Iterable[str]) -> Iterator[str]:
    """Some facts with the other facts of their groups."""
    all_questions = facts_by_question(journey)
    for fact in facts:
        yield from all_questions.get(question_of(journey, fact), (fact,))
