"""The questions of a release with the pieces in force: in a view, which are asked now, and which may be answered."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import NamedTuple

from journeys.content.catalogue import Catalogue
from journeys.content.screen import QuestionCard, Screen, question_cards
from journeys.content.screen.questions import OFFERS, Offer
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import DECLINED, Value
from journeys.definition.model import Ask, Asking
from journeys.definition.questions import declared_questions
from journeys.definition.surveys import Survey
from journeys.engine import State
from journeys.questions.asked import HasQuestion, asked_now
from journeys.questions.compiling import compile_questions
from journeys.questions.table import QuestionTable, worth_asking
from journeys.surveys.cards import survey_card
from journeys.surveys.coming import coming_surveys, declined_surveys

_IN_PARTS = frozenset({"facts", "tracks", "visits", "asked", "surveyed", "topics"})
_OF_NO_QUESTION = frozenset({"folded_to", "marks"})
#: The parts of a view of which `looks_the_same` takes the values that count, and none.
_WHOLE = tuple(part.name for part in fields(State) if part.name not in _IN_PARTS | _OF_NO_QUESTION)


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """The questions of a view by name.

    `asked` are those to ask now, surveys last; `declined` those that the patient would rather not answer; `facts` all
    facts that an answer may bring: of questions worth asking, and of those that are answered or declined; None in a
    journey that declares no questions.
    """

    asked: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    facts: tuple[str, ...] | None = ()


class _Coming(NamedTuple):
    """A survey that comes, as a question."""

    question: str


@dataclass(frozen=True, slots=True)
class ScreenQuestions:
    """The questions of a view in one locale, and all facts that an answer may bring; see `OpenQuestions`.

    `measures`: whether an answer to one of them is measured.
    """

    facts: tuple[str, ...] | None
    asked: tuple[QuestionCard, ...]
    declined: tuple[QuestionCard, ...]
    measures: bool = False

    def on(self, screen: Screen) -> Screen:
        """The screen of the view with its questions."""
        return replace(screen, questions=self.asked, declined=self.declined)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """The questions that patients may answer, with how much the journey asks, and the compiled table.

    `surveys` are those that can be thanked for; `has_questions`: whether the journey declares any beside them.
    """

    asking: Asking
    asks: Mapping[str, Ask]
    facts: Mapping[str, tuple[str, ...]]
    table: QuestionTable
    surveys: Mapping[str, Survey] = field(default_factory=dict)
    has_questions: bool = True

    def in_view(self, view: State, now: datetime, *, may_measure: bool = True) -> OpenQuestions:
        """The questions of a told view at an instant; none after the end.

        Surveys with questions of their own come only where the person allows to measure (`may_measure`).
        """
        if view.ended is not None:
            return OpenQuestions()
        worthwhile = worth_asking(self.table, view, now)
        surveys = {key for key, survey in self.surveys.items() if may_measure or not survey.measures}
        coming = [_Coming(key) for key in coming_surveys(self.table.plan, view, now) if key in surveys]
        candidates: list[HasQuestion] = [*worthwhile, *coming]
        names = {entry.question for entry in worthwhile}
        known = {name for name, facts in self.facts.items() if all(fact in view.facts for fact in facts)}
        return OpenQuestions(
            asked=tuple(entry.question for entry in asked_now(candidates, self.asking, self.asks, view.asked, now)),
            declined=(
                *(
                    name
                    for name, facts in self.facts.items()
                    if name in known and any(view.facts[fact].value is DECLINED for fact in facts)
                ),
                *(key for key in declined_surveys(self.table.plan, view, now) if key in surveys),
            ),
            facts=tuple(fact for name, facts in self.facts.items() if name in names or name in known for fact in facts)
            if self.has_questions
            else None,
        )

    def on_screen(self, view: State, now: datetime, locale: str, *, may_measure: bool = True) -> ScreenQuestions:
        """The questions of a told view at an instant, in a declared locale; see `in_view`."""
        questions = self.in_view(view, now, may_measure=may_measure)
        shown = {*questions.asked, *questions.declined}
        return ScreenQuestions(
            questions.facts,
            self._cards(questions.asked, locale),
            self._cards(questions.declined, locale, ("answer",)),
            any(survey.measures for key, survey in self.surveys.items() if key in shown),
        )

    def _cards(
        self, names: tuple[str, ...], locale: str, offers: tuple[Offer, ...] = OFFERS
    ) -> tuple[QuestionCard, ...]:
        plan = self.table.plan
        cards = question_cards(plan, [name for name in names if name not in self.surveys], locale, offers)
        surveys = [self.surveys[name] for name in names if name in self.surveys]
        return (*cards, *(survey_card(plan, survey, locale, offers) for survey in surveys))


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
        tuple(view.surveyed.items()),
        tuple(view.topics.items()),
    )


def _hashable(value: Value) -> Hashable:
    return tuple(value) if isinstance(value, list) else value


def compile_questionnaire(plan: ReleasePlan, catalogue: Catalogue) -> Questionnaire | None:
    """The questions and surveys of a release with the pieces in force; None of a journey that declares none.

    A survey whose thanks are a piece that is not in force is left out: its promise would not be kept.
    """
    journey = plan.journey
    declared = declared_questions(journey)
    if not declared and not journey.surveys:
        return None
    surveys = {
        key: survey
        for key, survey in journey.surveys.items()
        if (thanks := plan.surveys[key].piece) is None or thanks in catalogue.pieces
    }
    of_patients = [
        question for question in declared if all("patient" in journey.facts[fact].by for fact in question.facts)
    ]
    return Questionnaire(
        asking=journey.asking,
        asks={
            **{question.name: question.ask for question in of_patients},
            **{key: survey.ask for key, survey in surveys.items()},
        },
        facts={question.name: question.facts for question in of_patients},
        table=compile_questions(plan, catalogue),
        surveys=surveys,
        has_questions=bool(declared),
    )
