"""The paths through a journey: its graph, exact counts, and dated paths that the engine has confirmed."""

from journeys.analysis.paths.counting import Counts, TrackCounts, counts
from journeys.analysis.paths.covering import Cover, Impossible, cover
from journeys.analysis.paths.path import BEGINS, Path, PathEvent
from journeys.analysis.paths.replay import Replayed, admitted_events, replay, told_view
from journeys.analysis.paths.report import counts_as_json, counts_as_text, cover_as_json, cover_as_text, path_as_json
from journeys.analysis.paths.search import LIMIT, find
from journeys.analysis.paths.stories import to_story
from journeys.primitives.words import Aim

__all__ = [
    "BEGINS",
    "LIMIT",
    "Aim",
    "Counts",
    "Cover",
    "Impossible",
    "Path",
    "PathEvent",
    "Replayed",
    "TrackCounts",
    "admitted_events",
    "counts",
    "counts_as_json",
    "counts_as_text",
    "cover",
    "cover_as_json",
    "cover_as_text",
    "find",
    "path_as_json",
    "replay",
    "to_story",
    "told_view",
]
