"""The bare drivers: read the rows of an enrollment, copy them with new ids, and repeat the writes of one advance.

They write exactly as many bytes as the service, with the same durability.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import pysqlite3

from service.platform.database.tables import metadata

Row = tuple[Any, ...]
Rows = Mapping[str, Sequence[Row]]

TABLES = ("enrollments", "events", "records", "tasks", "reminders", "shown")
COLUMNS = {name: [column.name for column in metadata.tables[name].columns] for name in TABLES}
#: The columns that the service updates of a changed enrollment.
CHANGING = (
    *("current_release", "told_release", "told_log", "told_cut", "state", "told", "ledger", "revision", "log_length"),
    *("next_due_at", "failures", "ended"),
)
#: The columns with the ids of an enrollment: its own, and those derived from it.
_ID_COLUMNS = {"enrollments": ("id",), "events": ("uid",), "records": ("item",), "shown": ("stay",)}
_ID_COLUMNS |= {"tasks": ("id",), "reminders": ("id", "stay")}
_STAY = re.compile(rb'"stay":"([0-9a-f]{20})"')
MARK = "@" * 8
_READ = "SELECT * FROM enrollments WHERE id = ?"


def connect(url: str) -> Any:
    """Return a bare connection, as durable as those of the service."""
    if url.startswith("sqlite:///"):
        connection = pysqlite3.connect(
            url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False, timeout=10
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection
    return psycopg.connect(libpq(url), options="-c timezone=UTC")


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def rows_of(connection: Any, enrollment: str) -> dict[str, list[Row]]:
    """Return every row of an enrollment by table, as the driver returns it."""
    mark = "?" if isinstance(connection, pysqlite3.Connection) else "%s"
    rows_by_table = {}
    for name in TABLES:
        key = "id" if name == "enrollments" else "enrollment"
        cursor = connection.execute(
            f"SELECT {', '.join(_quoted(name))} FROM {name} WHERE {key} = {mark}", (enrollment,)
        )
        rows_by_table[name] = [tuple(row) for row in cursor.fetchall()]
    if mark == "%s":
        connection.rollback()
    return rows_by_table


class Template:
    """Rows of one enrollment with placeholders in their ids, so that every copy has new ids."""

    def __init__(self, rows: Rows) -> None:
        ids = _ids(rows)
        self.rows = {
            name: [tuple(_marked(value, ids) for value in row) for row in table_rows]
            for name, table_rows in rows.items()
        }
        position = COLUMNS["enrollments"].index("patient_ref")
        self.rows["enrollments"] = [
            (*row[:position], f"copy-{MARK}", *row[position + 1 :]) for row in self.rows["enrollments"]
        ]
        self.enrollment = str(self.rows["enrollments"][0][0])

    def id(self, number: int) -> str:
        """Return the id of a copy."""
        return self.enrollment.replace(MARK, f"{number:08x}")

    def copies(self, name: str, numbers: Iterable[int]) -> Iterable[Row]:
        """Return the rows of a table for some copies."""
        return (renumbered(row, number) for number in numbers for row in self.rows[name])

    def insert(self, connection: Any, numbers: range) -> None:
        """Store copies in bulk."""
        if isinstance(connection, pysqlite3.Connection):
            connection.execute("BEGIN IMMEDIATE")
            for name in TABLES:
                connection.executemany(insertion(name, "?"), self.copies(name, numbers))
            connection.execute("COMMIT")
            return
        with connection.transaction():
            for name in TABLES:
                with connection.cursor().copy(f"COPY {name} ({', '.join(_quoted(name))}) FROM STDIN") as copy:
                    for row in self.copies(name, numbers):
                        copy.write_row(row)


@dataclass(frozen=True, slots=True)
class Written:
    """The writes of one advance by statement, with placeholders in the ids."""

    statements: tuple[tuple[str, tuple[Row, ...]], ...]

    @classmethod
    def of(cls, before: Rows, after: Rows, mark: str) -> Written:
        """Return the writes between two states of one enrollment."""
        ids = _ids(after)
        statements = []
        for name in TABLES[1:]:
            had = set(before[name])
            new = [row for row in after[name] if row not in had]
            removed = len(had - set(after[name]))
            assert not removed, f"{name}: Rows that change are not measured."
            if new:
                rows = tuple(tuple(_marked(value, ids) for value in row) for row in new)
                statements.append((insertion(name, mark), rows))
        columns = COLUMNS["enrollments"]
        row = dict(zip(columns, after["enrollments"][0], strict=True))
        values = tuple(_marked(row[name], ids) for name in (*CHANGING, "id"))
        assignments = ", ".join(f"{name} = {mark}" for name in CHANGING)
        statements.append((f"UPDATE enrollments SET {assignments} WHERE id = {mark}", (values,)))
        return cls(tuple(statements))

    def numbered(self, number: int) -> list[tuple[str, list[Row]]]:
        """Return the statements for a copy."""
        return [(statement, [renumbered(row, number) for row in rows]) for statement, rows in self.statements]


def write(connection: Any, statements: Iterable[tuple[str, Sequence[Row]]], *, reads: str | None = None) -> None:
    """Run one transaction of the bare driver; `reads` names an enrollment whose row is first read and locked."""
    cursor = connection.cursor()
    sqlite = isinstance(connection, pysqlite3.Connection)
    if sqlite:
        cursor.execute("BEGIN IMMEDIATE")
    if reads is not None:
        cursor.execute(_READ if sqlite else f"{_READ.replace('?', '%s')} FOR UPDATE", (reads,)).fetchone()
    for statement, rows in statements:
        if len(rows) == 1:
            cursor.execute(statement, rows[0])
        else:
            cursor.executemany(statement, rows)
    connection.commit()


def insertion(name: str, mark: str) -> str:
    columns = _quoted(name)
    return f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"


def renumbered(row: Row, number: int) -> Row:
    text = f"{number:08x}"
    raw = text.encode()
    return tuple(
        value.replace(MARK, text)
        if isinstance(value, str)
        else value.replace(b"@@@@@@@@", raw)
        if isinstance(value, bytes)
        else value
        for value in row
    )


def _quoted(name: str) -> list[str]:
    return [f'"{column}"' for column in COLUMNS[name]]


def _ids(rows: Rows) -> set[str]:
    """Return every id that belongs to the enrollment alone."""
    ids = {
        str(row[COLUMNS[name].index(column)])
        for name, columns in _ID_COLUMNS.items()
        for row in rows[name]
        for column in columns
    }
    state = rows["enrollments"][0][COLUMNS["enrollments"].index("state")]
    return ids | {match.decode() for match in _STAY.findall(state)}


def _marked(value: Any, ids: set[str]) -> Any:
    if isinstance(value, str):
        for id_ in ids:
            value = value.replace(id_, id_[:-8] + MARK)
    elif isinstance(value, bytes):
        for id_ in ids:
            value = value.replace(id_.encode(), (id_[:-8] + MARK).encode())
    return value


def closed(*connections: Any) -> None:
    for connection in connections:
        with suppress(Exception):
            connection.close()
