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
from journeys.questions.worth import Spot

Leaf = tuple[str, str]
#: A track and the path of a leaf in it.

_MAX_WAYS = 4000
#: From one leaf. What lies behind further ways is asked about when the patient is nearer to it.


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that may close a way.

    `free` are the facts that its event reports or resets. `moves` are the tracks that moved before, with their leaves.
    With `is_not`, the way is closed if the condition is true; else if it is false. `state` declares it (full path).
    """

    node: Node
    free: frozenset[str]
    moves: tuple[Leaf, ...]
    entered: tuple[str, ...]
    is_not: bool
    state: str
    condition: Compiled = field(compare=False)

    def is_open(self, spot: Spot, begun: Mapping[str, datetime]) -> bool:
        """Whether the way is open from a spot before its first step, as far as that is known.

        `begun` are the beginnings of the open stays by full path.
        """
        moved = moved_spot(spot, self.moves, self.entered)
        values = {name: value for name, value in spot.values.items() if name not in self.free}
        truth = self.condition.ask(World(values, moved.places, moved.visits, spot.now, begun.get(self.state, spot.now)))
        return truth is not True if self.is_not else truth is not False


@dataclass(frozen=True, slots=True)
class Way:
    """A way from a leaf to another.

    Attributes:
        leaf: the path of the leaf that it leads to.
        steps: the number of its steps.
        cleared: the facts with a question that it reports or makes unknown.
        forgotten: the facts that are unknown at its end.
        uncertain: the facts that a move of another track on the way may make unknown.
        guards: the conditions that may close it.
        entered: the full paths of the states that it enters, in order.
        heard: the triggers and entries that happen on the way.
        last: the states that its last step enters.
    """

    leaf: str
    steps: int
    cleared: frozenset[str]
    guards: tuple[Guard, ...]
    entered: tuple[str, ...]
    heard: frozenset[str]
    last: tuple[str, ...] = ()
    forgotten: frozenset[str] = NO_FACTS
    uncertain: frozenset[str] = NO_FACTS

    def dominates(self, other: Way) -> bool:
        """Whether the other way, to the same leaf, clears, needs and moves no less."""
        return (
            self.cleared <= other.cleared
            and self.heard <= other.heard
            and self.forgotten <= other.forgotten
            and self.uncertain <= other.uncertain
            and (not self.guards or set(self.guards) <= set(other.guards))
        )


def moved_spot(spot: Spot, moves: Iterable[Leaf], entered: Sequence[str] = ()) -> Spot:
    """The spot after some tracks moved and states were entered."""
    places = spot.places
    for track, leaf in moves:
        kept = [place for place in places if not place.startswith(f"{track}.")]
        places = frozenset([*kept, *(f"{track}.{path}" for path in chain_of(leaf))])
    visits = spot.visits
    if entered:
        visits = dict(visits)
        for state in entered:
            visits[state] = visits.get(state, 0) + 1
    return Spot(spot.values, places, visits, spot.now, (), spot.cleared)


def guards_of(
    track: str,
    candidate: Candidate,
    siblings: Sequence[Candidate],
    when: Compiled | None,
    free: frozenset[str],
    moves: tuple[Leaf, ...],
    entered: tuple[str, ...],
) -> tuple[Guard, ...]:
    """The conditions that may keep a transition from being taken.

    Args:
        track: the track of the transition.
        candidate: the transition.
        siblings: the transitions of its state on its trigger, as they are asked.
        when: the condition of its timer.
        free: the facts that its event reports or resets.
        moves: the tracks that moved before.
        entered: the states entered before.
    """
    conditions = [(condition, False) for condition in (candidate.condition, when) if condition is not None]
    if candidate.otherwise or candidate.order is not None:  # an earlier one may be taken instead
        earlier = siblings[: siblings.index(candidate)]
        conditions += [(sibling.condition, True) for sibling in earlier if sibling.condition is not None]
    state = f"{track}.{candidate.declared_by}"
    guards = (_guard(condition, is_not, free, moves, entered, state) for condition, is_not in conditions)
    return tuple(guard for guard in guards if guard is not None)


def _guard(
    condition: Compiled,
    is_not: bool,
    free: frozenset[str],
    moves: tuple[Leaf, ...],
    entered: tuple[str, ...],
    state: str,
) -> Guard | None:
    """The guard of a condition, or None where no known fact, state or visit could close the way."""
    parts = list(walk(condition.node))
    reads_spot = any(isinstance(part, InState | Visits | DaysInState) for part in parts)
    free = free & facts_read(condition.node)
    if not reads_spot and free == facts_read(condition.node):
        return None
    return Guard(
        condition.node, free, moves if reads_spot else (), entered if reads_spot else (), is_not, state, condition
    )


def handlers_of(track: TrackPlan, leaf: str) -> Mapping[str, tuple[Candidate, ...]]:
    """By trigger, the transitions that a leaf and the states around it declare, as the engine asks them."""
    handlers: dict[str, tuple[Candidate, ...]] = {}
    for path in reversed(chain_of(leaf)):
        for (state, trigger), candidates in track.handlers.items():
            before = handlers.get(trigger, ())
            if state == path and not any(other.condition is None and not other.otherwise for other in before):
                handlers[trigger] = (*before, *candidates)
    return handlers


@dataclass(frozen=True, slots=True)
class Ahead:
    """What may happen from the leaves of a release; `asked` are the facts with a question.

    `forgets` are the facts, by a track and what happens in it, that moves of the other tracks may make unknown.
    """

    plan: ReleasePlan
    asked: frozenset[str]
    handlers: Mapping[Leaf, Mapping[str, tuple[Candidate, ...]]]
    forgets: Mapping[tuple[str, str], frozenset[str]]

    def ways(self, track: str, leaf: str, horizon: int) -> list[Way]:
        """The ways of at most so many steps from a leaf, shortest first."""
        start = Way(leaf, 0, NO_FACTS, (), (), frozenset())
        ways: dict[tuple[str, frozenset[str], frozenset[str], tuple[Guard, ...]], Way] = {}
        frontier = [start]
        for _ in range(horizon):
            following = []
            for way in frontier:
                for longer in self._steps(track, way):
                    key = longer.leaf, longer.cleared, longer.heard, longer.guards
                    if key not in ways and len(ways) < _MAX_WAYS:
                        ways[key] = longer
                        following.append(longer)
            frontier = following
        return list(ways.values())

    def _steps(self, track: str, way: Way) -> Iterator[Way]:
        """A way with each next step of its track."""
        plan = self.plan.tracks[track]
        timers = {timer.trigger: timer for path in chain_of(way.leaf) for timer in plan.states[path].timers if timer.to}
        for trigger, candidates in self.handlers[track, way.leaf].items():
            if trigger.startswith(RAISED):
                continue
            timer = timers.get(trigger)
            free = self.plan.requires.get(trigger, NO_FACTS) | self.plan.resets.get(trigger, NO_FACTS)
            for candidate in candidates:
                if can_be_shown(candidate):
                    moves = ((track, way.leaf),) if way.steps else ()
                    siblings = [other for other in candidates if other.declared_by == candidate.declared_by]
                    when = timer.when if timer is not None else None
                    guards = guards_of(track, candidate, siblings, when, free | way.cleared, moves, way.entered)
                    yield self.longer(way, candidate, trigger, free, guards)

    def longer(
        self, way: Way, candidate: Candidate, trigger: str, free: frozenset[str], guards: tuple[Guard, ...]
    ) -> Way:
        """A way with one more step."""
        assert candidate.enters is not None
        entered = tuple(state.full for state in candidate.enters)
        forgotten = frozenset(fact for state in candidate.enters for fact in state.forget) - free
        heard = {trigger, *(state.entered for state in candidate.enters)}
        track = candidate.enters[-1].track
        uncertain = NO_FACTS.union(*(self.forgets.get((track, each), NO_FACTS) for each in heard))
        return Way(
            leaf=candidate.enters[-1].path,
            steps=way.steps + 1,
            cleared=way.cleared | (self.asked & (free | forgotten)),
            guards=(*way.guards, *guards),
            entered=(*way.entered, *entered),
            heard=way.heard | heard,
            last=entered,
            forgotten=(way.forgotten - free) | forgotten,
            uncertain=way.uncertain | uncertain,
        )


def forgotten_elsewhere(plan: ReleasePlan) -> dict[tuple[str, str], frozenset[str]]:
    """The facts, by a track and a trigger or entry, that moves of the other tracks may make unknown."""
    own: dict[tuple[str, str], set[str]] = {}
    raises: dict[tuple[str, str], set[str]] = {}
    for track in plan.tracks.values():
        for (_, trigger), candidates in track.handlers.items():
            for state in (state for candidate in candidates for state in candidate.enters or ()):
                own.setdefault((track.name, trigger), set()).update(state.forget)
                raises.setdefault((track.name, trigger), set()).add(state.entered)
    forgets: dict[tuple[str, str], frozenset[str]] = {}
    for track in plan.tracks.values():
        for trigger in {name for _, name in own}:
            seen, waiting, facts = {(track.name, trigger)}, [(track.name, trigger)], set[str]()
            while waiting:
                mover, name = waiting.pop()
                for other in plan.tracks:
                    if other != mover:
                        facts |= own.get((other, name), set())
                        following = {(other, entry) for entry in raises.get((other, name), ())} - seen
                        seen |= following
                        waiting += following
            if facts:
                forgets[track.name, trigger] = frozenset(facts)
    return forgets


def can_be_shown(candidate: Candidate) -> bool:
    """Whether a transition moves, and enters no held state."""
    return candidate.enters is not None and all(state.hold is None for state in candidate.enters)
