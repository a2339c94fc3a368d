"""`journeys registrations`: where people leave the forms on which they join."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.shares import days_option, number_in_words, share_as_json, share_in_words
from service.cli.startup import opened_process

if TYPE_CHECKING:
    from service.registration.report import FormReport


@dataclass(frozen=True, slots=True)
class RegistrationReport:
    """The forms of a journey over some days."""

    journey: str
    days: int
    forms: Sequence[FormReport]


@click.command()
@click.argument("journey")
@days_option(30)
@database_option
@format_option
def registrations(journey: str, days: int, database: str | None, form: str) -> None:
    """Show where people leave the forms on which they join a journey, by form, style, language and question.

    Numbers under five are hidden, and so are those from which they could be worked out. Shares have their 95 %
    interval (Wilson).

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
            table.append([each.question, *map(number_in_words, numbers), share_in_words(each.leaving)])
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for row in table:
            yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        finished, begun = number_in_words(form.finished), number_in_words(form.begun)
        yield f"  {finished} of {begun} finished: {share_in_words(form.finishing)}"
    yield f"{counted(len(report.forms), 'form')} of {report.journey} in {counted(report.days, 'day')}."


def _json(report: RegistrationReport) -> dict[str, Any]:
    return {"journey": report.journey, "days": report.days, "forms": [_form(form) for form in report.forms]}


def _form(form: FormReport) -> dict[str, Any]:
    questions = [asdict(each) | {"leaving": share_as_json(each.leaving)} for each in form.questions]
    return asdict(form) | {"finishing": share_as_json(form.finishing), "questions": questions}


REGISTRATIONS: Writers[RegistrationReport] = Writers(_lines, _json)
COMMANDS = (registrations,)
