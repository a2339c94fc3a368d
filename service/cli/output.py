"""Printing the result of a command: a pair of writers, text and JSON, is declared beside each kind of result."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import rich_click as click

R = TypeVar("R")

EXIT_PROBLEMS = 1


@dataclass(frozen=True)
class Writers(Generic[R]):
    """The two writers of one kind of result.

    Attributes:
        as_text: returns the lines of text.
        as_json: returns the value that is written as JSON.
        notes: returns lines for the error output, written after the text.
        indent: the indentation of the JSON; None writes it in one line.
        ascii_only: whether the JSON escapes other letters than those of ASCII.
    """

    as_text: Callable[[R], Iterable[str]]
    as_json: Callable[[R], Any]
    notes: Callable[[R], Iterable[str]] | None = None
    indent: int | None = None
    ascii_only: bool = False

    def write(self, result: R, form: str) -> None:
        """Prints a result in the form of the option --format: `text` or `json`."""
        if form == "json":
            click.echo(json.dumps(self.as_json(result), ensure_ascii=self.ascii_only, indent=self.indent))
            return
        write_lines(self.as_text(result))
        if self.notes is not None:
            write_lines(self.notes(result), err=True)


def write_lines(lines: Iterable[object], *, err: bool = False) -> None:
    """Prints lines to the output, or to the error output."""
    for line in lines:
        click.echo(str(line), err=err)


def exit_if(has_problems: object) -> None:
    """Ends the command with exit code 1 where there are problems."""
    if has_problems:
        sys.exit(EXIT_PROBLEMS)
