"""Migrate patients to another release, batch by batch, each of them once; an interrupted migration goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from journeys.primitives.errors import CallerError, Refused
from journeys.primitives.state_path import StateMap
from service.enrollments import report
from service.platform import errors
from service.platform.database import moving_alone
from service.platform.logs import log
from service.publishing.approvals import list_release_statuses
from service.publishing.service import Service
from service.publishing.store.releases import find_release
from service.releases import store
from service.releases.plan import MigrationPlan
from service.releases.store import Batch, StoredMove

DONE, GIVEN_UP = "done", "given up"
#: The words of releases that were approved at some time; in others, patients would see nothing.
APPROVED = ("approved", "active", "superseded")
BATCH = 100


@dataclass(frozen=True, slots=True)
class MigrationResult:
    """The result of a migration: the number of migrated enrollments, and the ids of those that failed.

    `is_resumed`: whether an interrupted migration went on.
    """

    move: StoredMove
    moved: int
    failed: tuple[str, ...]
    is_resumed: bool


def migrate_patients(
    service: Service, plan: MigrationPlan, *, batch: int = BATCH, progress: Callable[[int], None] | None = None
) -> MigrationResult:
    """Migrate every patient who has not ended, each once; an interrupted migration with the same plan goes on.

    Args:
        service: the service that holds the patients.
        plan: the migration; every leaf of every release that patients are in has a target.
        batch: the number of enrollments after which the progress is stored.
        progress: is called with the number of enrollments migrated since the last call.

    Raises:
        AlreadyMoving: another process is migrating.
        Conflict: another migration is unfinished, or the release was never approved.
        Refused: a leaf has no target.
    """
    if plan.missing:
        raise Refused({f"map.{unmapped.state}": [unmapped.in_words()] for unmapped in plan.missing})
    words = {status.release: status.word for status in list_release_statuses(service, plan.journey)}
    if words.get(plan.to.release.id) not in APPROVED:
        text = f"Release {plan.to.number} is not approved: patients in it would see nothing. Sign it first."
        raise errors.Conflict(text)
    with moving_alone(service.database):
        move, is_resumed = _begin_migration(service, plan)
        maps = {**{release: lens.map for release, lens in plan.lenses.items()}, **move.maps}
        batches = _migrate_batches(service, move, maps, batch, progress)
        with service.database.writing() as connection:
            store.end(connection, move.id, DONE, service.clock())
    failed = tuple(enrollment for done in batches for enrollment in done.failed)
    return MigrationResult(move, sum(done.moved for done in batches), failed, is_resumed)


def give_up_migration(service: Service, journey: str) -> StoredMove | None:
    """End the unfinished migration of a journey and return it, or None; migrated patients stay in the new release.

    Raises:
        AlreadyMoving: a process is migrating.
    """
    with moving_alone(service.database), service.database.writing() as connection:
        unfinished = store.unfinished(connection, journey)
        if unfinished is not None:
            store.end(connection, unfinished.id, GIVEN_UP, service.clock())
    return unfinished


def _begin_migration(service: Service, plan: MigrationPlan) -> tuple[StoredMove, bool]:
    """Store a new migration, or find the unfinished one with the same plan; return it, and whether it goes on.

    Raises:
        Conflict: a migration with another plan is unfinished.
    """
    maps = {release: lens.map for release, lens in plan.lenses.items()}
    with service.database.writing() as connection:
        unfinished = store.unfinished(connection, plan.journey)
        if unfinished is not None:
            stored_maps = unfinished.maps
            has_same_maps = all(stored_maps.get(release, mapping) == mapping for release, mapping in maps.items())
            if unfinished.release != plan.to.release.id or not has_same_maps:
                release = find_release(connection, unfinished.release)
                raise errors.Conflict(
                    f"The migration to release {release.number if release is not None else ''} is unfinished. "
                    "Run it again with the same options, or give it up with --give-up."
                )
            return unfinished, True
        number = store.last_number(connection, plan.journey) + 1
        move = StoredMove(
            id=plan.migration_id(number),
            journey=plan.journey,
            number=number,
            release=plan.to.release.id,
            maps=maps,
            total=plan.total,
            begun_at=service.clock(),
            ended_at=None,
            outcome=None,
        )
        store.add(connection, move)
    return move, False


def _migrate_batches(
    service: Service,
    move: StoredMove,
    maps: Mapping[str, StateMap],
    size: int,
    progress: Callable[[int], None] | None,
) -> list[Batch]:
    """Migrate what is left, batch by batch, and return all batches, also those before an interruption."""
    with service.database.reading() as connection:
        batches = store.list_batches(connection, move.id)
    while True:
        after = batches[-1].last if batches else ""
        with service.database.reading() as connection:
            page = store.to_move(connection, move.journey, move.release, after, size)
        if not page:
            return batches
        # A release published since the beginning has no mapping: its patients stay.
        mapped = [(enrollment, maps[release]) for enrollment, release in page if release in maps]
        failed = [
            enrollment
            for enrollment, mapping in mapped
            if not _migrate_enrollment(service, move, enrollment, mapping, progress)
        ]
        batch = Batch(len(batches) + 1, page[-1][0], len(mapped) - len(failed), tuple(failed))
        with service.database.writing() as connection:
            store.add_batch(connection, move.id, batch, service.clock())
        batches.append(batch)


def _migrate_enrollment(
    service: Service,
    move: StoredMove,
    enrollment: str,
    mapping: StateMap,
    progress: Callable[[int], None] | None,
) -> bool:
    """Migrate an enrollment; return False where it fails, so that the others go on."""
    try:
        report.migrate(service, enrollment=enrollment, to=move.release, mapping=mapping, id=move.id)
    except (SQLAlchemyError, errors.Unavailable):
        raise
    except errors.NotFound:
        return True  # erased since the page was read
    except (CallerError, Exception) as error:
        log().error("not moved", enrollment=enrollment, error=type(error).__name__)
        return False
    if progress is not None:
        progress(1)
    return True
