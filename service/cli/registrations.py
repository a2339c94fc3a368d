"""`journeys registrations`: where people leave the forms on which they join."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.startup import opened_process

if TYPE_CHECKING:
    from journeys.primitives.shares import Share
    from service.registration.report import FormReport

MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class RegistrationReport:
    """The forms of a journey over some days."""

    journey: str
    days: int
    forms: Sequence[FormReport]


@click.command()
@click.argument("journey")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=30, show_default=True, help="Today and days before.")
@database_option
@format_option
def registrations(journey: str, days: int, database: str | None, form: str) -> None:
    """Show where people leave the forms on which they join a journey, by form, style, language and question.

    Numbers under five are hidden, and what they would follow from. Shares have their 95 % interval (Wilson).

    Example: `journeys registrations nsclc --days 7`
    """
    from service.registration.report import report_registrations

    with opened_process(database) as process:
        forms = report_registrations(process, journey, days)
    REGISTRATIONS.write(RegistrationReport(journey, days, forms), form)


def _lines(report: RegistrationReport) -> Iterator[str]:
    for form in report.forms:
        yield f"{form.programme} · {form.style} · {form.locale} · form {form.form}"
        table = [["question", "shown", "answered", "declined", "back", "error", "left", "leaving"]]
        for each in form.questions:
            numbers = (each.shown, each.answered, each.declined, each.back, each.error, each.left)
            table.append([each.question, *map(_number, numbers), _percent(each.leaving)])
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for row in table:
            yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        yield f"  {_number(form.finished)} of {_number(form.begun)} finished: {_percent(form.finishing)}"
    yield f"{counted(len(report.forms), 'form')} of {report.journey} in {counted(report.days, 'day')}."


def _number(number: int | None) -> str:
    return "<5" if number is None else str(number)


def _percent(share: Share | None) -> str:
    if share is None:
        return "hidden"
    return f"{share.share:.0%} ({share.low:.0%} to {share.high:.0%})"


def _json(report: RegistrationReport) -> dict[str, Any]:
    return {"journey": report.journey, "days": report.days, "forms": [_form(form) for form in report.forms]}


def _form(form: FormReport) -> dict[str, Any]:
    questions = [asdict(each) | {"leaving": _interval(each.leaving)} for each in form.questions]
    return asdict(form) | {"finishing": _interval(form.finishing), "questions": questions}


def _interval(share: Share | None) -> dict[str, float] | None:
    return {name: round(number, 4) for name, number in share._asdict().items()} if share is not None else None


REGISTRATIONS: Writers[RegistrationReport] = Writers(_lines, _json)
COMMANDS = (registrations,)
