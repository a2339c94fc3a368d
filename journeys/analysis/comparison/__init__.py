"""Compares two releases of a journey: differences, the target of each state, and the changes for patients. Pure."""

from journeys.analysis.comparison.compare import Comparison, ReleaseChange, compare
from journeys.analysis.comparison.lens import Lens
from journeys.analysis.comparison.people import (
    MIGRATION,
    FoldDifference,
    RecordedEnrollment,
    Tried,
    after_timers,
    differences,
    folded_to,
    migrated,
    moved_now,
    try_release,
)
from journeys.analysis.comparison.programmes import compare_programmes
from journeys.analysis.comparison.targets import (
    DROPPED,
    Inverse,
    further_leaf_targets,
    further_targets,
    inverse_of,
    leaf_targets,
    map_of,
    read_mapping,
    targets,
)

__all__ = [
    "DROPPED",
    "MIGRATION",
    "Comparison",
    "FoldDifference",
    "Inverse",
    "Lens",
    "RecordedEnrollment",
    "ReleaseChange",
    "Tried",
    "after_timers",
    "compare",
    "compare_programmes",
    "differences",
    "folded_to",
    "further_leaf_targets",
    "further_targets",
    "inverse_of",
    "leaf_targets",
    "map_of",
    "migrated",
    "moved_now",
    "read_mapping",
    "targets",
    "try_release",
]
