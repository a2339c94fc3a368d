"""What a terminal shows while a command works, and the colours of problems; a pipe gets neither."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import rich_click as click

from journeys.primitives.problems import Problem

_COLORS = {"error": "red", "warning": "yellow"}


@contextmanager
def progress_bar(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on the error output where that is a terminal; it disappears at the end. NO_COLOR is honoured.

    Without `total`, which is how many steps there are, it shows the time. The function that it yields takes the number
    of steps done since the last call.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    count = [MofNCompleteColumn()] if total is not None else []
    columns = (TextColumn("{task.description}"), BarColumn(), *count, TimeElapsedColumn())
    # What the command prints meanwhile goes above the bar, unless it goes elsewhere.
    is_shared = sys.stdout.isatty()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=is_shared) as bar:
        task = bar.add_task(label, total=total)
        yield lambda more: bar.advance(task, more)


def problem_line(problem: Problem) -> str:
    """A problem as a line, its level in colour; where the output is not a terminal, `click.echo` takes that out."""
    line = str(problem)
    if os.environ.get("NO_COLOR"):
        return line
    place, level, rest = line.partition(f" {problem.level} ")
    colored = click.style(problem.level, fg=_COLORS.get(problem.level), bold=True)
    return f"{place} {colored} {rest}" if level else line
