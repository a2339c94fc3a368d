"""A path: one way of one patient through a journey, with all that must be reported for it to come true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from journeys.definition.facts import Value
from journeys.definition.graph import Edge

BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
#: When paths begin unless another instant is given; their clock is virtual.

REPORTERS = {"patient": "app", "family": "family", "staff": "clinic"}
#: Who reports in a path, by kind of reporter: the names that stories use.


@dataclass(frozen=True, slots=True)
class PathEvent:
    """Something reported on the way; `by` is the kind of reporter. Times are UTC and strictly increase."""

    at: datetime
    type: str
    by: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    told: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """One way through a journey, concrete and feasible: the engine, given these events, goes it.

    The patient joins at `began` (at the entry, or in the initial states) telling `facts`; time passes until `until`.
    `edges` are the transitions taken, `times` when each was. `states` are the leaves visited (`track.path`): where each
    track began, then where each transition led (an end leads nowhere and adds none).
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
