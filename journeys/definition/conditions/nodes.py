"""The shapes of a checked condition: frozen values with no behaviour beyond being walked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Operator = Literal["<", "<=", ">", ">=", "==", "!="]


@dataclass(frozen=True, slots=True)
class Const:
    """Always true, or always false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean fact by itself."""

    fact: str


@dataclass(frozen=True, slots=True)
class Is:
    """A choice fact has one of the values, or a finer one beneath it."""

    fact: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """A set fact contains a value."""

    fact: str
    value: str


@dataclass(frozen=True, slots=True)
class NumberCompare:
    """An integer fact against a whole number."""

    fact: str
    operator: Operator
    number: int


@dataclass(frozen=True, slots=True)
class DateCompare:
    """A date fact against a date (text, which sorts like the date)."""

    fact: str
    operator: Operator
    day: str


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Whole days from a date fact's midnight (UTC) to now, against a whole number."""

    fact: str
    operator: Operator
    number: int


@dataclass(frozen=True, slots=True)
class DaysInState:
    """Whole days since the stay of the declaring state began, against a whole number."""

    operator: Operator
    number: int


@dataclass(frozen=True, slots=True)
class Visits:
    """How often a state was entered, against a whole number; the path begins with its track."""

    path: str
    operator: Operator
    number: int


@dataclass(frozen=True, slots=True)
class InState:
    """The track is in that state or inside it; the path begins with its track."""

    path: str


@dataclass(frozen=True, slots=True)
class Known:
    """A fact was told, and not declined. Never unknown."""

    fact: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """All parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A condition of the journey, used by its name."""

    name: str
    node: Node


Compare = NumberCompare | DateCompare | DaysSince | DaysInState | Visits
Node = (
    Const
    | Flag
    | Is
    | Has
    | NumberCompare
    | DateCompare
    | DaysSince
    | DaysInState
    | Visits
    | InState
    | Known
    | Not
    | And
    | Or
    | Named
)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it, outermost first, named conditions included."""
    yield node
    for part in inner_parts(node):
        yield from walk(part)


def inner_parts(node: Node) -> tuple[Node, ...]:
    """The conditions directly inside a condition, including the definition of a named condition."""
    match node:
        case Not(part) | Named(_, part):
            return (part,)
        case And(parts) | Or(parts):
            return parts
        case _:
            return ()


def facts_read(node: Node) -> frozenset[str]:
    """The names of all facts the condition reads."""
    return frozenset(
        part.fact
        for part in walk(node)
        if isinstance(part, Flag | Is | Has | NumberCompare | DateCompare | DaysSince | Known)
    )


def known_when(node: Node, truth: bool) -> frozenset[str]:
    """The facts that are known for certain whenever the condition has that truth value."""
    match node:
        case Flag(fact) | Is(fact, _) | Has(fact, _):
            return frozenset({fact})
        case NumberCompare(fact, _, _) | DateCompare(fact, _, _) | DaysSince(fact, _, _):
            return frozenset({fact})
        case Known(fact):
            return frozenset({fact}) if truth else frozenset()
        case Not(part):
            return known_when(part, not truth)
        case Named(_, inner):
            return known_when(inner, truth)
        case And(parts) | Or(parts):
            each = [known_when(part, truth) for part in parts]
            everything = isinstance(node, And) == truth
            return frozenset().union(*each) if everything else each[0].intersection(*each[1:])
        case _:
            return frozenset()
