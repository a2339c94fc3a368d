"""Counting the enrollments of a journey by state, as staff know them. Nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from journeys.primitives.state_path import StatePath, chain_of
from service.platform import errors
from service.publishing.service import Service
from service.publishing.store import releases
from service.releases import store
from service.releases.population import list_leaf_sets


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many enrollments are in a state, named by its full path, or in a state within it."""

    state: str
    enrollments: int


@dataclass(frozen=True, slots=True)
class JourneyCounts:
    """The enrollments of a journey at an instant: how many have not ended, have ended, and are in each state."""

    journey: str
    at: datetime
    open: int
    ended: int
    states: Sequence[StateCount]


def count_enrollments(service: Service, journey: str) -> JourneyCounts:
    """The enrollments of a journey in every release; states without an enrollment are left out.

    It reads every enrollment that has not ended, page by page.

    Raises:
        NotFound: the journey was never published.
    """
    now = service.clock()
    with service.database.reading() as connection:
        if journey not in releases.journeys_published(connection):
            raise errors.NotFound("No journey with this key has been published.")
        ended = store.count_people(connection, journey) - sum(store.count_open(connection, journey).values())
    states: Counter[str] = Counter()
    opened = 0
    for leaves in list_leaf_sets(service, journey):
        opened += 1
        states.update(state for leaf in leaves for state in _with_outer(leaf))
    counts = [StateCount(state, count) for state, count in sorted(states.items())]
    return JourneyCounts(journey, now, opened, ended, counts)


def _with_outer(leaf: str) -> list[str]:
    """The full paths of a leaf and of the states around it."""
    at = StatePath.parse(leaf)
    return [str(StatePath(at.track, path)) for path in chain_of(at.path)]
