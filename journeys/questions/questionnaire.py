"""The questions of a release with the pieces in force: in a view, which are asked now, and which may be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from journeys.content.catalogue import Catalogue
from journeys.content.screen import Screen, question_cards
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import DECLINED
from journeys.definition.model import Ask, Asking
from journeys.definition.questions import declared_questions
from journeys.engine import State
from journeys.questions.asked import asked_now
from journeys.questions.compiling import compile_questions
from journeys.questions.table import QuestionTable, worth_asking


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """The questions of a view by name.

    `asked` are those to ask now; `declined` those that the patient would rather not answer; `facts` all facts that an
    answer may bring: of questions worth asking, and of those that are answered or declined.
    """

    asked: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    def on(self, screen: Screen, plan: ReleasePlan) -> Screen:
        """The screen of the view with its questions."""
        return replace(
            screen,
            questions=question_cards(plan, self.asked, screen.locale),
            declined=question_cards(plan, self.declined, screen.locale, ("answer",)),
        )


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """The questions that patients may answer, with how much the journey asks, and the compiled table."""

    asking: Asking
    asks: Mapping[str, Ask]
    facts: Mapping[str, tuple[str, ...]]
    table: QuestionTable

    def in_view(self, view: State, now: datetime) -> OpenQuestions:
        """The questions of a told view at an instant; none after the end."""
        if view.ended is not None:
            return OpenQuestions()
        worthwhile = worth_asking(self.table, view, now)
        names = {entry.question for entry in worthwhile}
        known = {name for name, facts in self.facts.items() if all(fact in view.facts for fact in facts)}
        return OpenQuestions(
            asked=tuple(entry.question for entry in asked_now(worthwhile, self.asking, self.asks, view.asked, now)),
            declined=tuple(
                name
                for name, facts in self.facts.items()
                if name in known and any(view.facts[fact].value is DECLINED for fact in facts)
            ),
            facts=tuple(fact for name, facts in self.facts.items() if name in names or name in known for fact in facts),
        )


def compile_questionnaire(plan: ReleasePlan, catalogue: Catalogue) -> Questionnaire | None:
    """The questions of a release with the pieces in force; None of a journey that declares none."""
    journey = plan.journey
    declared = declared_questions(journey)
    if not declared:
        return None
    of_patients = [
        question for question in declared if all("patient" in journey.facts[fact].by for fact in question.facts)
    ]
    return Questionnaire(
        asking=journey.asking,
        asks={question.name: question.ask for question in of_patients},
        facts={question.name: question.facts for question in of_patients},
        table=compile_questions(plan, catalogue),
    )
