"""What publishing stores: made once, and inserted into the database of each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Table, insert, select

from service.platform.database import Database, open_database
from service.platform.database.tables import approvals, pieces, programmes, publications, releases, standings
from tests.service.clinic import FOR_LONG, Clinic

#: The tables with what was published.
PUBLISHED = (releases, pieces, programmes, publications, approvals, standings)
Rows = list[tuple[Table, list[dict]]]


def stored_rows(
    empty: Path, folder: Path, publish: Callable[[Clinic], object], tables: tuple[Table, ...] = PUBLISHED
) -> Rows:
    """The rows of the tables after something was published into a copy of an empty database, made in the folder."""
    file = Path(shutil.copy(empty, folder / "journeys.db"))
    publish_into(file, publish)
    return read_rows(file, tables)


def publish_into(file: Path, publish: Callable[[Clinic], object]) -> None:
    """Publish into a migrated SQLite file."""
    url = f"sqlite:///{file}"
    database = open_database(url)
    publish(Clinic(database, url, FOR_LONG))
    database.close()


def read_rows(file: Path, tables: tuple[Table, ...] = PUBLISHED) -> Rows:
    """The rows of the tables of an SQLite file."""
    database = open_database(f"sqlite:///{file}")
    with database.reading() as connection:
        rows = [(table, [dict(row) for row in connection.execute(select(table)).mappings()]) for table in tables]
    database.close()
    return rows


def insert_rows(database: Database, rows: Rows) -> None:
    with database.writing() as connection:
        for table, rows_of_table in rows:
            if rows_of_table:
                connection.execute(insert(table), rows_of_table)
