"""Divides the values that conditions read into cells: every combination of values that the conditions distinguish."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from journeys.definition.conditions.evaluate import World
from journeys.definition.conditions.nodes import (
    DateCompare,
    DaysInState,
    DaysSince,
    Flag,
    Has,
    InState,
    Is,
    Known,
    Node,
    NumberCompare,
    Visits,
    walk,
)
from journeys.definition.facts import FactType
from journeys.primitives.canonical import parse_day
from journeys.primitives.state_path import chain_of

MAX_CELLS = 20_000
_NOW = datetime(2100, 1, 1, tzinfo=UTC)
_STEPS = range(-2, 3)

_Choice = tuple[str, str, Any]


class TooManyCells(Exception):
    """The conditions distinguish more combinations than can be enumerated; fewer facts must meet in one condition."""


@dataclass(slots=True)
class _Cuts:
    """The constants with which the conditions compare one fact."""

    asks_known: bool = False
    choices: set[tuple[str, ...]] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    ages: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Questions:
    """The facts, states and visits that some conditions read."""

    facts: dict[str, _Cuts] = field(default_factory=dict)
    visits: dict[str, set[int]] = field(default_factory=dict)
    stay: set[int] = field(default_factory=set)
    places: set[str] = field(default_factory=set)

    def add(self, node: Node) -> None:
        match node:
            case InState(path):
                self.places.add(path)
            case Visits(path, _, number):
                self.visits.setdefault(path, set()).add(number)
            case DaysInState(_, number):
                self.stay.add(number)
            case Flag() | Is() | Has() | NumberCompare() | DateCompare() | DaysSince() | Known():
                _cut(self.facts.setdefault(node.fact, _Cuts()), node)
            case _:
                pass


def cells_of(
    conditions: Iterable[Node],
    kinds: Mapping[str, FactType],
    leaves: Mapping[str, Sequence[str]],
    *,
    unknown: bool = False,
) -> Iterator[World]:
    """One world for each cell of the conditions.

    Args:
        conditions: the conditions that meet.
        kinds: the fact types of the journey.
        leaves: for each track, the full paths of the leaf states it may be in.
        unknown: whether every fact may also be unknown (else only those asked with `is known`).

    Raises:
        TooManyCells: when there are more than `MAX_CELLS`; raised before the first world is made.
    """
    questions = _Questions()
    for node in itertools.chain.from_iterable(walk(condition) for condition in conditions):
        questions.add(node)
    instants = _instants(questions.facts.values())
    timeless = list(_timeless_axes(questions, leaves))
    by_instant = [(now, [*_fact_axes(questions, kinds, unknown, now), *timeless]) for now in instants]
    if any(math.prod(map(len, axes)) * len(instants) > MAX_CELLS for _, axes in by_instant):
        raise TooManyCells(f"more than {MAX_CELLS} combinations")
    return (_world(combination, now) for now, axes in by_instant for combination in itertools.product(*axes))


def _fact_axes(
    questions: _Questions, kinds: Mapping[str, FactType], unknown: bool, now: datetime
) -> Iterator[list[_Choice]]:
    """For each fact that is read, the values that the conditions distinguish at an instant."""
    for name, cuts in sorted(questions.facts.items()):
        values = list(_fact_values(cuts, kinds[name], now))
        if cuts.asks_known or unknown:
            values.append(None)
        yield [("fact", name, value) for value in values]


def _timeless_axes(questions: _Questions, leaves: Mapping[str, Sequence[str]]) -> Iterator[list[_Choice]]:
    """For each visit, track and stay that is read, the values that the conditions distinguish at every instant."""
    for path, numbers in sorted(questions.visits.items()):
        yield [("visits", path, count) for count in _around(numbers, 0, None)]
    for track, at_leaves in leaves.items():
        if at_leaves:
            yield [("place", track, at) for at in _places(questions.places, at_leaves)]
    if questions.stay:
        yield [("stay", "", days) for days in _around(questions.stay, 0, None)]


def _instants(facts: Iterable[_Cuts]) -> list[datetime]:
    """One instant, or several where conditions read both a date and the days since it: the pairs depend on the time."""
    instants = {_NOW}
    for cuts in facts:
        if cuts.days and cuts.ages:
            ends = [_day_after(parse_day(day), age + step) for day in cuts.days for age in cuts.ages for step in _STEPS]
            instants |= {datetime(day.year, day.month, day.day, tzinfo=UTC) for day in ends}
            if len(instants) > MAX_CELLS:
                raise TooManyCells(f"more than {MAX_CELLS} combinations")
    return sorted(instants)


def _day_after(day: date, days: int) -> date:
    """The day that many days later, or the calendar's first or last."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def _cut(cuts: _Cuts, node: Flag | Is | Has | NumberCompare | DateCompare | DaysSince | Known) -> None:
    match node:
        case Known():
            cuts.asks_known = True
        case Is(_, values):
            cuts.choices.add(values)
        case Has(_, value):
            cuts.members.add(value)
        case NumberCompare(_, _, number):
            cuts.numbers.add(number)
        case DateCompare(_, _, day):
            cuts.days.add(day)
        case DaysSince(_, _, number):
            cuts.ages.add(number)
        case Flag():
            pass


def _fact_values(cuts: _Cuts, kind: FactType, now: datetime) -> Iterator[Any]:
    match kind.kind:
        case "boolean":
            yield from (True, False)
        case "choice":
            seen: set[tuple[bool, ...]] = set()
            for leaf in kind.leaves:
                signature = tuple(bool(kind.ancestors[leaf] & set(tests)) for tests in sorted(cuts.choices))
                if signature not in seen:
                    seen.add(signature)
                    yield leaf
        case "set":
            members = sorted(cuts.members)
            if 2 ** len(members) > MAX_CELLS:
                raise TooManyCells(f"more than {MAX_CELLS} combinations")
            for size in range(len(members) + 1):
                yield from (list(chosen) for chosen in itertools.combinations(members, size))
        case "integer":
            yield from _around(cuts.numbers, kind.minimum, kind.maximum)
        case "date":
            days = {_day_after(now.date(), -age) for age in _around(cuts.ages, None, None)}
            for day in cuts.days:
                days |= {_day_after(parse_day(day), step) for step in (-1, 0, 1)}
            yield from sorted(day.isoformat() for day in days)
        case _:
            yield "text"


def _around(numbers: set[int], minimum: int | None, maximum: int | None) -> list[int]:
    """The numbers and their neighbors, inside the bounds; at least one number."""
    near = {number + step for number in numbers for step in (-1, 0, 1)} or {minimum or 0}
    low = [number for number in near if minimum is not None and number < minimum]
    high = [number for number in near if maximum is not None and number > maximum]
    inside = near - set(low) - set(high)
    return sorted(inside or {minimum or 0})


def _places(states: set[str], leaves: Sequence[str]) -> list[frozenset[str]]:
    """The sets of open states that the conditions distinguish, one for each group of leaves."""
    seen: dict[tuple[bool, ...], frozenset[str]] = {}
    for leaf in leaves:
        open_states = frozenset(chain_of(leaf)[1:])  # without the track alone
        seen.setdefault(tuple(path in open_states for path in sorted(states)), open_states)
    return list(seen.values())


def _world(combination: Sequence[tuple[str, str, Any]], now: datetime) -> World:
    values: dict[str, Any] = {}
    visits: dict[str, int] = {}
    places: set[str] = set()
    since: datetime | None = None
    for axis, name, value in combination:
        if axis == "fact" and value is not None:
            values[name] = value
        elif axis == "visits":
            visits[name] = value
        elif axis == "place":
            places |= value
        elif axis == "stay":
            since = now - timedelta(days=min(value, now.toordinal() - 1))
    return World(values, places, visits, now, since)
