"""Pages of long lists, cut the same way for every list. It reads no database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Mapped = TypeVar("Mapped")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a list, and the cursor of the next page (None: this is the last page)."""

    items: Sequence[Item]
    next: str | None

    def map(self, function: Callable[[Item], Mapped]) -> Page[Mapped]:
        """The same page of other items."""
        return Page([function(item) for item in self.items], self.next)


def cut_page(items: Sequence[Item], count: int, cursor_of: Callable[[Item], str]) -> Page[Item]:
    """The first `count` items as a page; the list must hold one item more where a next page exists."""
    return Page(items[:count], cursor_of(items[count - 1]) if len(items) > count else None)
