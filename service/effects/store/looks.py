"""SQL of looks: which enrollments changed since something that follows from them was last worked out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from service.platform.database.statements import Prepared
from service.platform.database.tables import enrollments, looks, real_enrollments, standings

Looker = Literal["feed", "messages"]
#: What is worked out.


@dataclass(frozen=True, slots=True)
class StoredLook:
    """What an enrollment was at the last look.

    Attributes:
        revision: the revision of the enrollment.
        standing: the revision of the journey's approval status, which the looks of the feed do not follow.
        next_at: when it is to be looked at again though it has not changed, UTC, or None.
    """

    revision: int
    standing: int | None = None
    next_at: datetime | None = None


_OF = (looks.c.looker == bindparam("looker")) & (looks.c.enrollment == bindparam("enrollment"))
_WITH_LOOKS = (
    select(real_enrollments.c.id)
    .outerjoin_from(
        real_enrollments,
        looks,
        and_(looks.c.looker == bindparam("looker"), looks.c.enrollment == real_enrollments.c.id),
    )
    .order_by(real_enrollments.c.id)
    .limit(bindparam("count"))
)
_HAS_CHANGED = looks.c.revision.is_distinct_from(real_enrollments.c.revision)
_CHANGED: dict[Looker, Prepared] = {
    "feed": Prepared(_WITH_LOOKS.where(_HAS_CHANGED)),
    "messages": Prepared(
        _WITH_LOOKS.outerjoin(standings, standings.c.journey == real_enrollments.c.journey).where(
            _HAS_CHANGED | looks.c.standing.is_distinct_from(standings.c.revision)
        )
    ),
}
_DUE = Prepared(
    select(looks.c.enrollment)
    .where(looks.c.looker == bindparam("looker"), looks.c.next_at <= bindparam("now"))
    .order_by(looks.c.next_at)
    .limit(bindparam("count"))
)
_ONE = Prepared(select(looks.c.revision, looks.c.standing, looks.c.next_at).where(_OF))
_OF_PERSON = Prepared(
    select(enrollments.c.id).where(enrollments.c.person == bindparam("person")).order_by(enrollments.c.id)
)
_FORGET = Prepared(delete(looks).where(_OF))


def _upsert(dialect: Any) -> Any:
    statement = dialect.insert(looks)
    return statement.on_conflict_do_update(
        index_elements=[looks.c.looker, looks.c.enrollment],
        set_={name: statement.excluded[name] for name in ("revision", "standing", "next_at")},
    )


_STORE = Prepared({"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)})


def changed_enrollments(connection: Connection, looker: Looker, now: datetime, count: int) -> list[str]:
    """The ids of enrollments to look at, by id: their revision is another, or it is time.

    For messages also: the approval status of their journey is another.
    """
    values = {"looker": looker, "count": count}
    ids = {row.id for row in _CHANGED[looker].all(connection, values)}
    ids |= {row.enrollment for row in _DUE.all(connection, {**values, "now": now})}
    return sorted(ids)[:count]


def read_look(connection: Connection, looker: Looker, enrollment: str) -> StoredLook | None:
    """The last look at an enrollment, or None."""
    row = _ONE.first(connection, {"looker": looker, "enrollment": enrollment})
    return StoredLook(row.revision, row.standing, row.next_at) if row is not None else None


def store_look(connection: Connection, looker: Looker, enrollment: str, look: StoredLook) -> None:
    """Stores a look at an enrollment."""
    values = {"revision": look.revision, "standing": look.standing, "next_at": look.next_at}
    _STORE.run(connection, {"looker": looker, "enrollment": enrollment, **values})


def forget_look(connection: Connection, looker: Looker, enrollment: str) -> None:
    """Lets an enrollment be looked at again though it has not changed."""
    _FORGET.run(connection, {"looker": looker, "enrollment": enrollment})


def forget_looks_of_person(connection: Connection, looker: Looker, person: str) -> None:
    """Lets the enrollments of a person be looked at again, in the order in which looks are stored."""
    for row in _OF_PERSON.all(connection, {"person": person}):
        forget_look(connection, looker, row.id)
