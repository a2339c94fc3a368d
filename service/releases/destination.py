"""The release that patients may be migrated to: the active one, or one by its number or id. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from journeys.analysis.comparison import Comparison, compare, compare_programmes
from journeys.content.catalogue import Catalogue
from journeys.definition.compiler import ReleasePlan
from journeys.definition.programmes import Programmes
from journeys.engine.machine import Release
from service.platform import errors
from service.publishing.review import programmes_of
from service.publishing.service import Service
from service.publishing.store import approvals, releases
from service.publishing.store.releases import StoredRelease
from service.releases import store

LONGEST_SELECTOR = 80
#: The length of the start of an id that names a release.
SHORT_ID = 8


@dataclass(frozen=True, slots=True)
class Destination:
    """A release that patients may be migrated to: a published one with its number, or one that is still in files.

    `programmes` are those of its newest publication, or of its files; None where they are not compared.
    """

    release: Release
    number: int | None = None
    catalogue: Catalogue | None = None
    programmes: Programmes | None = None

    @property
    def plan(self) -> ReleasePlan:
        """The compiled journey."""
        return self.release.plan


def active_destination(service: Service, journey: str) -> Destination:
    """Return the release that new enrollments get; where none is active yet, the newest.

    Raises:
        NotFound: the journey was never published.
    """
    with service.database.reading() as connection:
        in_force = approvals.in_force(connection, journey)
        publication = releases.newest_publication(connection, journey)
    if publication is None:
        raise _never_published(journey)
    active = in_force.release if in_force is not None else None
    return find_destination(service, journey, active or publication.release)


def find_destination(service: Service, journey: str, selector: str) -> Destination:
    """Return a published release by its number, or by its id or the id's first eight characters.

    Raises:
        NotFound: no release matches; the message lists the releases.
    """
    with service.database.reading() as connection:
        published = store.list_releases(connection, journey)
        if not published:
            raise _never_published(journey)
        stored = _select_release(published, selector)
        if stored is None:
            available = ", ".join(f"{release.number} ({release.id[:SHORT_ID]})" for release in published)
            text = f"Unknown release '{selector[:LONGEST_SELECTOR]}' of '{journey}'. Accepted: {available}."
            raise errors.NotFound(text)
        release = service.library.releases(connection)[stored.id]
        history = releases.list_publications(connection, journey)
        publication = next((publication for publication in history if publication.release == stored.id), None)
        programmes = programmes_of(connection, publication)
        return Destination(release, stored.number, newest_catalogue(service, connection, release), programmes)


def newest_catalogue(service: Service, connection: Connection, release: Release) -> Catalogue:
    """Return the newest pieces for a release, approved or not."""
    return service.library.newest(connection, release)


def compare_destinations(old: Destination, new: Destination) -> Comparison:
    """Return the differences between two releases, and between their pieces and programmes where both have them."""
    pieces = (old.catalogue, new.catalogue) if old.catalogue is not None and new.catalogue is not None else None
    comparison = compare(old.plan, new.plan, pieces=pieces)
    if old.programmes is None or new.programmes is None:
        return comparison
    return replace(comparison, changes=(*comparison.changes, *compare_programmes(old.programmes, new.programmes)))


def _select_release(published: list[StoredRelease], selector: str) -> StoredRelease | None:
    if selector.isdecimal() and len(selector) < SHORT_ID:
        return next((release for release in published if release.number == int(selector)), None)
    if len(selector) < SHORT_ID:
        return None
    matching_releases = [release for release in published if release.id.startswith(selector)]
    return matching_releases[0] if len(matching_releases) == 1 else None


def _never_published(journey: str) -> errors.NotFound:
    return errors.NotFound(f"No journey with the key '{journey[:80]}' has been published.")
