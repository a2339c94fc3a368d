"""`journeys doctor`: everything that has to be right before the service starts, and what to do where not."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import rich_click as click

from journeys.primitives.problems import only_errors
from service.cli.files import Files
from service.cli.operations import say_finding
from service.cli.options import content_option, database_option, definitions_option, format_option
from service.cli.startup import config_file
from service.operations.doctor import examine_all
from service.platform import clock as clocks
from service.platform.configuration import Configuration, Settings, in_words, read_settings
from service.platform.database import DatabaseRefused, Finding


@click.command()
@database_option
@definitions_option
@content_option
@format_option
def doctor(database: str | None, definitions: str, content: str, form: str) -> None:
    """Look at configuration, versions, port, database, disk, clock, worker and files; 1 when something is wrong.

    Prints the configuration as it was understood, without passwords, and of each thing whether it is as it should be
    and what to do where it is not. `journeys db doctor` looks at every row of the database as well.

    Example: `journeys --config journeys.toml doctor`
    """
    settings = read_settings(os.environ, file=config_file(), database=database)
    findings = list(_all(settings, Files(Path(definitions), Path(content))))
    if form == "json":
        rows = [{"check": one.check, "good": one.good, "found": one.found, "advice": one.advice} for one in findings]
        values = in_words(settings) if not settings.problems else ()
        shown = [{"name": name, "value": value, "from": place} for name, value, place in values]
        click.echo(json.dumps({"configuration": shown, "findings": rows}))
    else:
        _say(settings, findings)
    if not all(one.good for one in findings):
        sys.exit(1)


def _all(settings: Settings, files: Files) -> Iterator[Finding]:
    for problem in settings.problems:
        yield Finding("configuration", False, problem, "Nothing starts until it is mended.")
    if not settings.problems:
        yield Finding("configuration", True, "makes sense")
        try:
            yield from examine_all(Configuration(**settings.values), clocks.present)
        except DatabaseRefused as error:
            yield Finding("database", False, str(error), "Run 'make setup' again.")
    yield _files(files)


def _files(files: Files) -> Finding:
    found = files.journeys()
    if not found:
        return Finding("files", True, f"no definitions in {files.definitions}; the releases of the database are served")
    errors = {path.stem: len(only_errors(files.lint(path).problems)) for path in found}
    wrong = ", ".join(f"{count} errors in {name}" for name, count in errors.items() if count)
    return Finding("files", not wrong, wrong or f"{len(found)} definitions without errors", "Run 'journeys lint'.")


def _say(settings: Settings, findings: list[Finding]) -> None:
    if not settings.problems:
        for name, value, place in in_words(settings):
            click.echo(f"     {name} = {value}" + (f"  ({place})" if place != "default" else ""))
    for one in findings:
        say_finding(one)


COMMANDS = (doctor,)
