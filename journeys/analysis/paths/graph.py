"""The graph of a release: every state of every track, and every transition that some author declared between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from journeys.definition.compiler import Candidate, ReleasePlan, TimerPlan, TrackPlan
from journeys.definition.conditions import Compiled, in_words

EdgeKind = Literal["event", "timer", "raised", "end"]

AFTER = "after"
#: The trigger of what a timer does.

RAISED = "entered."
#: What the trigger begins with that an entry of another track raises.


@dataclass(frozen=True, slots=True)
class Edge:
    """One declared transition of a track: from the state that declares it to the leaf it leads to (paths in the track).

    `place` is its place among the state's transitions on that trigger (or among its timers), `number` its place in the
    graph. An end is declared by no
    state (`source` empty) and leads nowhere (`target` None). What stays on purpose is no transition.
    """

    track: str
    source: str
    trigger: str
    place: int
    target: str | None
    kind: EdgeKind
    condition: Compiled | None = field(default=None, compare=False, repr=False)
    otherwise: bool = False
    number: int = 0
    timer: TimerPlan | None = field(default=None, compare=False, repr=False)
    candidate: Candidate | None = field(default=None, compare=False, repr=False)

    def __hash__(self) -> int:
        """Its number: one graph gives each its own, and covers look up millions."""
        return self.number

    @property
    def name(self) -> str:
        """The transition in one line: `disease.surveillance: scan_done to surveillance.waiting_for_result`."""
        source = f"{self.track}.{self.source}" if self.source else self.track
        return f"{source}: {self.on} to {self.target or 'the end'}{self.when}"

    @property
    def on(self) -> str:
        """What makes it happen: the trigger, or the timer's name."""
        return f"after {self.timer.name}" if self.timer is not None else self.trigger

    @property
    def when(self) -> str:
        """Its condition as written, with what goes before it; empty without one."""
        if self.otherwise:
            return ", otherwise"
        return f", when {self.condition.text}" if self.condition is not None else ""

    @property
    def when_in_words(self) -> str:
        """Its condition as a phrase; empty without one."""
        if self.otherwise:
            return "no other condition is true"
        return in_words(self.condition.node) if self.condition is not None else ""

    def leaves_from(self, leaf: str) -> bool:
        """Whether it is declared by that leaf or a state around it."""
        return not self.source or leaf == self.source or leaf.startswith(self.source + ".")


@dataclass(frozen=True)
class Graph:
    """All states (`track.path`) and all transitions of a release, in the order of the definition."""

    plan: ReleasePlan
    states: tuple[str, ...]
    leaves: tuple[str, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def _by_candidate(self) -> Mapping[int, Edge]:
        return {id(edge.candidate): edge for edge in self.edges if edge.candidate is not None}

    @cached_property
    def _ends(self) -> Mapping[tuple[str, str], Edge]:
        return {(edge.track, edge.trigger): edge for edge in self.edges if edge.kind == "end"}

    def edge_of(self, candidate: Candidate) -> Edge:
        """The transition that a candidate of the compiled release is."""
        return self._by_candidate[id(candidate)]

    def end_of(self, track: str, trigger: str) -> Edge:
        """The transition with which an end closes a track."""
        return self._ends[track, trigger]

    def out_of(self, track: str, leaf: str) -> Sequence[Edge]:
        """The transitions that may be taken in a leaf, innermost state first, ends last.

        What a state inside always answers first is not among those of the states around it.
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
        mine = [edge for edge in self.edges if edge.track == track.name]
        for around in reversed(list(_outwards(leaf))):
            for edge in mine:
                if edge.source == around and edge.trigger not in answered:
                    yield edge
            for (path, trigger), candidates in track.handlers.items():
                if path == around and any(one.condition is None for one in candidates):
                    answered.add(trigger)
        yield from (edge for edge in mine if not edge.source)

    def pairs(self) -> Iterator[tuple[Edge, Edge]]:
        """Every two transitions of one track of which the second may be taken where the first leads."""
        for first in self.edges:
            if first.target is not None:
                for second in self.out_of(first.track, first.target):
                    yield first, second

    def beginnings(self) -> Iterator[tuple[str | None, Mapping[str, str]]]:
        """Where enrollments begin: each entry (None: none named) with the leaf of each track."""
        initial = {track.name: track.initial[-1].path for track in self.plan.tracks.values()}
        yield None, initial
        for entry in self.plan.journey.entries.values():
            leaves = dict(initial)
            for text in entry.states:
                full = self.plan.journey.resolve_state(text.text)
                assert full is not None
                name, _, path = full.partition(".")
                leaves[name] = self.plan.tracks[name].chain(path)[-1].path
            yield entry.name, leaves


def graph_of(plan: ReleasePlan) -> Graph:
    """The graph of a compiled release."""
    edges: list[Edge] = []
    for track in plan.tracks.values():
        edges += _edges(track)
        edges += [Edge(track.name, "", trigger, 0, None, "end") for trigger in plan.journey.ends]
    return Graph(
        plan=plan,
        states=tuple(plan.states),
        leaves=tuple(f"{track.name}.{leaf}" for track in plan.tracks.values() for leaf in track.leaves),
        edges=tuple(replace(edge, number=number) for number, edge in enumerate(edges)),
    )


def _edges(track: TrackPlan) -> Iterator[Edge]:
    for path, state in track.states.items():
        for (source, trigger), candidates in track.handlers.items():
            if source != path or trigger.startswith(f"{AFTER}."):
                continue
            kind: EdgeKind = "raised" if trigger.startswith(RAISED) else "event"
            for place, one in enumerate(candidates):
                if one.enters is not None:
                    yield Edge(
                        track.name, path, trigger, place, one.leaf, kind, one.condition, one.otherwise, candidate=one
                    )
        for place, timer in enumerate(state.timers):
            if timer.to is not None:
                (one,) = track.handlers[path, timer.trigger]
                yield Edge(track.name, path, AFTER, place, one.leaf, "timer", timer.when, timer=timer, candidate=one)


def _outwards(leaf: str) -> Iterator[str]:
    parts = leaf.split(".")
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end])
