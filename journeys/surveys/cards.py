"""Surveys as a screen shows them: as questions, with their purpose and what people get. It decides on none."""

from __future__ import annotations

from journeys.content.screen import QuestionCard, SurveyNote, form_of_facts, in_locale, own_fields
from journeys.content.screen.questions import OFFERS, Offer
from journeys.definition.compiler import ReleasePlan
from journeys.definition.surveys import Survey


def survey_card(plan: ReleasePlan, survey: Survey, locale: str, offers: tuple[Offer, ...] = OFFERS) -> QuestionCard:
    """A survey as a question in a declared locale."""
    ask, locales = survey.ask, plan.journey.locales
    facts = form_of_facts(plan, survey.key, "", [fact.text for fact in survey.facts], locale).fields
    return QuestionCard(
        key=survey.key,
        question=in_locale(ask.question, locale, locales),
        why=in_locale(ask.why, locale, locales) if ask.why else None,
        help=in_locale(ask.help, locale, locales) if ask.help else None,
        is_sensitive=ask.sensitive,
        fields=(*facts, *own_fields(plan, survey.measures.values(), locale)),
        offers=offers,
        survey=SurveyNote(in_locale(survey.purpose, locale, locales), in_locale(survey.thanks.text, locale, locales)),
    )
