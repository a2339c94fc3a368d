"""The graph of a journey: its declared transitions and timers between states. It decides nothing about a patient.

A journey need not be free of mistakes: an edge whose target does not exist is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Literal

from journeys.definition.compiler import Candidate, ReleasePlan, TimerPlan, TrackPlan, entry_chain, kept_depth
from journeys.definition.conditions import Compiled
from journeys.definition.model import NOWHERE, RAISED, STAY, Journey, Mark, StateDefinition, Timer, Track, Transition
from journeys.primitives.state_path import StatePath, chain_of, is_within

EdgeKind = Literal["event", "timer", "raised", "end"]

AFTER = "after"
#: The trigger of an edge that a timer declares.


@dataclass(frozen=True, slots=True)
class Edge:
    """A declared transition: from the state that declares it to the leaf it leads to (paths in the track).

    An end is declared by no state (`source` is empty) and leads nowhere. `stay` is not an edge.

    Attributes:
        place: its position among the transitions of the state on that trigger, as they are asked, or among its timers.
        target: None for an end, and for an edge into a state whose `initial` is wrong.
        to: the path that it names: the target or a state around it.
        enters: the full paths of the states it enters.
        number: its position in the graph of a release.
        condition, timer, candidate: their compiled forms; None in a journey that is not compiled.
    """

    track: str
    source: str
    trigger: str
    place: int
    target: str | None
    kind: EdgeKind
    declared: Transition | Timer | None = field(default=None, compare=False, repr=False)
    to: str = ""
    enters: tuple[str, ...] = ()
    number: int = 0
    condition: Compiled | None = field(default=None, compare=False, repr=False)
    timer: TimerPlan | None = field(default=None, compare=False, repr=False)
    candidate: Candidate | None = field(default=None, compare=False, repr=False)

    def __hash__(self) -> int:
        """Its number: each edge of a release has its own, and covers look up millions."""
        return self.number

    @property
    def name(self) -> str:
        """The transition in one line: `disease.surveillance: scan_done to surveillance.waiting_for_result`."""
        return f"{self.declared_by}: {self.on} to {self.target or 'the end'}{self.when}"

    @property
    def declared_by(self) -> str:
        """The full path of the state that declares it; the track for an end."""
        return str(StatePath(self.track, self.source))

    @property
    def leads_to(self) -> str:
        """The full path of the leaf it leads to; the track where it has no target."""
        return str(StatePath(self.track, self.target or ""))

    @property
    def on(self) -> str:
        """The trigger, or `after` and the name of the timer."""
        return f"{AFTER} {self.declared.name}" if isinstance(self.declared, Timer) else self.trigger

    @property
    def otherwise(self) -> bool:
        """Whether it is taken when no other condition is true."""
        return isinstance(self.declared, Transition) and self.declared.otherwise

    @property
    def mark(self) -> Mark:
        """Its position in the file of the journey."""
        return self.declared.mark if self.declared is not None else NOWHERE

    @property
    def when(self) -> str:
        """Its condition as written, with what goes before it; empty without one."""
        if self.otherwise:
            return ", otherwise"
        return f", when {self.condition.text}" if self.condition is not None else ""

    def leaves_from(self, leaf: str) -> bool:
        """Whether it is declared by that leaf (a path in the track) or a state around it."""
        return not self.source or is_within(leaf, self.source)


# --- a declared journey ----------------------------------------------------------------------------------------


def edges_of_state(track: Track, state: StateDefinition) -> Iterator[Edge]:
    """The edges that a state declares, in the order of the file: its transitions, then its timers."""
    for transition in state.on:
        if transition.to != STAY:
            kind: EdgeKind = "raised" if transition.trigger.startswith(RAISED) else "event"
            place = state.asked_on(transition.trigger).index(transition)
            yield from _resolved(track, state, transition, transition.trigger, place, kind)
    for place, timer in enumerate(state.after):
        if timer.to is not None:
            yield from _resolved(track, state, timer, AFTER, place, "timer")


def _resolved(
    track: Track, state: StateDefinition, declared: Transition | Timer, trigger: str, place: int, kind: EdgeKind
) -> Iterator[Edge]:
    to = track.resolve(declared.to or "", state.path)
    if to is not None:
        chain = chain_into(track, to)
        keeps = kept_depth(state.path, to, isinstance(declared, Transition) and declared.reenter)
        enters = tuple([f"{track.name}.{path}" for path in chain[keeps:]])
        target = chain[-1] if chain else None
        yield Edge(track.name, state.path, trigger, place, target, kind, declared, to, enters)


def chain_into(track: Track, path: str) -> tuple[str, ...]:
    """The paths entered down to a state and through `initial`; empty where the path or an `initial` is wrong."""
    try:
        return entry_chain(track, path)
    except (AssertionError, KeyError):
        return ()


def declared_edges(journey: Journey) -> tuple[Edge, ...]:
    """The edges of all states, in the order of the file; ends are not among them."""
    states = ((track, state) for track in journey.tracks.values() for state in track.states.values())
    return tuple(edge for track, state in states for edge in edges_of_state(track, state))


def leaf_steps(edges: Iterable[Edge], leaves: Sequence[str]) -> Iterator[tuple[str, Edge]]:
    """Each edge that leads to a leaf, with each of the leaves (full paths) in which it may be taken."""
    inner_leaves: dict[str, list[str]] = {}
    for edge in edges:
        if edge.target is not None:
            state = edge.declared_by
            if state not in inner_leaves:
                inner_leaves[state] = [leaf for leaf in leaves if is_within(leaf, state)]
            yield from ((leaf, edge) for leaf in inner_leaves[state])


def instant_steps(
    edges: Iterable[Edge], leaves: Sequence[str], at_most: timedelta = timedelta(0)
) -> Iterator[tuple[str, Edge]]:
    """Each edge that may be taken within `at_most` of the entry of a leaf (full path), with that leaf.

    These are timers, where a date that a timer counts from may be past, and reactions to entries in other tracks.
    """
    for edge in edges:
        if isinstance(edge.declared, Timer):
            delay = edge.declared.duration
            if edge.declared.start is not None or (delay.months <= 0 and delay.rest <= at_most):
                yield from leaf_steps((edge,), leaves)
        elif edge.kind == "raised" and edge.target is not None:
            entered = StatePath.parse(edge.trigger.removeprefix(RAISED))
            if entered.track != edge.track:
                yield from ((leaf, edge) for leaf in leaves if StatePath.parse(leaf).is_within(entered))


def beginnings_of(journey: Journey) -> Iterator[tuple[str | None, Sequence[StatePath]]]:
    """The leaves in which enrollments begin, by entry (None: enrolled without an entry); later ones replace earlier."""
    initial = [StatePath(track.name, track.initial.text) for track in journey.tracks.values() if track.initial]
    yield None, _leaves_into(journey, initial)
    for entry in journey.entries.values():
        full_paths = [journey.resolve_state(text.text) for text in entry.states]
        states = [StatePath.parse(full) for full in full_paths if full is not None]
        yield entry.name, _leaves_into(journey, [*initial, *states])


def _leaves_into(journey: Journey, states: Iterable[StatePath]) -> Sequence[StatePath]:
    chains = [(state.track, chain_into(journey.tracks[state.track], state.path)) for state in states]
    return [StatePath(track, chain[-1]) for track, chain in chains if chain]


def reachable_leaves(journey: Journey) -> frozenset[str]:
    """The leaf states (full paths) that declared transitions reach. Placements by staff are not considered."""
    next_leaves: dict[str, set[str]] = {}
    for leaf, edge in leaf_steps(declared_edges(journey), journey.leaf_paths):
        next_leaves.setdefault(leaf, set()).add(edge.leads_to)
    reached = {str(leaf) for _, leaves in beginnings_of(journey) for leaf in leaves}
    frontier = list(reached)
    while frontier:
        newly_reached = next_leaves.get(frontier.pop(), set()) - reached
        reached |= newly_reached
        frontier += newly_reached
    return frozenset(reached)


# --- a compiled release ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Graph:
    """All edges of a release: by track and state, each state's in the order they are asked, then the track's ends."""

    plan: ReleasePlan
    edges: tuple[Edge, ...]

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The full paths of all states, in the order of the definition."""
        return self.plan.journey.state_paths

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The full paths of all leaf states, in the order of the definition."""
        return self.plan.journey.leaf_paths

    @cached_property
    def _by_candidate(self) -> Mapping[int, Edge]:
        return {id(edge.candidate): edge for edge in self.edges if edge.candidate is not None}

    @cached_property
    def _ends(self) -> Mapping[tuple[str, str], Edge]:
        return {(edge.track, edge.trigger): edge for edge in self.edges if edge.kind == "end"}

    def edge_of(self, candidate: Candidate) -> Edge:
        """The edge that a candidate of the compiled release is."""
        return self._by_candidate[id(candidate)]

    def end_of(self, track: str, trigger: str) -> Edge:
        """The edge with which an end closes a track."""
        return self._ends[track, trigger]

    def out_of(self, track: str, leaf: str) -> Sequence[Edge]:
        """The edges that may be taken in a leaf, innermost state first, ends last.

        An edge is left out if a state inside the one that declares it always answers its trigger first.
        """
        return self._out[track, leaf]

    @cached_property
    def _out(self) -> Mapping[tuple[str, str], tuple[Edge, ...]]:
        return {
            (track.name, leaf): tuple(self._out_of(track, leaf))
            for track in self.plan.tracks.values()
            for leaf in track.leaves
        }

    def _out_of(self, track: TrackPlan, leaf: str) -> Iterator[Edge]:
        answered: set[str] = set()
        own_edges = [edge for edge in self.edges if edge.track == track.name]
        for path in reversed(chain_of(leaf)):
            yield from (edge for edge in own_edges if edge.source == path and edge.trigger not in answered)
            answered |= {transition.trigger for transition in track.declared.states[path].on if transition.when is None}
        yield from (edge for edge in own_edges if not edge.source)

    def pairs(self) -> Iterator[tuple[Edge, Edge]]:
        """Every two edges of one track of which the second may be taken where the first leads."""
        for first in self.edges:
            if first.target is not None:
                for second in self.out_of(first.track, first.target):
                    yield first, second

    def beginnings(self) -> Iterator[tuple[str | None, Mapping[str, str]]]:
        """Each entry (None: enrolled without an entry) with the leaf of each track in which an enrollment begins."""
        for entry, leaves in beginnings_of(self.plan.journey):
            yield entry, {leaf.track: leaf.path for leaf in leaves}


def graph_of(plan: ReleasePlan) -> Graph:
    """The graph of a compiled release."""
    edges: list[Edge] = []
    for track in plan.journey.tracks.values():
        for state in track.states.values():
            own_edges = list(edges_of_state(track, state))
            triggers = [edge.trigger for edge in own_edges]
            edges += sorted(own_edges, key=lambda edge: (triggers.index(edge.trigger), edge.place))
        edges += [Edge(track.name, "", trigger, 0, None, "end") for trigger in plan.journey.ends]
    return Graph(plan, tuple(_compiled(plan.tracks[edge.track], edge, number) for number, edge in enumerate(edges)))


def _compiled(track: TrackPlan, edge: Edge, number: int) -> Edge:
    if edge.kind == "end":
        return replace(edge, number=number)
    if edge.kind == "timer":
        timer = track.states[edge.source].timers[edge.place]
        (candidate,) = track.handlers[edge.source, timer.trigger]
        return replace(edge, number=number, condition=timer.when, timer=timer, candidate=candidate)
    candidate = track.handlers[edge.source, edge.trigger][edge.place]
    return replace(edge, number=number, condition=candidate.condition, candidate=candidate)
