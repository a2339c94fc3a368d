"""SQL of enrollments that were folded by earlier rules. It needs no engine: each command asks before it begins."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from service.platform.database.tables import enrollments

_OF_EARLIER_RULES = (
    select(enrollments.c.id)
    .where(enrollments.c.rules < bindparam("rules"), enrollments.c.id > bindparam("after"))
    .order_by(enrollments.c.id)
    .limit(bindparam("count"))
)


def ids_of_earlier_rules(connection: Connection, rules: int, after: str, count: int) -> list[str]:
    """The ids of enrollments that were last folded by rules before a version, by id, from after an id."""
    values = {"rules": rules, "after": after, "count": count}
    return list(connection.execute(_OF_EARLIER_RULES, values).scalars())
