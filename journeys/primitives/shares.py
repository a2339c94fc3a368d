"""Numbers of people as they may be shown: no number under five, and shares with their interval. Pure."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

#: A cell under this number is hidden.
LEAST = 5
_LEVEL = NormalDist().inv_cdf(0.975)


class Share(NamedTuple):
    """A share with its 95 % interval, each from 0 to 1."""

    share: float
    low: float
    high: float


def wilson(part: int, whole: int) -> Share:
    """A share with Wilson's interval at 95 % (Wilson 1927, JASA 22:209); `whole` is at least 1."""
    share, square = part / whole, _LEVEL**2
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = _LEVEL * math.sqrt(share * (1 - share) / whole + square / (4 * whole**2)) / (1 + square / whole)
    return Share(share, middle - half if part else 0.0, middle + half if part < whole else 1.0)


def shown_number(number: int) -> int | None:
    """A number that may be shown: none of people, or enough; None if it is hidden."""
    return number if number == 0 or number >= LEAST else None


def shown_share(part: int, whole: int) -> Share | None:
    """A share whose two parts may be shown, else None."""
    is_hidden = whole < LEAST or 0 < part < LEAST or 0 < whole - part < LEAST
    return None if is_hidden else wilson(part, whole)
