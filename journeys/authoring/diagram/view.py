"""The view of a journey: its folded and highlighted states, and the way between two states. It draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from journeys.definition.graph import Edge, declared_edges, leaf_steps
from journeys.definition.model import Journey, Track
from journeys.primitives.state_path import chain_of, is_within

Way = tuple[tuple[str, Edge], ...]
#: Transitions one after the other, each with the leaf state (full path) that it is taken in.


@dataclass(frozen=True, slots=True)
class DiagramView:
    """What a diagram shows of a journey.

    Attributes:
        folded: full paths of composite states that are drawn without the states inside.
        lit: full paths of states to highlight.
        way: transitions to highlight, with the states that they connect.
        tracks: the names of the tracks to draw; all of them where there are none.
    """

    folded: frozenset[str] = frozenset()
    lit: frozenset[str] = frozenset()
    way: Way = ()
    tracks: frozenset[str] = frozenset()

    def shown(self, track: Track, path: str) -> str:
        """The path of the outermost folded state around a state, or of the state itself."""
        return next((outer for outer in chain_of(path) if f"{track.name}.{outer}" in self.folded), path)

    def is_leaf(self, track: Track, path: str) -> bool:
        """Whether a state is drawn without states inside."""
        return track.is_leaf(path) or f"{track.name}.{path}" in self.folded

    def marks(self, full: str) -> list[str]:
        """The classes of a state: `lit` and `chosen`; a folded state has those of the states inside."""
        on_way = {leaf for step in self.way for leaf in (step[0], step[1].leads_to)}
        inside = full in self.folded
        return [
            name
            for name, states in (("lit", self.lit), ("chosen", on_way))
            if full in states or (inside and any(is_within(state, full) for state in states))
        ]

    def is_on_way(self, edge: Edge) -> bool:
        """Whether a transition is highlighted."""
        return any(edge == step for _, step in self.way)


def composites(journey: Journey) -> tuple[str, ...]:
    """The full paths of the states that have states inside, in document order."""
    return tuple(
        f"{track.name}.{path}" for track in journey.tracks.values() for path in track.states if not track.is_leaf(path)
    )


def way_between(journey: Journey, start: str, end: str) -> Way | None:
    """A way with the fewest transitions from a state to another one, or None where there is none.

    Conditions are not asked, and only the track of the two states is looked at.

    Args:
        journey: a journey without problems.
        start: full path of a state; of a composite state, the way begins in any state inside.
        end: full path of a state; of a composite state, the way ends in any state inside.

    Returns:
        The way, which is empty where a state inside the start is also inside the end.
    """
    steps: dict[str, list[Edge]] = {}
    for leaf, edge in leaf_steps(declared_edges(journey), journey.leaf_paths):
        steps.setdefault(leaf, []).append(edge)
    frontier = [leaf for leaf in journey.leaf_paths if is_within(leaf, start)]
    came_by: dict[str, tuple[str, Edge] | None] = dict.fromkeys(frontier)
    for leaf in frontier:  # grows while it is read: the nearest states come first
        if is_within(leaf, end):
            return _way_back(came_by, leaf)
        for edge in steps.get(leaf, ()):
            if edge.leads_to not in came_by:
                came_by[edge.leads_to] = (leaf, edge)
                frontier.append(edge.leads_to)
    return None


def _way_back(came_by: Mapping[str, tuple[str, Edge] | None], leaf: str) -> Way:
    way = []
    step = came_by[leaf]
    while step is not None:
        way.append(step)
        step = came_by[step[0]]
    return tuple(reversed(way))
