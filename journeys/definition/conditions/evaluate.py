"""Conditions compiled to closures over a world; true, false, or None for unknown (Kleene)."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from journeys.definition.conditions.nodes import (
    And,
    Const,
    DateCompare,
    DaysInState,
    DaysSince,
    Flag,
    Has,
    InState,
    Is,
    Known,
    Named,
    Node,
    Not,
    NumberCompare,
    Or,
    Visits,
    facts_read,
)
from journeys.definition.facts import DECLINED, FactType

Truth = bool | None
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
    "==": operators.eq,
    "!=": operators.ne,
}


@dataclass(slots=True)
class World:
    """The input of conditions: told values, open states and visits by full path, the instant, the stay's beginning."""

    values: Mapping[str, Any]
    places: Set[str]
    visits: Mapping[str, int]
    now: datetime
    since: datetime | None = None


NO_WORLD = World({}, frozenset(), {}, datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition ready to evaluate. `missing` returns the facts it would need when `ask` returns None."""

    text: str
    node: Node
    ask: Callable[[World], Truth]
    facts: frozenset[str]
    kinds: Mapping[str, FactType] = field(repr=False)
    #: The facts still unknown, declined, or too coarse, as far as they can matter.
    missing: Callable[[World], frozenset[str]] = field(repr=False)


def compile_condition(text: str, node: Node, kinds: Mapping[str, FactType]) -> Compiled:
    """The condition as closures; `kinds` are the journey's fact types."""
    return Compiled(text, node, _compile(node, kinds), facts_read(node), kinds, _compile_missing(node, kinds))


def _compile(node: Node, kinds: Mapping[str, FactType]) -> Callable[[World], Truth]:
    match node:
        case Const(truth):
            return lambda _: truth
        case Flag(fact):
            return lambda world: _is_known(world, fact)
        case Is(fact, values):
            return _compile_is(fact, frozenset(values), kinds[fact])
        case Has(fact, value):
            return _on_told(fact, lambda current: value in current)
        case NumberCompare(fact, operator, number):
            compare = _COMPARE[operator]
            return _on_told(fact, lambda current: compare(current, number))
        case DateCompare(fact, operator, day):
            compare = _COMPARE[operator]
            return _on_told(fact, lambda current: compare(current, day))
        case DaysSince(fact, operator, number):
            return _compile_days_since(fact, _COMPARE[operator], number)
        case DaysInState(operator, number):
            return _compile_days_in_state(_COMPARE[operator], number)
        case Visits(path, operator, number):
            compare = _COMPARE[operator]
            return lambda world: compare(world.visits.get(path, 0), number)
        case InState(path):
            return lambda world: path in world.places
        case Known(fact):
            return lambda world: world.values.get(fact, DECLINED) is not DECLINED
        case Named(_, inner):
            return _compile(inner, kinds)
        case Not(part):
            return _compile_not(_compile(part, kinds))
        case And(parts):
            return _compile_many([_compile(part, kinds) for part in parts], False)
        case Or(parts):
            return _compile_many([_compile(part, kinds) for part in parts], True)


def _is_known(world: World, fact: str) -> Truth:
    value = world.values.get(fact)
    return value if isinstance(value, bool) else None


def _on_told(fact: str, test: Callable[[Any], bool]) -> Callable[[World], Truth]:
    def ask(world: World) -> Truth:
        value = world.values.get(fact)
        return None if value is None or value is DECLINED else test(value)

    return ask


def _compile_is(fact: str, values: frozenset[str], kind: FactType) -> Callable[[World], Truth]:
    answers: dict[str, Truth] = {}
    for value in kind.values:
        if kind.ancestors[value] & values:
            answers[value] = True
        else:
            coarser = any(value in kind.ancestors[value_asked] for value_asked in values)
            answers[value] = None if coarser else False

    def ask(world: World) -> Truth:
        return answers.get(world.values.get(fact))  # type: ignore[arg-type]

    return ask


def _compile_days_since(fact: str, compare: Callable[[Any, Any], bool], number: int) -> Callable[[World], Truth]:
    def ask(world: World) -> Truth:
        value = world.values.get(fact)
        if value is None or value is DECLINED:
            return None
        return compare(days_between(value, world.now), number)

    return ask


def days_between(day: str, now: datetime) -> int:
    """Whole days from a day's midnight (UTC) to an instant, rounded down."""
    return now.toordinal() - date.fromisoformat(day).toordinal()


def _compile_days_in_state(compare: Callable[[Any, Any], bool], number: int) -> Callable[[World], Truth]:
    def ask(world: World) -> Truth:
        if world.since is None:
            return False
        return compare((world.now - world.since).days, number)

    return ask


def _compile_not(part: Callable[[World], Truth]) -> Callable[[World], Truth]:
    def ask(world: World) -> Truth:
        truth = part(world)
        return None if truth is None else not truth

    return ask


def _compile_many(parts: list[Callable[[World], Truth]], decisive: bool) -> Callable[[World], Truth]:
    def ask(world: World) -> Truth:
        unknown = False
        for part in parts:
            truth = part(world)
            if truth is decisive:
                return decisive
            unknown = unknown or truth is None
        return None if unknown else not decisive

    return ask


def _compile_missing(node: Node, kinds: Mapping[str, FactType]) -> Callable[[World], frozenset[str]]:
    match node:
        case Not(part) | Named(_, part):
            return _compile_missing(part, kinds)
        case And(parts) | Or(parts):
            return _compile_missing_of_many(_compile(node, kinds), [_compile_missing(part, kinds) for part in parts])
        case _:
            ask, facts = _compile(node, kinds), facts_read(node)
            return lambda world: facts if ask(world) is None else frozenset()


def _compile_missing_of_many(
    ask: Callable[[World], Truth], parts: list[Callable[[World], frozenset[str]]]
) -> Callable[[World], frozenset[str]]:
    def missing(world: World) -> frozenset[str]:
        if ask(world) is not None:
            return frozenset()
        return frozenset().union(*(part(world) for part in parts))

    return missing
