"""SQL of looks: which enrollments changed since something that follows from them was last worked out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from service.platform.database.statements import Prepared
from service.platform.database.tables import enrollments, looks

Looker = Literal["feed", "messages"]
#: What is worked out.


@dataclass(frozen=True, slots=True)
class StoredLook:
    """The revision of an enrollment at the last look, and when it is to be looked at again (UTC; None: on a change)."""

    revision: int
    next_at: datetime | None = None


_OF = (looks.c.looker == bindparam("looker")) & (looks.c.enrollment == bindparam("enrollment"))
_CHANGED = Prepared(
    select(enrollments.c.id)
    .outerjoin_from(
        enrollments, looks, and_(looks.c.looker == bindparam("looker"), looks.c.enrollment == enrollments.c.id)
    )
    .where(looks.c.revision.is_distinct_from(enrollments.c.revision))
    .order_by(enrollments.c.id)
    .limit(bindparam("count"))
)
_DUE = Prepared(
    select(looks.c.enrollment)
    .where(looks.c.looker == bindparam("looker"), looks.c.next_at <= bindparam("now"))
    .order_by(looks.c.next_at)
    .limit(bindparam("count"))
)
_ONE = Prepared(select(looks.c.revision, looks.c.next_at).where(_OF))
_FORGET = Prepared(delete(looks).where(_OF))


def _upsert(dialect: Any) -> Any:
    statement = dialect.insert(looks)
    return statement.on_conflict_do_update(
        index_elements=[looks.c.looker, looks.c.enrollment],
        set_={"revision": statement.excluded.revision, "next_at": statement.excluded.next_at},
    )


_STORE = Prepared({"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)})


def changed_enrollments(connection: Connection, looker: Looker, now: datetime, count: int) -> list[str]:
    """The ids of enrollments to look at, by id: their revision is another, or it is time."""
    values = {"looker": looker, "count": count}
    ids = {row.id for row in _CHANGED.all(connection, values)}
    ids |= {row.enrollment for row in _DUE.all(connection, {**values, "now": now})}
    return sorted(ids)[:count]


def read_look(connection: Connection, looker: Looker, enrollment: str) -> StoredLook | None:
    """The last look at an enrollment, or None."""
    row = _ONE.first(connection, {"looker": looker, "enrollment": enrollment})
    return StoredLook(row.revision, row.next_at) if row is not None else None


def store_look(connection: Connection, looker: Looker, enrollment: str, look: StoredLook) -> None:
    """Stores a look at an enrollment."""
    values = {"looker": looker, "enrollment": enrollment, "revision": look.revision, "next_at": look.next_at}
    _STORE.run(connection, values)


def forget_look(connection: Connection, looker: Looker, enrollment: str) -> None:
    """Lets an enrollment be looked at again though it has not changed."""
    _FORGET.run(connection, {"looker": looker, "enrollment": enrollment})
