"""The shapes of a checked template: frozen values with no behaviour beyond being walked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from journeys.conditions import Compiled

Form = Literal["plain", "date", "label"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Words:
    """Text as the author wrote it."""

    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """A fact's value, or the item of the loop called `name` over that fact, in a form."""

    name: str
    fact: str
    form: Form
    is_item: bool
    place: Place

    @property
    def placeholder(self) -> str:
        """How a rendering shows it: `⟨last_scan_on⟩`."""
        return f"⟨{self.name}⟩"


@dataclass(frozen=True, slots=True)
class Arm:
    """What is shown when a condition is true."""

    condition: Compiled
    body: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Branch:
    """The first arm whose condition is true; an unknown condition takes none, not even `otherwise`."""

    arms: tuple[Arm, ...]
    otherwise: tuple[Node, ...] | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """The body once for each item of a set fact, in the order in which its `values` are declared."""

    name: str
    fact: str
    values: tuple[str, ...]
    body: tuple[Node, ...]
    place: Place


Node = Words | Value | Branch | Repeat


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template, its partials inside.

    `when` is true wherever it is shown; `leaves` are, by track, the leaf states (full paths) it may be shown in.
    """

    body: tuple[Node, ...]
    when: Compiled | None = None
    leaves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_constant(self) -> bool:
        """Whether it reads the same for everybody."""
        return all(isinstance(node, Words) for node in self.body)


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes and everything inside them, in document order."""
    for node in nodes:
        yield node
        match node:
            case Branch(arms, otherwise):
                for arm in arms:
                    yield from walk(arm.body)
                yield from walk(otherwise or ())
            case Repeat():
                yield from walk(node.body)
            case _:
                pass
