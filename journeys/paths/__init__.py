"""Every way through a journey: its graph, exact counts, and feasible dated paths that the engine has replayed."""

from journeys.paths.counts import Counts, TrackCounts, counts
from journeys.paths.graph import Edge, Graph, graph_of
from journeys.paths.path import BEGINS, Path, PathEvent
from journeys.paths.replay import Replayed, replay
from journeys.paths.search import LIMIT, find
from journeys.paths.stories import to_story

__all__ = [
    "BEGINS",
    "LIMIT",
    "Counts",
    "Edge",
    "Graph",
    "Path",
    "PathEvent",
    "Replayed",
    "TrackCounts",
    "counts",
    "find",
    "graph_of",
    "replay",
    "to_story",
]
