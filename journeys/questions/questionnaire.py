"""The questions of a release with the pieces in force: in a view, which are asked now, and which may be answered."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from journeys.content.catalogue import Catalogue
from journeys.content.screen import QuestionCard, Screen, question_cards
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import DECLINED, Value
from journeys.definition.model import Ask, Asking
from journeys.definition.questions import declared_questions
from journeys.engine import State
from journeys.questions.asked import asked_now
from journeys.questions.compiling import compile_questions
from journeys.questions.table import QuestionTable, worth_asking

_IN_PARTS = frozenset({"facts", "tracks", "visits", "asked", "topics"})
_OF_NO_QUESTION = frozenset({"folded_to", "marks"})
#: The parts of a view of which `looks_the_same` takes the values that count, and none.
_WHOLE = tuple(part.name for part in fields(State) if part.name not in _IN_PARTS | _OF_NO_QUESTION)


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """The questions of a view by name.

    `asked` are those to ask now; `declined` those that the patient would rather not answer; `facts` all facts that an
    answer may bring: of questions worth asking, and of those that are answered or declined.
    """

    asked: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScreenQuestions:
    """The questions of a view in one locale, and all facts that an answer may bring."""

    facts: tuple[str, ...]
    asked: tuple[QuestionCard, ...]
    declined: tuple[QuestionCard, ...]

    def on(self, screen: Screen) -> Screen:
        """The screen of the view with its questions."""
        return replace(screen, questions=self.asked, declined=self.declined)


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

    def on_screen(self, view: State, now: datetime, locale: str) -> ScreenQuestions:
        """The questions of a told view at an instant, in a declared locale."""
        questions, plan = self.in_view(view, now), self.table.plan
        return ScreenQuestions(
            questions.facts,
            question_cards(plan, questions.asked, locale),
            question_cards(plan, questions.declined, locale, ("answer",)),
        )


def looks_the_same(view: State, now: datetime) -> Hashable:
    """A value that is equal where the questions are: they depend on a told view and on days, UTC and in each stay."""
    return (
        now.date(),
        *[getattr(view, part) for part in _WHOLE],
        tuple((name, _hashable(fact.value)) for name, fact in view.facts.items()),
        tuple(
            (track, stay.id, stay.state, stay.since, (now - stay.since).days, *stay.timers.items())
            for track, stays in view.tracks.items()
            for stay in stays
        ),
        tuple(view.visits.items()),
        tuple(view.asked.items()),
        tuple(view.topics.items()),
    )


def _hashable(value: Value) -> Hashable:
    return tuple(value) if isinstance(value, list) else value


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
