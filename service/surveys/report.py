"""What people answered to surveys, counted: none under five is shown, nor could be worked out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from journeys.definition.model import Fact, Journey
from journeys.primitives.locales import served_locale
from journeys.primitives.shares import Share, shown_number, wilson
from service.publishing.service import Service
from service.publishing.store import releases
from service.surveys.store import StoredAnswers, list_answers


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How often an answer was given, and its share of all answers; None: hidden."""

    answer: str
    number: int | None
    share: Share | None


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """A question of a survey with its answers in their order; `answered` by so many, None: hidden."""

    question: str
    answered: int | None
    answers: tuple[AnswerCount, ...]


@dataclass(frozen=True, slots=True)
class SurveyReport:
    """A survey and its own questions."""

    survey: str
    title: str
    questions: tuple[QuestionCount, ...]


def report_surveys(service: Service, journey: str, days: int) -> list[SurveyReport]:
    """The surveys of the newest release of a journey with the answers of the last days, today among them.

    An answer that the release does not declare is counted as it was given. The last answer of each person counts.
    """
    since = datetime.combine(service.clock().astimezone(UTC).date() - timedelta(days=days - 1), time(), UTC)
    with service.database.reading() as connection:
        answers = list_answers(connection, journey, since)
        newest = releases.newest_publication(connection, journey)
        declared = service.library.releases(connection)[newest.release].plan.journey if newest is not None else None
    return count_answers(declared, answers) if declared is not None else []


def count_answers(journey: Journey, answers: Iterable[StoredAnswers]) -> list[SurveyReport]:
    """The surveys of a journey in their order, with the last answers of each person; the oldest answers come first."""
    last = {(each.survey, each.person): each for each in answers}
    by_survey: dict[str, list[Mapping[str, Any]]] = {}
    for each in last.values():
        by_survey.setdefault(each.survey, []).append(each.values)
    locale = served_locale(journey.locales[0], journey.locales)
    return [
        SurveyReport(
            survey.key,
            survey.ask.question.get(locale, survey.key),
            tuple(
                _count(measure, [values[name] for values in by_survey.get(survey.key, ()) if name in values])
                for name, measure in survey.measures.items()
            ),
        )
        for survey in journey.surveys.values()
    ]


def _count(measure: Fact, values: list[Any]) -> QuestionCount:
    """The counts of a question. Where one is hidden the others are, too, so that it does not follow from the sum."""
    counts = Counter(_as_text(value) for value in values)
    ordered = dict.fromkeys((*_accepted(measure), *sorted(counts)))
    is_open = all(shown_number(counts[answer]) is not None for answer in ordered)
    return QuestionCount(
        measure.name,
        shown_number(len(values)),
        tuple(
            AnswerCount(
                answer,
                counts[answer] if is_open else None,
                wilson(counts[answer], len(values)) if is_open and values else None,
            )
            for answer in ordered
        ),
    )


def _accepted(measure: Fact) -> Iterable[str]:
    match measure.kind.kind:
        case "boolean":
            return ("true", "false")
        case "integer":
            return ()
        case _:
            return measure.kind.values


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
