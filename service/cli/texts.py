"""The files of a journey that hold its texts: reading them for a command, and writing all of them or none."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import rich_click as click

from journeys.primitives.problems import Problem, counted
from service.cli.files import Files
from service.cli.output import EXIT_PROBLEMS

if TYPE_CHECKING:
    from journeys.authoring.translation import JourneyFiles


def read_texts(files: Files, journey: str) -> JourneyFiles:
    """The texts of a journey; a journey whose texts cannot be found ends the command.

    Raises:
        click.UsageError: the journey is unknown.
    """
    from journeys.authoring.translation import read_journey_files

    texts, problems = read_journey_files(files.definition(journey), files.content)
    if texts is None:
        refuse_problems(problems)
    return texts


def refuse_problems(problems: Iterable[Problem]) -> NoReturn:
    """Prints the problems that keep a command from beginning, and ends it."""
    listed = list(problems)
    for problem in listed:
        click.echo(str(problem), err=True)
    click.echo(f"{counted(len(listed), 'problem')}; nothing was written.", err=True)
    sys.exit(EXIT_PROBLEMS)


def write_files(files: Mapping[str, bytes | None]) -> None:
    """Writes all files or none: each is written beside its target first, and takes its place when all are there.

    A file without bytes is removed, after all others are in their places.

    Raises:
        click.ClickException: a file cannot be written; those before it are as they were.
    """
    written: dict[Path, Path] = {}
    before: dict[Path, bytes | None] = {}
    try:
        for name, data in files.items():
            path = Path(name)
            if data is None:
                continue
            written[path] = path.with_name(f".{path.name}.new")
            written[path].write_bytes(data)
            if path.exists():
                written[path].chmod(path.stat().st_mode)
        for path, new in written.items():
            before[path] = path.read_bytes() if path.exists() else None
            new.replace(path)
        for path in (Path(name) for name, data in files.items() if data is None):
            before[path] = path.read_bytes()
            path.unlink()
    except OSError as error:
        for path, data_before in before.items():
            if data_before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(data_before)
        message = f"{error.filename}: {os.strerror(error.errno or 0)}; nothing was written."
        raise click.ClickException(message) from None
    finally:
        for new in written.values():
            new.unlink(missing_ok=True)
