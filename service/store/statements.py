"""Statements of SQLAlchemy Core made ready once for each database, and run straight on its driver.

Core's own way to run a statement costs several times what the driver takes. Here the text of the statement and how
each value is written and read are worked out once; what is left for every call is the driver's work.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Column, Connection, Dialect, Insert, LargeBinary, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.base import Executable

from service.database.engine import fail

Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement as the driver of one database takes it.

    `names` are its parameters in order, `fixed` the values that the statement has itself, `writers` how those are
    written that the driver does not write as they are. `by_name` says how it takes them. `row` makes a row, and
    `readers` say how the values at some places are read.
    """

    text: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    writers: tuple[tuple[str, Process], ...]
    by_name: bool
    row: Callable[[Iterable[Any]], Any]
    readers: tuple[tuple[int, Process], ...]

    def written(self, values: Mapping[str, Any]) -> Any:
        """The parameters for the driver."""
        given = {**self.fixed, **values}
        for name, write in self.writers:
            given[name] = write(given[name])
        return given if self.by_name else tuple([given[name] for name in self.names])

    def read(self, found: Sequence[Any]) -> Any:
        """A row with its values by the names of the columns."""
        if not self.readers:
            return self.row(found)
        values = list(found)
        for place, read in self.readers:
            values[place] = read(values[place])
        return self.row(values)


class Prepared:
    """One statement, for both databases or one of them; a list of values (`in_`) it cannot take.

    It runs within the transaction of the connection that it is given, like any other.
    """

    def __init__(self, statement: Executable | Mapping[str, Executable]) -> None:
        self._statement = statement
        self._ready: dict[str, _Ready] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Runs it."""
        self._run(connection, values).close()

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Runs it for each of some rows."""
        if len(rows) == 1:
            self._run(connection, rows[0]).close()
            return
        ready = self._on(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(ready.text, [ready.written(row) for row in rows])
        except Exception as error:
            fail(connection, error, ready.text, cursor)
        cursor.close()

    def send(self, connection: Connection, values: Mapping[str, Any]) -> Callable[[], Any]:
        """Runs it, and gives what gives its first row: several can be sent before the first is waited for.

        On SQLite there is nothing to wait for, and what was not read to its end would keep its connection at the rows
        of that time: there the row is fetched at once.
        """
        cursor = self._run(connection, values)
        read = self._on(connection).read

        def first() -> Any:
            found = cursor.fetchone()
            cursor.close()
            return read(found) if found is not None else None

        if connection.dialect.name == "sqlite":
            row = first()
            return lambda: row
        return first

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first row that it gives, its values by the names of their columns; or None."""
        return self.send(connection, values)()

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Every row that it gives."""
        cursor = self._run(connection, values)
        found = cursor.fetchall()
        cursor.close()
        read = self._on(connection).read
        return [read(row) for row in found]

    def _run(self, connection: Connection, values: Mapping[str, Any]) -> DBAPICursor:
        ready = self._on(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(ready.text, ready.written(values))
        except Exception as error:
            fail(connection, error, ready.text, cursor)
        return cursor

    def _on(self, connection: Connection) -> _Ready:
        dialect = connection.dialect
        ready = self._ready.get(dialect.name)
        if ready is None:
            statement = self._statement
            chosen = statement[dialect.name] if isinstance(statement, Mapping) else statement
            ready = self._ready[dialect.name] = _made_ready(chosen, dialect)
        return ready


class InsertIgnoring(Prepared):
    """An insert that leaves a row alone that is there already.

    Whether it inserted is asked by `returning`: the count of an insert's rows is not to be relied on.
    """

    def __init__(self, table: Table, *returning: Column[Any]) -> None:
        ignoring: dict[str, Any] = {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
        }
        super().__init__(
            {name: insert.returning(*returning) if returning else insert for name, insert in ignoring.items()}
        )
        self._table = table
        self._names = [column.name for column in table.columns]
        self._texts: dict[tuple[str, int], str] = {}

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Runs it for all rows at once."""
        ready = self._on(connection)
        writers = dict(ready.writers)
        columns = [
            [writers[name](row[name]) for row in rows] if name in writers else [row[name] for row in rows]
            for name in self._names
        ]
        # PostgreSQL takes a list for each column, in a statement of one length; SQLite takes a row at a time.
        values: Any = columns if ready.by_name else [value for row in zip(*columns, strict=True) for value in row]
        place = connection.dialect.name, 1 if ready.by_name else len(rows)
        if place not in self._texts:
            self._texts[place] = self._text(connection.dialect, len(rows))
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._texts[place], values)
        except Exception as error:
            fail(connection, error, self._texts[place], cursor)
        cursor.close()

    def _text(self, dialect: Dialect, count: int) -> str:
        columns = list(self._table.columns)
        quoted = ", ".join(dialect.identifier_preparer.format_column(column) for column in columns)
        if dialect.positional:
            row = f"({', '.join(['?'] * len(columns))})"
            given = f"VALUES {', '.join([row] * count)}"
        else:
            lists = ", ".join(f"%s::{column.type.compile(dialect)}[]" for column in columns)
            given = f"SELECT * FROM unnest({lists})"  # noqa: S608 - our own names alone
        return f"INSERT INTO {self._table.name} ({quoted}) {given} ON CONFLICT DO NOTHING"


def together(connection: Connection) -> AbstractContextManager[Any]:
    """What runs within goes to PostgreSQL in one round trip, and is waited for at the end, or where a row is read.

    It runs there one statement after the other all the same, each seeing what is so when it begins. What fails, fails
    at the end at the latest. SQLite has no round trips.
    """
    return _APART if connection.dialect.name == "sqlite" else _piped(connection)


_APART = nullcontext()


@contextmanager
def _piped(connection: Connection) -> Iterator[None]:
    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:
        fail(connection, error, "", None)


def _made_ready(statement: Any, dialect: Dialect) -> _Ready:
    is_insert = isinstance(statement, Insert)
    keys = [column.name for column in statement.table.columns] if is_insert else None
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys)
    # A column that an insert leaves out is NULL; what another statement sets itself may be NULL too.
    fixed = {
        name: None if is_insert else value
        for name, value in compiled.params.items()
        if is_insert or not compiled.binds[name].required
    }
    writers = [
        (name, write)
        for name, write in compiled._bind_processors.items()
        if not isinstance(compiled.binds[name].type, LargeBinary)  # both drivers take bytes as they are
    ]
    readers = [
        (place, read)
        for place, entry in enumerate(compiled._result_columns)
        if (read := entry.type._cached_result_processor(dialect, None)) is not None
    ]
    names = [entry.keyname for entry in compiled._result_columns]
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
    return _Ready(
        text=str(compiled),
        names=tuple(compiled.positiontup or compiled.params),
        fixed=fixed,
        writers=tuple(writers),
        by_name=not compiled.positional,
        row=row._make,
        readers=tuple(readers),
    )
