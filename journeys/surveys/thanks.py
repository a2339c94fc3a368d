"""What a patient gets for a survey, in words. Pieces and tasks follow from the state; a value is told here. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from journeys.content.screen import in_locale
from journeys.definition.compiler import ReleasePlan
from journeys.definition.programmes import Values, text_of
from journeys.definition.surveys import Survey
from journeys.engine.asked import SurveyStatus


def thanks_given(
    plan: ReleasePlan, before: Mapping[str, SurveyStatus], after: Mapping[str, SurveyStatus]
) -> list[Survey]:
    """The surveys that were finished between two views, for each of which something is given."""
    return [
        survey
        for key, survey in plan.journey.surveys.items()
        if key in after and after[key] != before.get(key) and not after[key].is_declined
    ]


def thanks_in_words(plan: ReleasePlan, survey: Survey, values: Values, locale: str) -> dict[str, str | None]:
    """What is given for a survey as JSON: the words, the key of the piece, and the value of the programme."""
    thanks = survey.thanks
    return {
        "survey": survey.key,
        "text": in_locale(thanks.text, locale, plan.journey.locales),
        "piece": thanks.piece.text if thanks.piece is not None else None,
        "value": text_of(values, thanks.value.text, locale) if thanks.value is not None else None,
    }
