"""SQL of the declared sources of rows. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from service.platform.database.tables import row_sources


@dataclass(frozen=True, slots=True)
class StoredRowSource:
    """A source by its name, with the journey that declares it and the bytes of the published file."""

    name: str
    journey: str
    declaration: bytes


_COLUMNS = select(row_sources.c.name, row_sources.c.journey, row_sources.c.declaration).order_by(row_sources.c.name)
_DELETE = delete(row_sources).where(row_sources.c.journey == bindparam("the_journey"))
_INSERT = insert(row_sources)


def list_row_sources(connection: Connection) -> list[StoredRowSource]:
    """The sources of all journeys, by name."""
    return [StoredRowSource(*row) for row in connection.execute(_COLUMNS)]


def replace_row_sources(
    connection: Connection, journey: str, names: Collection[str], declaration: bytes, now: datetime
) -> None:
    """Stores the sources of a journey in place of those that it had."""
    connection.execute(_DELETE, {"the_journey": journey})
    rows = [
        {"name": name, "journey": journey, "declaration": declaration, "published_at": now} for name in sorted(names)
    ]
    if rows:
        connection.execute(_INSERT, rows)
