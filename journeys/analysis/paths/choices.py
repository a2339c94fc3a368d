"""The values of facts that conditions distinguish, and the reporters who may report them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from journeys.analysis.space import ASKS_A_FACT
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Node, World, cells_of, walk
from journeys.definition.facts import DECLINED, FactType, Value
from journeys.definition.model import ANSWERED, REPORTERS, Reporter

#: The order in which reporters are tried: a fact reported by the patient needs no disclosure.
_PREFERRED: tuple[Reporter, ...] = ("patient", "staff", "family")


def tellings(nodes: Iterable[Node], kinds: Mapping[str, FactType], at: datetime) -> Iterator[dict[str, Value]]:
    """Every cell of some conditions, as facts reported on a day; a fact that must be unknown is declined.

    Raises:
        TooManyCells: when there are too many cells.
    """
    parts = [part for node in nodes for part in walk(node) if isinstance(part, ASKS_A_FACT)]
    names = sorted({part.fact for part in parts})
    for world in cells_of(parts, kinds, {}):
        yield {name: dated(world, name, kinds[name], at) for name in names}


def dated(world: World, name: str, kind: FactType, at: datetime) -> Value:
    """The value of a fact in a cell, reported at an instant from which days count; declined without a value."""
    value: Any = world.values.get(name)
    if value is None or value is DECLINED:
        return DECLINED
    if kind.kind == "date" and world.now.year == 2100:  # cells count from an instant of their own
        ago = world.now.date() - date.fromisoformat(value)
        return _day(at, ago)
    plain: Value = value
    return plain


def _day(at: datetime, ago: timedelta) -> str:
    return date.fromordinal(max(at.toordinal() - ago.days, date(1900, 1, 1).toordinal())).isoformat()


def any_value(kind: FactType, at: datetime) -> Value:
    """An arbitrary value of a type."""
    match kind.kind:
        case "boolean":
            return True
        case "choice":
            return kind.leaves[0]
        case "set":
            return [kind.values[0]]
        case "integer":
            return kind.minimum or 0
        case "date":
            return at.date().isoformat()
        case _:
            return "Alex"


def whole_groups(plan: ReleasePlan, facts: Mapping[str, Value], at: datetime) -> dict[str, Value]:
    """Return the facts with the other facts of their groups."""
    told_facts = dict(facts)
    for members in plan.journey.groups.values():
        names = [member.text for member in members]
        if not told_facts.keys().isdisjoint(names):
            for name in names:
                told_facts.setdefault(name, any_value(plan.facts[name], at))
    return told_facts


def reporter(plan: ReleasePlan, trigger: str, facts: Iterable[str]) -> str | None:
    """Return the reporter of an event with these facts, the patient first; None if no reporter may tell all of them."""
    declared = plan.journey.triggers.get(trigger) or plan.journey.ends.get(trigger)
    if declared is None and trigger != ANSWERED:
        raise KeyError(trigger)
    by = declared.by if declared is not None else REPORTERS
    may = set(by).intersection(REPORTERS, *(plan.journey.facts[name].by for name in facts))
    return next((candidate for candidate in _PREFERRED if candidate in may), None)
