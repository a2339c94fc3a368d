"""A path: one patient's course through a journey, with all events that must be reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from journeys.definition.facts import Value
from journeys.definition.graph import Edge

BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
#: The default beginning of paths; their clock is virtual.

REPORTERS = {"patient": "app", "family": "family", "staff": "clinic"}
#: The names of reporters in stories, by reporter type.


@dataclass(frozen=True, slots=True)
class PathEvent:
    """A reported event; `by` is the reporter type. Times are UTC and strictly increase."""

    at: datetime
    type: str
    by: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    told: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """One concrete, feasible course through a journey: the engine takes it when these events are reported.

    The patient joins at `began` (at the entry, or in the initial states) and reports `facts`; time passes until
    `until`. `edges` are the transitions taken, `times` their instants. `states` are the leaves visited (`track.path`):
    the initial leaf of each track, then the target of each transition (an end has none).
    """

    name: str
    entry: str | None
    began: datetime
    facts: Mapping[str, Value]
    events: tuple[PathEvent, ...]
    until: datetime
    states: tuple[str, ...]
    edges: tuple[Edge, ...] = ()
    times: tuple[datetime, ...] = ()
