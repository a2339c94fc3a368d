"""`journeys surveys`: what people answered to the surveys of a journey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.startup import opened

if TYPE_CHECKING:
    from journeys.primitives.shares import Share
    from service.surveys.report import SurveyReport

MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class SurveyResults:
    """The surveys of a journey over some days."""

    journey: str
    days: int
    surveys: Sequence[SurveyReport]


@click.command()
@click.argument("journey")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=90, show_default=True, help="Today and days before.")
@database_option
@format_option
def surveys(journey: str, days: int, database: str | None, form: str) -> None:
    """Show what people answered to the surveys of a journey, by survey and question.

    Each person counts once, with the last answer. Numbers under five are hidden, and what they would follow from.
    Shares have their 95 % interval (Wilson).

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
            yield f"  {question.question}: {_number(question.answered)} answered"
            for answer in question.answers:
                yield f"    {answer.answer}  {_number(answer.number)}{_percent(answer.share)}"
    yield f"{counted(len(results.surveys), 'survey')} of {results.journey} in {counted(results.days, 'day')}."


def _number(number: int | None) -> str:
    return "hidden" if number is None else str(number)


def _percent(share: Share | None) -> str:
    return f"  {share.share:.0%} ({share.low:.0%} to {share.high:.0%})" if share is not None else ""


def _json(results: SurveyResults) -> dict[str, Any]:
    return {"journey": results.journey, "days": results.days, "surveys": [_survey(each) for each in results.surveys]}


def _survey(survey: SurveyReport) -> dict[str, Any]:
    questions = [
        asdict(question) | {"answers": [asdict(each) | {"share": _interval(each.share)} for each in question.answers]}
        for question in survey.questions
    ]
    return asdict(survey) | {"questions": questions}


def _interval(share: Share | None) -> dict[str, float] | None:
    return {name: round(number, 4) for name, number in share._asdict().items()} if share is not None else None


SURVEYS: Writers[SurveyResults] = Writers(_lines, _json)
COMMANDS = (surveys,)
