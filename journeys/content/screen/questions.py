"""Questions as a screen shows them: their words, and the fields of their answers. It decides on none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from journeys.content.screen.reportable import Field, form_of_facts
from journeys.content.screen.titles import in_locale
from journeys.definition.compiler import ReleasePlan
from journeys.definition.questions import declared_questions

Offer = Literal["answer", "decline", "later"]
#: What a patient may do with a question: answer it, say that they would rather not, or be asked later.
OFFERS: tuple[Offer, ...] = ("answer", "decline", "later")


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question with the fields of its answer, why it is asked, and help; texts that are not declared are None.

    `key` is the fact or the group of facts that it asks for.
    """

    key: str
    question: str
    why: str | None
    help: str | None
    is_sensitive: bool
    fields: tuple[Field, ...]
    offers: tuple[Offer, ...] = OFFERS


def question_cards(
    plan: ReleasePlan, names: Collection[str], locale: str, offers: tuple[Offer, ...] = OFFERS
) -> tuple[QuestionCard, ...]:
    """The declared questions with these names, in the order of the names."""
    by_name = {question.name: question for question in declared_questions(plan.journey)} if names else {}
    locales = plan.journey.locales

    def cards() -> Iterable[QuestionCard]:
        for name in names:
            ask = by_name[name].ask
            yield QuestionCard(
                key=name,
                question=in_locale(ask.question, locale, locales),
                why=in_locale(ask.why, locale, locales) if ask.why else None,
                help=in_locale(ask.help, locale, locales) if ask.help else None,
                is_sensitive=ask.sensitive,
                fields=form_of_facts(plan, name, name, by_name[name].facts, locale).fields,
                offers=offers,
            )

    return tuple(cards())
