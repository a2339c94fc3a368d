"""SQL of the publisher's looks at enrollments: which of them changed since. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from service.effects.store.tasks import CLOSED
from service.platform.database.statements import Prepared
from service.platform.database.tables import enrollments, feed_looks, tasks


@dataclass(frozen=True, slots=True)
class StoredLook:
    """The revision of an enrollment at the last look, and when its told view changes by itself (None: never)."""

    revision: int
    next_at: datetime | None


_CHANGED = Prepared(
    select(enrollments.c.id)
    .join_from(enrollments, feed_looks, isouter=True)
    .where(feed_looks.c.revision.is_distinct_from(enrollments.c.revision))
    .order_by(enrollments.c.id)
    .limit(bindparam("count"))
)
_DUE = Prepared(
    select(feed_looks.c.enrollment)
    .where(feed_looks.c.next_at <= bindparam("now"))
    .order_by(feed_looks.c.enrollment)
    .limit(bindparam("count"))
)
_LOOK = Prepared(
    select(feed_looks.c.revision, feed_looks.c.next_at).where(feed_looks.c.enrollment == bindparam("enrollment"))
)
_CLOSED_TASKS = Prepared(
    select(tasks.c.id).where(tasks.c.enrollment == bindparam("enrollment"), tasks.c.status == CLOSED)
)


def _upsert(dialect: Any) -> Any:
    statement = dialect.insert(feed_looks)
    return statement.on_conflict_do_update(
        index_elements=[feed_looks.c.enrollment],
        set_={"revision": statement.excluded.revision, "next_at": statement.excluded.next_at},
    )


_STORE = Prepared({"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)})


def changed_enrollments(connection: Connection, now: datetime, count: int) -> list[str]:
    """The ids of enrollments whose feed may change, by id: their revision is another, or time has passed."""
    ids = {row.id for row in _CHANGED.all(connection, {"count": count})}
    ids |= {row.enrollment for row in _DUE.all(connection, {"now": now, "count": count})}
    return sorted(ids)[:count]


def read_look(connection: Connection, enrollment: str) -> StoredLook | None:
    """The last look at an enrollment, or None."""
    row = _LOOK.first(connection, {"enrollment": enrollment})
    return StoredLook(row.revision, row.next_at) if row is not None else None


def store_look(connection: Connection, enrollment: str, look: StoredLook) -> None:
    """Stores a look at an enrollment."""
    _STORE.run(connection, {"enrollment": enrollment, "revision": look.revision, "next_at": look.next_at})


def tasks_closed_by_persons(connection: Connection, enrollment: str) -> frozenset[str]:
    """The ids of an enrollment's tasks that a person closed."""
    return frozenset(row.id for row in _CLOSED_TASKS.all(connection, {"enrollment": enrollment}))
