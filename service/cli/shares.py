"""Counts of people and their shares, as commands about programmes take and write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from journeys.primitives.shares import Share

F = TypeVar("F", bound=Callable[..., Any])
MOST_DAYS = 3660
HIDDEN = "hidden"


def days_option(default: int) -> Callable[[F], F]:
    """The option --days: today, and days before."""
    days = click.IntRange(1, MOST_DAYS)
    return click.option("--days", type=days, default=default, show_default=True, help="Today and days before.")


def number_in_words(number: int | None) -> str:
    """A number; None is hidden, because it or one beside it is under five."""
    return HIDDEN if number is None else str(number)


def share_in_words(share: Share | None) -> str:
    """A share with its interval, in percent."""
    return HIDDEN if share is None else f"{share.share:.0%} ({share.low:.0%} to {share.high:.0%})"


def share_as_json(share: Share | None) -> dict[str, float] | None:
    """A share with its interval, from 0 to 1, with four decimals."""
    return {name: round(number, 4) for name, number in share._asdict().items()} if share is not None else None
