"""The metadata that all tables share, and a function to declare a table. It declares no table itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def declare_table(name: str, *columns: Any, sqlite_with_rowid: bool = True) -> Table:
    """Adds a table to the metadata and returns it; without row ids, SQLite stores the rows in its primary key."""
    # STRICT: SQLite refuses what PostgreSQL would, instead of storing it.
    return Table(name, metadata, *columns, sqlite_strict=True, sqlite_with_rowid=sqlite_with_rowid)
