"""Differences between stored states and their logs, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journeys.engine import Difference


def difference_lines(differences: list[Difference]) -> Iterator[str]:
    """A line for each difference."""
    for difference in differences:
        if difference.part == "time":
            yield f"{difference.enrollment}  the state lies in the future; run 'journeys verify --repair'"
        else:
            yield f"{difference.enrollment}  the stored {difference.part} differs from the fold of the log"


def number_of_differences(differences: list[Difference]) -> Iterator[str]:
    """One line with their number."""
    yield f"{len(differences)} differences"
