"""What SQLAlchemy Core says differently on the two databases. It runs nothing."""

from __future__ import annotations

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert


class InsertIgnoring:
    """An insert that leaves a row alone that is there already; made once for each database."""

    def __init__(self, table: Table) -> None:
        self._by_dialect: dict[str, Insert] = {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
        }

    def on(self, connection: Connection) -> Insert:
        """The statement for the database of a connection."""
        return self._by_dialect[connection.dialect.name]
