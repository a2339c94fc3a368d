"""The nodes of a tree: texts, lists, and keys with values, each with its position."""

from __future__ import annotations

from dataclasses import dataclass

from journeys.definition.model import Mark


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. `plain`: it was written without quotes; `comment` is the text behind ` #` on its line."""

    text: str
    mark: Mark
    plain: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys in document order, each with its own mark."""

    entries: tuple[tuple[Scalar, Node], ...]
    mark: Mark

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        return next((value for name, value in self.entries if name.text == key), None)


Node = Scalar | Sequence | MappingNode
