"""What SQLAlchemy Core says differently on the two databases. It runs nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


class InsertIgnoring:
    """An insert that leaves a row alone that is there already; made once for each database.

    Whether it inserted is asked by `returning`: the count of an insert's rows is not to be relied on.
    """

    def __init__(self, table: Table, *returning: Column[Any]) -> None:
        ignoring = {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
        }
        self._by_dialect: dict[str, Executable] = {
            name: insert.returning(*returning) if returning else insert for name, insert in ignoring.items()
        }

    def on(self, connection: Connection) -> Executable:
        """The statement for the database of a connection."""
        return self._by_dialect[connection.dialect.name]
