"""`journeys doctor`: check the conditions under which the service can start, with advice for each problem."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted, only_errors
from service.cli.files import Files, files_options
from service.cli.findings import finding_in_words
from service.cli.options import database_option, format_option
from service.cli.output import Writers, exit_if
from service.cli.startup import config_file
from service.platform.clock import present

if TYPE_CHECKING:
    from service.platform.configuration import Settings
    from service.platform.database import Finding


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """The settings, and the findings about everything that the service needs."""

    settings: Settings
    findings: list[Finding]

    @property
    def values(self) -> list[tuple[str, str, str]]:
        """Each setting: its name, its value without passwords, and its source. None where settings are invalid."""
        from service.platform.configuration import in_words

        return [] if self.settings.problems else list(in_words(self.settings))


@click.command()
@database_option
@files_options
@format_option
def doctor(database: str | None, files: Files, form: str) -> None:
    """Check configuration, names, database, accounts, disk, clock, worker and files; 1 when something is wrong.

    Prints the effective configuration without passwords, and the result of each check with advice for each problem.
    `journeys db doctor` checks every row of the database as well.

    Example: `journeys --config journeys.toml doctor`
    """
    from service.platform.configuration import read_settings

    settings = read_settings(os.environ, file=config_file(), database=database)
    report = DoctorReport(settings, list(_check_all(settings, files)))
    REPORT.write(report, form)
    exit_if(not all(finding.is_good or finding.is_warning for finding in report.findings))


def _check_all(settings: Settings, files: Files) -> Iterator[Finding]:
    from service.operations.doctor import examine_all
    from service.platform.configuration import Configuration
    from service.platform.database import DatabaseRefused, Finding

    for problem in settings.problems:
        yield Finding("configuration", False, problem, "Correct it; the service does not start until then.")
    if not settings.problems:
        yield Finding("configuration", True, "valid")
        try:
            yield from examine_all(Configuration(**settings.values), present)
        except DatabaseRefused as error:
            yield Finding("database", False, str(error), "Run 'make setup' again.")
    yield _check_files(files)


def _check_files(files: Files) -> Finding:
    from service.platform.database import Finding

    definitions = files.journeys()
    if not definitions:
        return Finding("files", True, f"no definitions in {files.definitions}; the releases of the database are served")
    errors = {path.stem: len(only_errors(files.lint(path).problems)) for path in definitions}
    summary = ", ".join(f"{counted(count, 'error')} in {name}" for name, count in errors.items() if count)
    result = summary or f"{counted(len(definitions), 'definition')} without errors"
    return Finding("files", not summary, result, "Run 'journeys lint'.")


def _lines(report: DoctorReport) -> Iterator[str]:
    for name, value, source in report.values:
        yield f"     {name} = {value}" + (f"  ({source})" if source != "default" else "")
    yield from map(finding_in_words, report.findings)


def _as_json(report: DoctorReport) -> dict[str, Any]:
    return {
        "configuration": [{"name": name, "value": value, "from": source} for name, value, source in report.values],
        "findings": [
            {
                "check": finding.check,
                "good": finding.is_good,
                "warning": finding.is_warning,
                "found": finding.result,
                "advice": finding.advice,
            }
            for finding in report.findings
        ],
    }


REPORT: Writers[DoctorReport] = Writers(as_text=_lines, as_json=_as_json, ascii_only=True)


COMMANDS = (doctor,)
