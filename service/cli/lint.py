"""`journeys lint`: check definitions and content, FHIR mappings, sources, personas. It touches no database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import rich_click as click

from journeys.primitives.problems import Problem, counted, only_errors
from service.cli.files import Files, files_options
from service.cli.options import format_option
from service.cli.output import Writers, exit_if
from service.cli.progress import problem_line, progress_bar


@dataclass(frozen=True, slots=True)
class LintReport:
    """The problems found in a number of journeys."""

    journeys: int
    problems: list[Problem]


def _summary(report: LintReport) -> Iterator[str]:
    errors = len(only_errors(report.problems))
    counts = f"{counted(errors, 'error')}, {counted(len(report.problems) - errors, 'warning')}"
    yield f"{counted(report.journeys, 'journey')} checked, {counts}"


REPORT: Writers[LintReport] = Writers(
    as_text=lambda report: map(problem_line, report.problems),
    as_json=lambda report: [problem.as_dict() for problem in report.problems],
    notes=_summary,
    indent=1,
)


@click.command()
@click.argument("paths", nargs=-1)
@files_options
@format_option
def lint(paths: tuple[str, ...], files: Files, form: str) -> None:
    """Check definitions, content, FHIR mappings, sources and personas; every problem with file, line and column.

    PATHS are journeys or definition files; all journeys by default.

    Examples: `journeys lint`, `journeys lint nsclc --format json`
    """
    from journeys.authoring.lint import check_topic_names

    definitions = [files.definition(path) for path in paths] or files.journeys()
    if not definitions:
        raise click.UsageError(f"No definitions in {files.definitions}.")
    results = []
    with progress_bar("Checking", len(definitions) + 1) as progress:
        for definition in definitions:
            results.append(files.lint(definition))
            progress(1)
        problems = [problem for linted in results for problem in linted.problems]
        problems += files.lint_personas(results) + files.lint_mappings(results) + files.lint_sources(results)
    problems += files.passed_over()
    problems += check_topic_names(linted.journey for linted in results if linted.journey is not None)
    REPORT.write(LintReport(len(definitions), problems), form)
    exit_if(only_errors(problems))


COMMANDS = (lint,)
