"""The ways from a leaf state to the states that are a few steps ahead, and the entries of states that they raise.

Ways into held states are left out, because the patient is not told where they lead. Entries raised in other tracks
belong to the step that raises them; they are not followed further.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from journeys.definition.compiler import Candidate, ReleasePlan, StatePlan, TrackPlan
from journeys.definition.conditions import (
    And,
    Compiled,
    Const,
    DaysInState,
    InState,
    Known,
    Named,
    Node,
    Not,
    Or,
    Visits,
    World,
    compile_condition,
    facts_read,
    walk,
)
from journeys.definition.model import RAISED
from journeys.engine.machine import NO_FACTS
from journeys.primitives.state_path import chain_of

Leaf = tuple[str, str]
#: A track and the path of a leaf in it.

Handlers = Mapping[str, tuple[Candidate, ...]]
#: By trigger, the transitions as the engine asks them.

_MAX_WAYS = 4000
#: From one leaf. What lies behind further ways is asked about when the patient is nearer to it.


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """A condition that may close a way.

    `free` are the facts that its event reports or resets, `forgotten` those that are unknown by then; `turned` and
    `entered` are those of the way before, as far as it reads them. `cases` is the condition, once for each combination
    of free facts that may be known by then or not. With `is_not`, the way is closed if the condition is true in each
    case; else if it is false in each. `state` declares it (full path; empty where the way enters it).
    """

    cases: tuple[Compiled, ...]
    free: frozenset[str]
    forgotten: frozenset[str]
    turned: frozenset[str]
    entered: tuple[str, ...]
    is_not: bool
    state: str

    def is_open(self, world: World, begun: Mapping[str, datetime]) -> bool:
        """Whether the way is open from a world before its first step, as far as that is known.

        `begun` are the beginnings of the open stays by full path.
        """
        ahead = world_ahead(world, self.turned, self.entered, self.free)
        ahead.since = begun.get(self.state, world.now)
        return any(self._leaves_open(case.ask(ahead)) for case in self.cases)

    def _leaves_open(self, truth: bool | None) -> bool:
        if truth is None and self.forgotten:
            return False  # the event waits for them
        return truth is not True if self.is_not else truth is not False


@dataclass(frozen=True, slots=True)
class Way:
    """A way from the place of a patient to another.

    Attributes:
        end: the leaf that its last step leads to.
        moved: the tracks that move.
        turned: the full paths of the states that are open at its end and not before, or before and not at its end.
        steps: the number of its steps; 0 is the place itself.
        cleared: the facts with a question that it reports or makes unknown.
        forgotten: the facts that are unknown at its end.
        guards: the conditions that may close it.
        entered: the full paths of the states that it enters, in order.
        last: the states that its last step enters.
        heard: the triggers and entries on the way to which another track reacts.
        reported: the facts with a question that its events report in any case.
        held: the held facts that they report in any case.
    """

    end: Leaf = ("", "")
    moved: frozenset[str] = NO_FACTS
    turned: frozenset[str] = NO_FACTS
    steps: int = field(default=0, compare=False)
    cleared: frozenset[str] = NO_FACTS
    forgotten: frozenset[str] = NO_FACTS
    guards: frozenset[Guard] = frozenset()
    entered: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    heard: frozenset[str] = NO_FACTS
    reported: frozenset[str] = NO_FACTS
    held: frozenset[str] = NO_FACTS

    def dominates(self, other: Way) -> bool:
        """Whether the other way, to the same end, clears, needs and moves no less."""
        return (
            self.cleared <= other.cleared
            and self.heard <= other.heard
            and self.held <= other.held
            and self.forgotten <= other.forgotten
            and self.guards <= other.guards
        )


def add_undominated(ways: list[Way], way: Way) -> None:
    """Adds a way unless another dominates it; those that it dominates go."""
    if not any(other.dominates(way) for other in ways):
        ways[:] = [*(other for other in ways if not way.dominates(other)), way]


def world_ahead(world: World, turned: frozenset[str], entered: Sequence[str], unknown: frozenset[str]) -> World:
    """The world after states opened or closed, states were entered and facts became unknown."""
    values, visits = world.values, world.visits
    if entered:
        visits = dict(visits)
        for state in entered:
            visits[state] = visits.get(state, 0) + 1
    if not unknown.isdisjoint(values):
        values = {name: value for name, value in values.items() if name not in unknown}
    return World(values, world.places ^ turned, visits, world.now)


@dataclass(frozen=True, slots=True)
class Steps:
    """What may happen from the leaves of a release.

    Attributes:
        plan: the release.
        asked: the facts with a question.
        handlers: by leaf and trigger, the transitions as the engine asks them.
        heard: by track, the triggers and entries to which another track reacts.
        open: by leaf, the full paths of the leaf and the states around it.
        guards: the guards so far.
    """

    plan: ReleasePlan
    asked: frozenset[str]
    handlers: Mapping[Leaf, Handlers]
    heard: Mapping[str, frozenset[str]]
    open: Mapping[Leaf, frozenset[str]]
    guards: dict[tuple[Hashable, ...], Guard] = field(default_factory=dict, repr=False)

    def ways(self, leaf: Leaf) -> list[Way]:
        """The ways from a leaf that are not longer than the horizon, shortest first."""
        ways: dict[Way, None] = {}
        frontier = [Way(leaf)]
        for _ in range(self.plan.journey.asking.horizon):
            longer = [step for way in frontier for step in self._next(way)]
            frontier = []
            for way in longer:
                if way not in ways and len(ways) < _MAX_WAYS:
                    ways[way] = None
                    frontier.append(way)
        return list(ways)

    def _next(self, way: Way) -> Iterator[Way]:
        """A way with each next step of its track."""
        track, leaf = way.end
        states = [self.plan.tracks[track].states[path] for path in chain_of(leaf)]
        timers = {timer.trigger: timer for state in states for timer in state.timers}
        for trigger in self.handlers[way.end]:
            if not trigger.startswith(RAISED):
                when = timers[trigger].when if trigger in timers else None
                yield from self.longer(way, way.end, trigger, when)

    def longer(self, way: Way, leaf: Leaf, trigger: str, when: Compiled | None = None) -> Iterator[Way]:
        """A way with one more step, for each transition of a leaf on a trigger that may be shown.

        Args:
            way: the way.
            leaf: the leaf, at its end or in another track.
            trigger: the trigger, timer or entry.
            when: the condition of the timer.
        """
        awaited = self.plan.awaited.get(trigger, NO_FACTS)
        free = self.plan.requires.get(trigger, NO_FACTS) | self.plan.resets.get(trigger, NO_FACTS)
        for candidate in self.handlers[leaf][trigger]:
            if candidate.enters is None or any(state.hold is not None for state in candidate.enters):
                continue
            guards = self._guards(way, leaf, trigger, candidate, when)
            entered = tuple(state.full for state in candidate.enters)
            forgotten = frozenset(fact for state in candidate.enters for fact in state.forget) - free
            heard = self.heard[leaf[0]] & {trigger, *(state.entered for state in candidate.enters)}
            end = leaf[0], candidate.enters[-1].path
            yield Way(
                end=end,
                moved=way.moved | {leaf[0]},
                turned=way.turned ^ self.open[leaf] ^ self.open[end],
                steps=way.steps + 1,
                cleared=way.cleared | (self.asked & (free | forgotten)),
                forgotten=(way.forgotten - free) | forgotten,
                guards=way.guards.union(guards),
                entered=(*way.entered, *entered),
                last=entered,
                heard=way.heard | heard,
                reported=(way.reported - forgotten) | (self.asked & awaited),
                held=way.held | (awaited & self.plan.held_facts.keys()),
            )

    def _cases(self, condition: Compiled, free: frozenset[str], reported: frozenset[str]) -> Iterator[Compiled]:
        """The condition for each combination of free facts of which it asks whether they are known.

        What the event reports in any case is known.
        """
        asked = sorted({part.fact for part in walk(condition.node) if isinstance(part, Known)} & free)
        for truths in itertools.product(*((True,) if fact in reported else (True, False) for fact in asked)):
            node = _with_known(condition.node, dict(zip(asked, truths, strict=True)))
            yield compile_condition(condition.text, node, self.plan.facts) if asked else condition

    def _guards(
        self, way: Way, leaf: Leaf, trigger: str, candidate: Candidate, when: Compiled | None
    ) -> Iterator[Guard]:
        """The conditions that may keep a transition from being taken."""
        conditions = [(condition, False) for condition in (candidate.condition, when) if condition is not None]
        candidates = self.handlers[leaf][trigger]
        for earlier in candidates[: candidates.index(candidate)]:  # one that may be taken instead
            excludes = earlier.depth == candidate.depth and not candidate.otherwise and candidate.order is None
            if earlier.condition is not None and not excludes:
                conditions.append((earlier.condition, True))
        free = way.cleared | self.plan.requires.get(trigger, NO_FACTS) | self.plan.resets.get(trigger, NO_FACTS)
        for condition, is_not in conditions:
            parts, facts = list(walk(condition.node)), facts_read(condition.node)
            if (
                any(isinstance(part, InState | Visits | DaysInState) for part in parts)
                or not facts <= free - way.forgotten
            ):
                states = {part.path for part in parts if isinstance(part, InState)}
                visits = {part.path for part in parts if isinstance(part, Visits)}
                state = f"{leaf[0]}.{candidate.declared_by}"
                reported = self.plan.requires.get(trigger, NO_FACTS)
                guard = Guard(
                    tuple(self._cases(condition, free, reported)),
                    free & facts,
                    (way.forgotten & facts) - reported,
                    way.turned & states,
                    tuple(each for each in way.entered if each in visits),
                    is_not,
                    "" if state in way.entered else state,
                )
                key = (
                    condition.node,
                    reported & facts,
                    guard.free,
                    guard.forgotten,
                    guard.turned,
                    guard.entered,
                    is_not,
                    guard.state,
                )
                yield self.guards.setdefault(key, guard)  # equal guards are one


def _with_known(node: Node, known: Mapping[str, bool]) -> Node:
    """The condition where it is settled of some facts whether they are known."""
    match node:
        case Known(fact) if fact in known:
            return Const(known[fact])
        case Not(part):
            return Not(_with_known(part, known))
        case Named(name, part):
            return Named(name, _with_known(part, known))
        case And(parts):
            return And(tuple(_with_known(part, known) for part in parts))
        case Or(parts):
            return Or(tuple(_with_known(part, known) for part in parts))
        case _:
            return node


def handlers_of(track: TrackPlan, leaf: str) -> Handlers:
    """By trigger, the transitions that a leaf and the states around it declare, as the engine asks them."""
    handlers: dict[str, tuple[Candidate, ...]] = {}
    for path in reversed(chain_of(leaf)):
        for (state, trigger), candidates in track.handlers.items():
            before = handlers.get(trigger, ())
            if state == path and not any(other.condition is None for other in before):
                handlers[trigger] = (*before, *candidates)
    return handlers


def forgotten_by(plan: ReleasePlan, handlers: Mapping[Leaf, Handlers]) -> dict[tuple[Leaf, str], frozenset[str]]:
    """The facts that may become unknown where a leaf reacts to a trigger or entry, and further tracks to the leaf."""
    entered = {
        (state, trigger): [each for candidate in candidates for each in candidate.enters or ()]
        for state, by_trigger in handlers.items()
        for trigger, candidates in by_trigger.items()
    }
    by_track: dict[tuple[str, str], list[StatePlan]] = {}
    for ((track, _), trigger), states in entered.items():
        by_track.setdefault((track, trigger), []).extend(states)
    forgets: dict[tuple[Leaf, str], frozenset[str]] = {}
    for reaction, states in entered.items():
        reached = {state.full: state for state in states}
        following = list(states)
        for state in following:  # grows while it is read
            others = [name for name in plan.tracks if name != state.track]
            for further in [each for name in others for each in by_track.get((name, state.entered), ())]:
                if further.full not in reached:
                    reached[further.full] = further
                    following.append(further)
        facts = frozenset(fact for state in reached.values() for fact in state.forget)
        if facts:
            forgets[reaction] = facts
    return forgets
