"""Weighs a decision: of which questions two answers, all else equal, have different consequences.

The unknown facts of a decision take every value that its conditions distinguish. Known facts are fixed, and so are
held facts that the patient was not told: they stay unknown.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import (
    MAX_CELLS,
    DateCompare,
    DaysInState,
    DaysSince,
    InState,
    Known,
    Node,
    TooManyCells,
    Visits,
    World,
    cells_of,
    compile_condition,
    walk,
)
from journeys.definition.facts import FactType
from journeys.engine.machine import NO_FACTS
from journeys.primitives.state_path import track_of
from journeys.questions.decisions import Consequence, Decision
from journeys.questions.ways import Way

Shares = tuple[tuple[str, float], ...]
#: The questions that are worth asking for a decision, each with the share of its answers that settle it alone.

_MAX_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class _FactAnswers:
    """The values of a fact that a decision distinguishes; days that conditions count from are so many days ago."""

    kind: FactType
    values: tuple[Any, ...]
    days_ago: tuple[int, ...]

    def at(self, now: datetime) -> list[Any]:
        """The values that may be reported at an instant."""
        today = now.date()
        days = [_day_before(today, ago) for ago in self.days_ago]
        every = list(dict.fromkeys([*self.values, *days])) if self.kind.kind == "date" else list(self.values)
        return [value for value in every if _is_accepted(self.kind, value, today)] or every


def _day_before(today: date, days: int) -> str:
    return date.fromordinal(min(max(today.toordinal() - days, 1), date.max.toordinal())).isoformat()


def _is_accepted(kind: FactType, value: Any, today: date) -> bool:
    try:
        kind.read(value, today)
    except ValueError:
        return False
    return True


def _answers(fact: str, atoms: Sequence[Node], kinds: Mapping[str, FactType]) -> _FactAnswers:
    """The answers that the conditions on one fact distinguish.

    Raises:
        TooManyCells: when there are too many.
    """
    relative = [atom for atom in atoms if isinstance(atom, DaysSince)]
    absolute = [atom for atom in atoms if not isinstance(atom, DaysSince)]
    is_dated = any(isinstance(atom, DateCompare) for atom in atoms)
    values: list[Any] = []
    if kinds[fact].kind != "date" or is_dated:
        values = [world.values.get(fact) for world in cells_of([*absolute, Known(fact)], kinds, {}, unknown=True)]
    days_ago: list[int] = []
    if kinds[fact].kind == "date" and (relative or not is_dated):
        for world in cells_of([*relative, Known(fact)], kinds, {}, unknown=True):
            if fact in world.values:
                days_ago.append(world.now.toordinal() - date.fromisoformat(world.values[fact]).toordinal())
    known = [value for value in values if value is not None]
    return _FactAnswers(kinds[fact], tuple(known), tuple(dict.fromkeys(days_ago)))


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A decision made ready to be weighed.

    Attributes:
        decision: the decision.
        questions: the questions of the journey.
        asks: its facts that some question asks for, in the order of their declaration.
        states, visits: the full paths of the states of which its conditions read whether they are open, or how often
            they were.
        tracks: the tracks of these states.
        reads_stay: whether they read the time in a state.
    """

    decision: Decision
    questions: Questions
    asks: frozenset[str]
    states: frozenset[str]
    visits: frozenset[str]
    tracks: frozenset[str]
    reads_stay: bool
    _facts: tuple[str, ...]
    _answers: Mapping[str, _FactAnswers]
    _atoms: tuple[tuple[str | None, Callable[[World], bool | None]], ...]
    _dated: frozenset[str]
    _remembered: dict[tuple[Any, ...], Shares] = field(default_factory=dict, repr=False)

    def sees(self, turned: Set[str], entered: Iterable[str]) -> bool:
        """Whether its conditions read some states that open or close, or visits of some states that are entered."""
        return not (self.states.isdisjoint(turned) and self.visits.isdisjoint(entered))

    def seen(self, way: Way, stays: Sequence[str], minded: frozenset[str]) -> Way:
        """A way as far as it matters to the decision; where that reads no state, all places are alike.

        Args:
            way: the way.
            stays: the full paths of the stays that the decision counts from.
            minded: the triggers and entries on which other tracks may make its facts unknown.
        """
        facts, counted = self.decision.facts, {*self.visits, *(stays if self.reads_stay else ())}
        heard = way.heard if not self.tracks <= way.moved else way.heard & minded
        return Way(
            moved=way.moved if heard else NO_FACTS,
            turned=way.turned & self.states,
            steps=way.steps,
            cleared=way.cleared & facts,
            forgotten=way.forgotten & facts,
            guards=way.guards,
            entered=tuple([state for state in way.entered if state in counted]) if counted else (),
            reported=way.reported & facts,
            held=way.held,
            heard=heard,
        )

    def shares(self, world: World, since: Sequence[datetime], way: Way, askable: frozenset[str]) -> Shares:
        """The questions worth asking for this decision.

        Args:
            world: the world in which the decision is taken, at the end of the way.
            since: the beginnings of the stays of its track, outermost first.
            way: the way there.
            askable: the facts that may be asked now.
        """
        brought = self.decision.required | self.decision.reset
        asked = [name for name in self._facts if name in askable and name not in brought and name not in way.cleared]
        if not asked:
            return ()
        fixed = world.values.keys() | way.forgotten | (self.questions.held - askable)
        unknown = tuple(name for name in self._facts if name in brought or name not in fixed)
        certain = self.decision.required | way.reported
        key: tuple[Any, ...] = (
            unknown,
            certain.isdisjoint(unknown) or tuple([name in certain for name in unknown]),
            tuple(asked),
            tuple([ask(world) for fact, ask in self._atoms if fact not in unknown]),
            tuple([(world.now - begin).days for begin in since]) if self.reads_stay else None,
            world.now.toordinal() if not self._dated.isdisjoint(unknown) else None,
        )
        shares = self._remembered.get(key)
        if shares is None:
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._remembered.clear()
            shares = self._remembered[key] = self._weigh(world, since, unknown, certain, asked)
        return shares

    def _weigh(
        self,
        world: World,
        since: Sequence[datetime],
        unknown: Sequence[str],
        certain: frozenset[str],
        asked: Sequence[str],
    ) -> Shares:
        of = self.questions.of
        axes = [
            [*self._answers[name].at(world.now), *(() if name in certain else (None,))] for name in unknown
        ]  # the unknown comes last
        outcomes: dict[tuple[int, ...], Consequence] = {}
        for combination in itertools.product(*(range(len(axis)) for axis in axes)):
            values = {name: value for name, value in world.values.items() if name not in unknown}
            for name, axis, index in zip(unknown, axes, combination, strict=True):
                if axis[index] is not None:
                    values[name] = axis[index]
            cell = World(values, world.places, world.visits, world.now)
            outcomes[combination] = self.decision.consequence(cell, since)
        worthwhile = {of[name] for name in asked if self._is_decisive(name, unknown.index(name), axes, outcomes)}
        shares = []
        for question in sorted(worthwhile):
            members = [index for index, name in enumerate(unknown) if of.get(name) == question]
            shares.append((question, _settled_share(members, axes, outcomes)))
        return tuple(shares)

    def _is_decisive(
        self, name: str, position: int, axes: Sequence[Sequence[Any]], outcomes: Mapping[tuple[int, ...], Consequence]
    ) -> bool:
        """Whether two answers about a fact, all else equal, have different consequences."""
        seen: dict[tuple[int, ...], Consequence] = {}
        for combination, outcome in outcomes.items():
            is_answer = axes[position][combination[position]] is not None
            if is_answer and name in outcome.values:
                return True
            if is_answer or self.decision.is_waiting:
                others = combination[:position] + combination[position + 1 :]
                if seen.setdefault(others, outcome).happens != outcome.happens:
                    return True
        return False


def _settled_share(
    members: Sequence[int], axes: Sequence[Sequence[Any]], outcomes: Mapping[tuple[int, ...], Consequence]
) -> float:
    """The share of the answers to a question after which the consequence no longer depends on other unknown facts."""
    results: dict[tuple[int, ...], set[Any]] = {}
    for combination, outcome in outcomes.items():
        if all(axes[index][combination[index]] is not None for index in members):
            results.setdefault(tuple(combination[index] for index in members), set()).add(outcome.happens)
    settled = sum(len(consequences) == 1 for consequences in results.values())
    return settled / len(results) if results else 0.0


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of a journey, as weighing needs them.

    Attributes:
        of: the name of the question by each fact that it asks for.
        facts: the facts of each question, in the order in which questions are declared.
        held: the held facts.
    """

    of: Mapping[str, str]
    facts: Mapping[str, tuple[str, ...]]
    held: frozenset[str]


def made_ready(decision: Decision, plan: ReleasePlan, questions: Questions) -> Weighed | None:
    """The decision made ready to be weighed, or None if no question asks for a fact that it reads.

    Raises:
        TooManyCells: when its facts have too many combinations of values.
    """
    asks = decision.facts & questions.of.keys() - decision.required - decision.reset
    if not asks:
        return None
    atoms = list(dict.fromkeys(part for node in decision.conditions for part in walk(node)))
    by_fact: dict[str, list[Node]] = {name: [] for name in decision.facts}
    for atom in atoms:
        if hasattr(atom, "fact"):
            by_fact[atom.fact].append(atom)
    answers = {name: _answers(name, by_fact[name], plan.facts) for name in sorted(by_fact)}
    counts = [len(each.values) + len(each.days_ago) + 1 for each in answers.values()]
    if math.prod(counts) > MAX_CELLS:
        raise TooManyCells(f"more than {MAX_CELLS} combinations")
    return Weighed(
        decision=decision,
        questions=questions,
        asks=frozenset(asks),
        states=frozenset(atom.path for atom in atoms if isinstance(atom, InState)),
        tracks=frozenset(track_of(atom.path) for atom in atoms if isinstance(atom, InState | Visits)),
        visits=frozenset(atom.path for atom in atoms if isinstance(atom, Visits)),
        reads_stay=any(isinstance(atom, DaysInState) for atom in atoms),
        _facts=tuple(name for name in plan.journey.facts if name in decision.facts),
        _answers=answers,
        _atoms=tuple(
            (getattr(atom, "fact", None), compile_condition("", atom, plan.facts).ask)
            for atom in atoms
            if hasattr(atom, "fact") or isinstance(atom, InState | Visits)
        ),
        _dated=frozenset(name for name, own in by_fact.items() if any(isinstance(atom, DateCompare) for atom in own)),
    )
