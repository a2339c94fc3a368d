"""Comparing two releases of a journey: what differs, where people go, and what it would change for them. Pure."""

from journeys.comparison.compare import Change, Comparison, compare
from journeys.comparison.targets import (
    DROPPED,
    Inverse,
    inverse_of,
    leaf_targets,
    map_of,
    read_mapping,
    targets,
)

__all__ = [
    "DROPPED",
    "Change",
    "Comparison",
    "Inverse",
    "compare",
    "inverse_of",
    "leaf_targets",
    "map_of",
    "read_mapping",
    "targets",
]
