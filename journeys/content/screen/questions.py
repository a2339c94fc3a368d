"""Questions as a screen shows them: their words, and the fields of their answers. It decides on none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from journeys.content.screen.reportable import Field, form_of_facts
from journeys.content.screen.titles import in_locale
from journeys.definition.compiler import ReleasePlan
from journeys.definition.questions import DeclaredQuestion, declared_questions

Offer = Literal["answer", "decline", "later"]
#: What a patient may do with a question: answer it, say that they would rather not, or be asked later.
OFFERS: tuple[Offer, ...] = ("answer", "decline", "later")


@dataclass(frozen=True, slots=True)
class SurveyNote:
    """What is done with the answers to a survey, and what people get for it."""

    purpose: str
    thanks: str


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question with the fields of its answer, why it is asked, and help; texts that are not declared are None.

    `key` is the fact, the group of facts or the survey that it asks for; only a survey has a note.
    """

    key: str
    question: str
    why: str | None
    help: str | None
    is_sensitive: bool
    fields: tuple[Field, ...]
    offers: tuple[Offer, ...]
    survey: SurveyNote | None = None


def question_cards(
    plan: ReleasePlan, names: Collection[str], locale: str, offers: tuple[Offer, ...] = OFFERS
) -> tuple[QuestionCard, ...]:
    """The declared questions with these names, in the order of the names."""
    by_name = {question.name: question for question in declared_questions(plan.journey)} if names else {}
    return tuple(_card(plan, by_name[name], locale, offers) for name in names)


def _card(plan: ReleasePlan, question: DeclaredQuestion, locale: str, offers: tuple[Offer, ...]) -> QuestionCard:
    ask, locales = question.ask, plan.journey.locales
    return QuestionCard(
        key=question.name,
        question=in_locale(ask.question, locale, locales),
        why=in_locale(ask.why, locale, locales) if ask.why else None,
        help=in_locale(ask.help, locale, locales) if ask.help else None,
        is_sensitive=ask.sensitive,
        fields=form_of_facts(plan, question.name, "", question.facts, locale).fields,
        offers=offers,
    )
