"""SQL of heartbeats: when each worker was last seen. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from service.platform.database.tables import clock_beats, worker_beats


@dataclass(frozen=True, slots=True)
class Beat:
    """The heartbeat of a worker."""

    worker: str
    started_at: datetime
    beat_at: datetime
    fired: int


_START = insert(worker_beats)
_BEAT = (
    update(worker_beats)
    .where(worker_beats.c.worker == bindparam("the_worker"))
    .values(beat_at=bindparam("now"), fired=worker_beats.c.fired + bindparam("more"))
)
_STOP = delete(worker_beats).where(worker_beats.c.worker == bindparam("the_worker"))
_ALL = select(worker_beats).order_by(worker_beats.c.started_at)
_CLOCK = select(clock_beats.c.at)
_ADVANCE_CLOCK = update(clock_beats).where(clock_beats.c.at < bindparam("now")).values(at=bindparam("now"))
_LAST = select(func.max(worker_beats.c.beat_at))


def start(connection: Connection, worker: str, now: datetime) -> None:
    """Record that a worker begins."""
    connection.execute(_START, {"worker": worker, "started_at": now, "beat_at": now, "fired": 0})
    if last_clock(connection) is None:
        set_clock(connection, now)
    connection.execute(_ADVANCE_CLOCK, {"now": now})


def beat(connection: Connection, worker: str, now: datetime, fired: int) -> None:
    """Record that a worker is alive, and the number of enrollments it has served since the last heartbeat."""
    connection.execute(_BEAT, {"the_worker": worker, "now": now, "more": fired})
    connection.execute(_ADVANCE_CLOCK, {"now": now})


def last_clock(connection: Connection) -> datetime | None:
    """The latest instant at which any worker was at work, also one that has ended; or None."""
    return connection.execute(_CLOCK).scalar()


def set_clock(connection: Connection, now: datetime) -> None:
    """Record an instant as the latest, also where it lies before the recorded one."""
    connection.execute(delete(clock_beats))
    connection.execute(insert(clock_beats).values(id=1, at=now))


def stop(connection: Connection, worker: str) -> None:
    """Delete a worker that has ended normally."""
    connection.execute(_STOP, {"the_worker": worker})


def list_all(connection: Connection) -> list[Beat]:
    """The workers that have not ended normally, oldest first."""
    return [Beat(*row) for row in connection.execute(_ALL)]


def last(connection: Connection) -> datetime | None:
    """Return the instant at which any worker was last seen, or None."""
    return connection.execute(_LAST).scalar()
