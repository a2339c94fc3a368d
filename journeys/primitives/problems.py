"""An author's mistake as a value: its position, its level, its rule, and a message that says what is accepted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One mistake in a definition, a piece or a story; `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    level: Level
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.level} {self.rule} {self.message}"

    def as_dict(self) -> dict[str, object]:
        """The problem as plain values, for `--format json`."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "level": self.level,
            "rule": self.rule,
            "message": self.message,
        }


def did_you_mean(word: str, accepted: Iterable[str]) -> str:
    """A hint to add to a message: the nearest accepted word, or all of them where they are few."""
    names = sorted(set(accepted))
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f" Did you mean '{near[0]}'?"
    if not names:
        return " None is declared."
    if len(names) <= 20:
        return " Accepted: " + ", ".join(names) + "."
    return ""


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 problem`, `2 problems`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def only_errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that prevent publication."""
    return [problem for problem in problems if problem.level == "error"]
