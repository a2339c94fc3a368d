"""The patients of a journey who have not ended, page by page, and the states that they are in. Nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from journeys.analysis.comparison import folded_to
from journeys.engine import State
from journeys.engine.machine import Release
from service.platform.database.payload import unseal
from service.publishing.service import Service
from service.releases import store
from service.releases.store import Person

LeafCounts = Counter[tuple[str, str]]
#: The number of patients by release and leaf.


class ReleaseCache(Mapping[str, Release]):
    """The releases that a run over many patients needs, each read from the store once."""

    def __init__(self, service: Service, *more: Release) -> None:
        self._service = service
        self._releases = {release.id: release for release in more}

    def __getitem__(self, release: str) -> Release:
        """Return a release by its id."""
        cached = self._releases.get(release)
        if cached is None:
            with self._service.database.reading() as connection:
                cached = self._releases[release] = self._service.library.releases(connection)[release]
        return cached

    def __iter__(self) -> Iterator[str]:
        """Yield the ids of the releases read so far."""
        return iter(self._releases)

    def __len__(self) -> int:
        """Return how many releases were read so far."""
        return len(self._releases)


def iterate_open(service: Service, journey: str) -> Iterator[Person]:
    """Yield every patient who has not ended; each page is read in its own transaction."""
    after = ""
    while True:
        with service.database.reading() as connection:
            page = store.page_of_open(connection, journey, after)
        yield from page
        if len(page) < store.PAGE:
            return
        after = page[-1].id


def iterate_open_within(connection: Connection, journey: str) -> Iterator[Person]:
    """Yield every patient who has not ended, within one transaction."""
    after = ""
    while page := store.page_of_open(connection, journey, after):
        yield from page
        after = page[-1].id


def list_leaf_sets(service: Service, journey: str) -> Iterator[frozenset[str]]:
    """Yield the leaves of each patient who has not ended, without anything that identifies the patient."""
    releases, now = ReleaseCache(service), service.clock()
    for person in iterate_open(service, journey):
        yield frozenset(_leaves_of(releases, person, now))


def count_by_leaf(releases: Mapping[str, Release], people: Iterable[Person], now: datetime) -> LeafCounts:
    """Return the number of patients by release and leaf."""
    counts: LeafCounts = Counter()
    for person in people:
        counts.update((person.release, leaf) for leaf in _leaves_of(releases, person, now))
    return counts


def leaves_of(state: State) -> list[str]:
    """Return the full path of the leaf in each track of a state."""
    return [f"{track}.{stays[-1].state}" for track, stays in state.tracks.items()]


def _leaves_of(releases: Mapping[str, Release], person: Person, now: datetime) -> list[str]:
    """Return a patient's leaf in each track, after every timer that is due."""
    if person.payload is None:
        return []
    if person.due is not None and person.due <= now:
        assert person.state is not None
        return leaves_of(folded_to(releases, person.state, now))
    tracks = unseal(person.payload)["tracks"]  # building the whole state takes far longer
    return [f"{track}.{stays[-1]['state']}" for track, stays in tracks.items()]
