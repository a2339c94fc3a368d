"""SQL of totals for operators, and of backups. It names no patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, case, distinct, func, insert, select, text

from service.effects.store.tasks import OPEN
from service.platform.database.tables import backups, events, real_enrollments, releases, tasks, worker_beats


@dataclass(frozen=True, slots=True)
class OpenTasks:
    """The number of open tasks, the number of those due before an instant, and the earliest due time of all."""

    count: int
    overdue: int
    first_due: datetime | None


@dataclass(frozen=True, slots=True)
class ReleaseInUse:
    """A release and how many enrollments it has."""

    journey: str
    number: int
    enrollments: int


_OLDEST_DUE = (
    select(real_enrollments.c.next_due_at)
    .where(real_enrollments.c.next_due_at.is_not(None))
    .order_by(real_enrollments.c.next_due_at)
    .limit(1)
)
_TASKS = (
    select(
        func.count(),
        func.count(case((tasks.c.due < bindparam("before"), 1))),
        func.min(tasks.c.due),
    )
    .join_from(tasks, real_enrollments)
    .where(tasks.c.status == OPEN)
)
_STUCK = (
    select(func.count(distinct(events.c.enrollment)))
    .join_from(events, real_enrollments)
    .where(events.c.outcome.in_(["waiting", "ignored"]), events.c.retracted_at.is_(None))
)
_FAILING = (
    select(func.count()).select_from(real_enrollments).where(real_enrollments.c.failures > text("0"))
)  # as its index says
_FIRST = select(real_enrollments.c.created_at).order_by(real_enrollments.c.id).limit(1)
_RELEASES = (
    select(releases.c.journey, releases.c.number, func.count())
    .join_from(real_enrollments, releases, real_enrollments.c.current_release == releases.c.id)
    .group_by(releases.c.journey, releases.c.number)
    .order_by(releases.c.journey, releases.c.number)
)
_LAST_BACKUP = select(func.max(backups.c.taken_at))
_LAST_BEAT = select(func.max(worker_beats.c.beat_at))
_SERVER_TIME = text("SELECT clock_timestamp()")
_ALLOWED = (text("SHOW max_connections"), text("SHOW superuser_reserved_connections"))
_NOTE_BACKUP = insert(backups)
_SIZE = {
    "sqlite": text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
    "postgresql": text("SELECT pg_database_size(current_database())"),
}


def oldest_due(connection: Connection) -> datetime | None:
    """The earliest deadline of all timers, or None."""
    return connection.execute(_OLDEST_DUE).scalar()


def open_tasks_overall(connection: Connection, before: datetime) -> OpenTasks:
    """The open tasks, and those of them that were due before an instant."""
    return OpenTasks(*connection.execute(_TASKS, {"before": before}).one())


def count_stuck(connection: Connection) -> int:
    """How many enrollments have events that wait or were ignored."""
    return int(connection.execute(_STUCK).scalar_one())


def count_failing(connection: Connection) -> int:
    """How many enrollments have timers that could not be fired when they were last tried."""
    return int(connection.execute(_FAILING).scalar_one())


def first_enrolled_at(connection: Connection) -> datetime | None:
    """Return the instant of the first enrollment, or None."""
    return connection.execute(_FIRST).scalar()


def releases_overall(connection: Connection) -> list[ReleaseInUse]:
    """Every release that has enrollments."""
    return [ReleaseInUse(*row) for row in connection.execute(_RELEASES)]


def size_in_bytes(connection: Connection) -> int:
    """Return the size of the database in bytes."""
    return int(connection.execute(_SIZE[connection.dialect.name]).scalar_one())


def last_backup_at(connection: Connection) -> datetime | None:
    """Return the instant at which the last backup began, or None."""
    return connection.execute(_LAST_BACKUP).scalar()


def note_backup(connection: Connection, backup: str, kind: str, taken_at: datetime) -> None:
    """Record that a backup was made."""
    connection.execute(_NOTE_BACKUP, {"id": backup, "kind": kind, "taken_at": taken_at})


def latest_instant(connection: Connection) -> datetime | None:
    """The latest instant that a process recorded or that the database server reports, or None."""
    instants = [connection.execute(query).scalar() for query in (_LAST_BEAT, _LAST_BACKUP)]
    if connection.dialect.name == "postgresql":
        instants.append(connection.execute(_SERVER_TIME).scalar_one().astimezone(UTC))
    return max((instant for instant in instants if instant is not None), default=None)


def most_connections(connection: Connection) -> int:
    """Return the number of connections that a PostgreSQL server accepts from ordinary users."""
    most, reserved = (int(connection.execute(query).scalar_one()) for query in _ALLOWED)
    return most - reserved
