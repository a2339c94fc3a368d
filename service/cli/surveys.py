"""`journeys surveys`: what people answered to the surveys of a journey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.shares import days_option, number_in_words, share_as_json, share_in_words
from service.cli.startup import opened

if TYPE_CHECKING:
    from service.surveys.report import AnswerCount, SurveyReport


@dataclass(frozen=True, slots=True)
class SurveyResults:
    """The surveys of a journey over some days."""

    journey: str
    days: int
    surveys: Sequence[SurveyReport]


@click.command()
@click.argument("journey")
@days_option(90)
@database_option
@format_option
def surveys(journey: str, days: int, database: str | None, form: str) -> None:
    """Show what people answered to the surveys of a journey, by survey and question.

    Each person counts once, with the last answer. Numbers under five are hidden, and so are those from which they
    could be worked out. Shares have their 95 % interval (Wilson).

    Example: `journeys surveys nsclc --days 30`
    """
    from service.surveys.report import report_surveys

    with opened(database) as service:
        reports = report_surveys(service, journey, days)
    SURVEYS.write(SurveyResults(journey, days, reports), form)


def _lines(results: SurveyResults) -> Iterator[str]:
    for survey in results.surveys:
        yield f"{survey.survey} · {survey.title}"
        for question in survey.questions:
            yield f"  {question.question}: {number_in_words(question.answered)} answered"
            for answer in question.answers:
                share = f"  {share_in_words(answer.share)}" if answer.share is not None else ""
                yield f"    {answer.answer}  {number_in_words(answer.number)}{share}"
    yield f"{counted(len(results.surveys), 'survey')} of {results.journey} in {counted(results.days, 'day')}."


def _json(results: SurveyResults) -> dict[str, Any]:
    return {"journey": results.journey, "days": results.days, "surveys": [_survey(each) for each in results.surveys]}


def _survey(survey: SurveyReport) -> dict[str, Any]:
    questions = [
        asdict(question)
        | {"answers": [asdict(each) | {"share": share_as_json(each.share)} for each in question.answers]}
        for question in survey.questions
    ]
    return asdict(survey) | {"questions": questions}


def _answer(answer: AnswerCount) -> dict[str, Any]:
    return asdict(answer) | {"share": share_as_json(answer.share)}


SURVEYS: Writers[SurveyResults] = Writers(_lines, _json)
COMMANDS = (surveys,)
