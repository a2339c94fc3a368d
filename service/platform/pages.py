"""Pages of long lists, the same for every list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, and where the next ones begin (None: there are no more)."""

    items: Sequence[Mapping[str, Any]]
    next: str | None
