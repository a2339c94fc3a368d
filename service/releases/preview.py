"""The preview of a migration: what it would change for each patient, and in all. Nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from journeys.analysis.comparison import FoldDifference, Lens, after_timers, differences, migrated, moved_now
from journeys.content.catalogue import Catalogue, select
from journeys.engine import Enrollment, Event, State, active_events
from service.enrollments.steps import arrive, pass_time
from service.enrollments.store import enrollments, log
from service.publishing.service import Service
from service.releases import store
from service.releases.destination import newest_catalogue
from service.releases.plan import MigrationPlan
from service.releases.population import ReleaseCache, iterate_open, leaves_of
from service.releases.store import Person

PAGE = 100


@dataclass(frozen=True, slots=True)
class MigrationPreview:
    """What a migration would change for one enrollment: the state before, the enrollment after, the differences."""

    enrollment: str
    before: State
    after: Enrollment
    differences: tuple[FoldDifference, ...]


@dataclass(frozen=True, slots=True)
class MigrationImpact:
    """What a migration would change in all.

    Attributes:
        moving: the number of patients who would change their leaf, by release, leaf and each of its targets.
        seeing: the number of patients who would see other pieces, by release and leaf.
    """

    moving: Mapping[tuple[str, str, str], int]
    seeing: Mapping[tuple[str, str], int]


def measure_impact(
    service: Service, plan: MigrationPlan, *, each: Callable[[str, str], None] | None = None
) -> MigrationImpact:
    """Return the number of patients who would change their leaf, or see other pieces, after a migration now.

    Args:
        service: the service that holds the patients.
        plan: the migration.
        each: is called with the id and the leaves of every enrollment that would see other pieces.
    """
    now = service.clock()
    releases = ReleaseCache(service, plan.to.release)
    with service.database.reading() as connection:
        catalogues = {release: newest_catalogue(service, connection, releases[release]) for release in plan.lenses}
    moving: Counter[tuple[str, str, str]] = Counter()
    seeing: Counter[tuple[str, str]] = Counter()
    for person in iterate_open(service, plan.journey):
        lens, state = plan.lenses.get(person.release), person.state
        if lens is None or state is None:
            continue
        present, begun = after_timers(releases, state, now)
        leaves = leaves_of(present)
        for leaf in leaves:
            moving.update((person.release, leaf, target) for target in lens.targets_of(leaf) if target != leaf)
        # While something is held, patients see the told view, which is not compared.
        if (
            present.ended is not None
            or person.open_news
            or begun
            or not present.tracks
            or not lens.has_place_for(present)
        ):
            continue
        after = _state_after(service, releases, lens, person, present, now)
        new_catalogue = plan.to.catalogue
        if new_catalogue is None:
            continue
        if _visible(catalogues[person.release], present, now) != _visible(new_catalogue, after, now):
            seeing.update((person.release, leaf) for leaf in leaves)
            if each is not None:
                each(person.id, ", ".join(leaves))
    return MigrationImpact(moving, seeing)


def _state_after(
    service: Service, releases: ReleaseCache, lens: Lens, person: Person, present: State, now: datetime
) -> State:
    """Return the state of a patient after a migration now."""
    events = []
    if person.enrolled_with != person.release:
        with service.database.reading() as connection:
            events = active_events([entry.arrival for entry in log.read_log(connection, person.id)])
    return moved_now(releases, lens, person.id, present, events, now)[0]


def _visible(catalogue: Catalogue, state: State, now: datetime) -> set[tuple[str, str]]:
    return {(selected.piece.key, selected.piece.version) for selected in select(catalogue, state, now)}


def preview_enrollments(service: Service, plan: MigrationPlan) -> Iterator[MigrationPreview]:
    """Yield what a migration now would change for each enrollment, one after the other."""
    with service.database.reading() as connection:
        unfinished = store.unfinished(connection, plan.journey)
        next_number = store.last_number(connection, plan.journey) + 1
    migration = unfinished.id if unfinished is not None else plan.migration_id(next_number)
    releases = ReleaseCache(service, plan.to.release)
    after = ""
    while True:
        with service.database.reading() as connection:
            page = store.to_move(connection, plan.journey, plan.to.release.id, after, PAGE)
        for enrollment, release in page:
            lens = plan.lenses[release]
            event = migrated(enrollment, migration, plan.to.release.id, lens.map, service.clock())
            preview = _preview_enrollment(service, releases, lens, enrollment, event)
            if preview is not None:
                yield preview
        if not page:
            return
        after = page[-1][0]


def _preview_enrollment(
    service: Service, releases: ReleaseCache, lens: Lens, enrollment: str, event: Event
) -> MigrationPreview | None:
    """Return the preview of one enrollment, or None where it was erased or has ended."""
    now = event.at
    with service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
        entries = [entry.arrival for entry in log.read_log(connection, enrollment)]
    if stored is None:
        return None
    passed = pass_time(releases, stored, now)
    before = passed.stored.enrollment
    state = before.state
    if state is None or state.ended is not None:
        return None
    after = arrive(releases, passed.stored, [event], now, lambda: entries).stored.enrollment
    assert after.state is not None
    news = before.told.open, after.told.open
    changes = differences(lens, state, after.state, now, news=news, names=True)
    return MigrationPreview(enrollment, state, after, tuple(changes))
