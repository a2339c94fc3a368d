"""`journeys questions`: what a journey asks its patients, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from service.cli.files import Files, files_options, refuse
from service.cli.options import format_option
from service.cli.output import Writers

if TYPE_CHECKING:
    from journeys.authoring.questions import QuestionsOverview


@click.command()
@click.argument("journey")
@format_option
@files_options
def questions(journey: str, form: str, files: Files) -> None:
    """Show what is asked in each state and why, what each answer settles, and what is never worth asking.

    A question is worth asking where two answers lead elsewhere, send something else or show other text. Then come the
    questions about held facts, which wait for their telling, and what the longest and the shortest path ask.

    Examples: `journeys questions nsclc`, `journeys questions nsclc --format json`
    """
    from journeys.authoring.lint import CONTENT_RULES
    from journeys.authoring.questions import overview_as_json, overview_as_text, overview_of
    from journeys.engine.machine import make_release
    from journeys.primitives.problems import only_errors

    linted = files.read(files.definition(journey))
    blocking = [problem for problem in only_errors(linted.problems) if problem.rule not in CONTENT_RULES]
    if linted.journey is None or linted.catalogue is None or blocking:
        refuse(linted)
    writers: Writers[QuestionsOverview] = Writers(as_text=overview_as_text, as_json=overview_as_json)
    writers.write(overview_of(make_release(linted.journey), linted.catalogue), form)


COMMANDS = (questions,)
