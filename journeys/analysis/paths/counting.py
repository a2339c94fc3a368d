"""Counts the states, transitions, pairs of transitions and paths of a journey exactly, on its graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import prod

from journeys.definition.graph import Edge, Graph
from journeys.primitives.graphs import components


@dataclass(frozen=True, slots=True)
class TrackCounts:
    """The numbers of one track. `paths` by the leaf in which they begin; `loops` are sets of leaves, in document order.

    A path leads from an initial leaf to a leaf without further transitions. Leaves that lead to each other form a loop
    and count as one node: a path counts each exit of a loop, but not the steps inside.
    """

    name: str
    states: int
    leaves: int
    transitions: int
    pairs: int
    paths: Mapping[str, int]
    loops: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of a journey. `states` counts all states (those with inner states too), `leaves` the innermost.

    `paths` is the sum, over the possible beginnings, of the product over the tracks: tracks run side by side, and the
    order in which their steps mix is not counted. Ends may come at any time; they are transitions, but end no path.
    """

    states: int
    leaves: int
    transitions: int
    pairs: int
    paths: int
    tracks: tuple[TrackCounts, ...]


def counts(graph: Graph) -> Counts:
    """The numbers of a graph."""
    tracks = tuple(_track(graph, name) for name in graph.plan.tracks)
    by_leaf = {track.name: track.paths for track in tracks}
    return Counts(
        states=len(graph.states),
        leaves=len(graph.leaves),
        transitions=len(graph.edges),
        pairs=sum(track.pairs for track in tracks),
        paths=sum(prod(by_leaf[name][leaf] for name, leaf in leaves.items()) for _, leaves in graph.beginnings()),
        tracks=tracks,
    )


def _track(graph: Graph, name: str) -> TrackCounts:
    plan = graph.plan.tracks[name]
    out: dict[str, list[Edge]] = {
        leaf: [edge for edge in graph.out_of(name, leaf) if edge.target] for leaf in plan.leaves
    }
    loops = components(plan.leaves, [(leaf, edge.target or "") for leaf, edges in out.items() for edge in edges])
    loop_of = {leaf: loop for loop in loops for leaf in loop}

    @cache
    def paths(loop: frozenset[str]) -> int:
        onwards = [edge.target for leaf in loop for edge in out[leaf] if edge.target and edge.target not in loop]
        return sum(paths(loop_of.get(leaf, frozenset({leaf}))) for leaf in onwards) if onwards else 1

    beginnings = dict.fromkeys(leaves[name] for _, leaves in graph.beginnings())
    return TrackCounts(
        name=name,
        states=len(plan.states),
        leaves=len(plan.leaves),
        transitions=sum(edge.track == name for edge in graph.edges),
        pairs=sum(first.track == name for first, _ in graph.pairs()),
        paths={leaf: paths(loop_of.get(leaf, frozenset({leaf}))) for leaf in beginnings},
        loops=tuple(tuple(leaf for leaf in plan.leaves if leaf in loop) for loop in loops),
    )
