"""Measures a row: ours and the limit in turns after a warm-up, the median of several rounds, and the table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

ROUNDS = 5

Run = Callable[[int], float]
#: Runs one round (by its number; 0 is the warm-up) and returns the measurement in the unit of the row.


@dataclass(frozen=True, slots=True)
class Figure:
    """The values of several measurements."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table; `score` must be at least `reach`, or at most `reach` if `at_most` is set."""

    row: str
    case: str
    unit: str
    ours: float
    limit: float | None
    score: float
    reach: float
    aim: float | None = None
    at_most: bool = False
    note: str = ""
    rounds: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def is_reached(self) -> bool:
        return self.score <= self.reach if self.at_most else self.score >= self.reach


@dataclass(frozen=True, slots=True)
class Bench:
    """One run: the folder of its files, and whether it only checks that every row runs."""

    folder: Path
    smoke: bool = False

    @property
    def rounds(self) -> int:
        return 1 if self.smoke else ROUNDS

    def count(self, full: int, smoke: int) -> int:
        return smoke if self.smoke else full


def by_turns(bench: Bench, runs: Mapping[str, Run]) -> dict[str, Figure]:
    """Run everything once to warm up, then in turns, reversing the order each time; a smoke run needs no warm-up."""
    for run in runs.values() if not bench.smoke else ():
        run(0)
    values_by_name: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(1, bench.rounds + 1):
        names = list(runs)
        for name in names if number % 2 else reversed(names):
            values_by_name[name].append(runs[name](number))
    return {name: Figure(tuple(values)) for name, values in values_by_name.items()}


def rate(count: int, work: Callable[[], object]) -> float:
    """Return the rate per second of `work`, which does `count` operations."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def against(
    row: str,
    case: str,
    unit: str,
    figures: Mapping[str, Figure],
    *,
    reach: float,
    aim: float | None = None,
    note: str = "",
) -> Line:
    """Return the line of two rates, `ours` over `limit`: the score is the median of the ratios of the rounds."""
    ours, limit = figures["ours"], figures["limit"]
    ratios = [rate_ours / rate_limit for rate_ours, rate_limit in zip(ours.values, limit.values, strict=True)]
    return Line(
        row=row,
        case=case,
        unit=unit,
        ours=ours.median,
        limit=limit.median,
        score=statistics.median(ratios),
        reach=reach,
        aim=aim,
        note=note,
        rounds={name: figure.values for name, figure in figures.items()},
    )


def cost_against(
    row: str, case: str, unit: str, figures: Mapping[str, Figure], *, at_most: float, note: str = ""
) -> Line:
    """Return the line of two costs, `ours` over `limit`: the score is the median of the ratios of the rounds."""
    line = against(row, case, unit, figures, reach=at_most, note=note)
    return replace(line, at_most=True)


def as_json(line: Line) -> dict[str, Any]:
    return asdict(line) | {"is_reached": line.is_reached}


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a Markdown table."""
    rows = [("row", "case", "unit", "ours", "limit", "ratio", "reach", "aim", "")]
    rows += [
        (
            line.row,
            line.case,
            line.unit,
            _number(line.ours),
            _number(line.limit) if line.limit is not None else "",
            f"{line.score:.2f}" if line.limit is not None else _number(line.score),
            f"{'≤' if line.at_most else '≥'} {line.reach:g}",
            f"{line.aim:g}" if line.aim is not None else "",
            "reached" if line.is_reached else "MISSED",
        )
        for line in lines
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    texts.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    notes = [f"{line.row}, {line.case}: {line.note}" for line in lines if line.note]
    return "\n".join([*texts, *(["", *notes] if notes else [])])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
