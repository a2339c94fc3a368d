"""The ways from a leaf state to the states that are a few steps ahead, and the entries of states that they raise.

Ways into held states are left out, because the patient is not told where they lead. Entries raised in other tracks
belong to the step that raises them; they are not followed further.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from journeys.definition.compiler import Candidate, ReleasePlan, TrackPlan
from journeys.definition.conditions import Compiled, DaysInState, InState, Node, Visits, World, facts_read, walk
from journeys.definition.model import RAISED
from journeys.engine.machine import NO_FACTS
from journeys.primitives.state_path import chain_of

Leaf = tuple[str, str]
#: A track and the path of a leaf in it.

_MAX_WAYS = 4000
#: From one leaf. What lies behind further ways is asked about when the patient is nearer to it.


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that may close a way.

    `free` are the facts that its event reports or resets, `moves` and `entered` those of the way before. With `is_not`,
    the way is closed if the condition is true; else if it is false. `state` declares it (full path).
    """

    node: Node
    free: frozenset[str]
    moves: tuple[Leaf, ...]
    entered: tuple[str, ...]
    is_not: bool
    state: str
    condition: Compiled = field(compare=False)

    def is_open(self, world: World, begun: Mapping[str, datetime]) -> bool:
        """Whether the way is open from a world before its first step, as far as that is known.

        `begun` are the beginnings of the open stays by full path.
        """
        ahead = moved_world(world, self.moves, self.entered, self.free)
        ahead.since = begun.get(self.state, world.now)
        truth = self.condition.ask(ahead)
        return truth is not True if self.is_not else truth is not False


@dataclass(frozen=True, slots=True)
class Way:
    """A way from the place of a patient to another.

    Attributes:
        moves: the tracks that moved, each with the leaf to which it moved; the last one is the end of the way.
        steps: the number of its steps; 0 is the place itself.
        cleared: the facts with a question that it reports or makes unknown.
        forgotten: the facts that are unknown at its end.
        uncertain: the facts that a move of another track on the way may make unknown.
        guards: the conditions that may close it.
        entered: the full paths of the states that it enters, in order.
        last: the states that its last step enters.
        heard: the triggers and entries on the way to which another track reacts.
    """

    moves: tuple[Leaf, ...]
    steps: int = field(default=0, compare=False)
    cleared: frozenset[str] = NO_FACTS
    forgotten: frozenset[str] = NO_FACTS
    uncertain: frozenset[str] = NO_FACTS
    guards: tuple[Guard, ...] = ()
    entered: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    heard: frozenset[str] = NO_FACTS

    @property
    def end(self) -> Leaf:
        """The leaf that it leads to."""
        return self.moves[-1]

    def dominates(self, other: Way) -> bool:
        """Whether the other way, to the same end, clears, needs and moves no less."""
        return (
            self.cleared <= other.cleared
            and self.heard <= other.heard
            and self.forgotten <= other.forgotten
            and self.uncertain <= other.uncertain
            and (not self.guards or set(self.guards) <= set(other.guards))
        )


def add_undominated(ways: list[Way], way: Way) -> None:
    """Adds a way unless another dominates it; those that it dominates go."""
    if not any(other.dominates(way) for other in ways):
        ways[:] = [*(other for other in ways if not way.dominates(other)), way]


def moved_world(
    world: World, moves: Iterable[Leaf], entered: Sequence[str] = (), unknown: frozenset[str] = NO_FACTS
) -> World:
    """The world after some tracks moved, states were entered and facts became unknown."""
    values, places, visits = world.values, world.places, world.visits
    for track, leaf in moves:
        others = [place for place in places if not place.startswith(f"{track}.")]
        places = frozenset([*others, *(f"{track}.{path}" for path in chain_of(leaf))])
    if entered:
        visits = dict(visits)
        for state in entered:
            visits[state] = visits.get(state, 0) + 1
    if not unknown.isdisjoint(values):
        values = {name: value for name, value in values.items() if name not in unknown}
    return World(values, places, visits, world.now)


@dataclass(frozen=True, slots=True)
class Steps:
    """What may happen from the leaves of a release.

    Attributes:
        plan: the release.
        asked: the facts with a question.
        handlers: by leaf and trigger, the transitions as the engine asks them.
        heard: by track, the triggers and entries to which another track reacts.
        forgets: by a track and what happens in it, the facts that moves of the other tracks may make unknown.
    """

    plan: ReleasePlan
    asked: frozenset[str]
    handlers: Mapping[Leaf, Mapping[str, tuple[Candidate, ...]]]
    heard: Mapping[str, frozenset[str]]
    forgets: Mapping[Leaf, frozenset[str]]

    def ways(self, leaf: Leaf) -> list[Way]:
        """The ways from a leaf that are not longer than the horizon, shortest first."""
        ways: dict[Way, None] = {}
        frontier = [Way((leaf,))]
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
        free = self.plan.requires.get(trigger, NO_FACTS) | self.plan.resets.get(trigger, NO_FACTS)
        for candidate in self.handlers[leaf][trigger]:
            if candidate.enters is None or any(state.hold is not None for state in candidate.enters):
                continue
            guards = self._guards(way, leaf, trigger, candidate, when)
            entered = tuple(state.full for state in candidate.enters)
            forgotten = frozenset(fact for state in candidate.enters for fact in state.forget) - free
            heard = self.heard[leaf[0]] & {trigger, *(state.entered for state in candidate.enters)}
            yield Way(
                moves=tuple({**dict(way.moves), leaf[0]: candidate.enters[-1].path}.items()),
                steps=way.steps + 1,
                cleared=way.cleared | (self.asked & (free | forgotten)),
                forgotten=(way.forgotten - free) | forgotten,
                uncertain=way.uncertain.union(*(self.forgets.get((leaf[0], name), NO_FACTS) for name in heard)),
                guards=(*way.guards, *guards),
                entered=(*way.entered, *entered),
                last=entered,
                heard=way.heard | heard,
            )

    def _guards(
        self, way: Way, leaf: Leaf, trigger: str, candidate: Candidate, when: Compiled | None
    ) -> Iterator[Guard]:
        """The conditions that may keep a transition from being taken."""
        conditions = [(condition, False) for condition in (candidate.condition, when) if condition is not None]
        siblings = [other for other in self.handlers[leaf][trigger] if other.declared_by == candidate.declared_by]
        if candidate.otherwise or candidate.order is not None:  # an earlier one may be taken instead
            earlier = siblings[: siblings.index(candidate)]
            conditions += [(sibling.condition, True) for sibling in earlier if sibling.condition is not None]
        free = way.cleared | self.plan.requires.get(trigger, NO_FACTS) | self.plan.resets.get(trigger, NO_FACTS)
        for condition, is_not in conditions:
            reads_state = any(isinstance(part, InState | Visits | DaysInState) for part in walk(condition.node))
            facts = facts_read(condition.node)
            if reads_state or not facts <= free:  # something known may close the way
                moves, entered = (way.moves, way.entered) if reads_state and way.steps else ((), ())
                state = f"{leaf[0]}.{candidate.declared_by}"
                yield Guard(condition.node, free & facts, moves, entered, is_not, state, condition)


def handlers_of(track: TrackPlan, leaf: str) -> Mapping[str, tuple[Candidate, ...]]:
    """By trigger, the transitions that a leaf and the states around it declare, as the engine asks them."""
    handlers: dict[str, tuple[Candidate, ...]] = {}
    for path in reversed(chain_of(leaf)):
        for (state, trigger), candidates in track.handlers.items():
            before = handlers.get(trigger, ())
            if state == path and not any(other.condition is None and not other.otherwise for other in before):
                handlers[trigger] = (*before, *candidates)
    return handlers


def forgotten_elsewhere(plan: ReleasePlan) -> dict[Leaf, frozenset[str]]:
    """The facts, by a track and a trigger or entry, that moves of the other tracks may make unknown."""
    entered: dict[Leaf, list[tuple[str, tuple[str, ...]]]] = {}
    for track in plan.tracks.values():
        for (_, trigger), candidates in track.handlers.items():
            states = [(state.entered, state.forget) for each in candidates for state in each.enters or ()]
            entered.setdefault((track.name, trigger), []).extend(states)
    forgets: dict[Leaf, frozenset[str]] = {}
    for start in [(track, trigger) for track in plan.tracks for trigger in {name for _, name in entered}]:
        reached, facts = [start], set[str]()
        for mover, name in reached:  # grows while it is read
            for other in plan.tracks:
                for entry, forgotten in entered.get((other, name), ()) if other != mover else ():
                    facts.update(forgotten)
                    if (other, entry) not in reached:
                        reached.append((other, entry))
        if facts:
            forgets[start] = frozenset(facts)
    return forgets
