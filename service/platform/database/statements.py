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
from sqlalchemy import Column, Connection, Dialect, Insert, LargeBinary, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.base import Executable

from service.platform.database.engine import fail

Process = Callable[[Any], Any]

#: More rows than that are given to the driver one by one: each count is a statement of its own.
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement as the driver of one database takes it.

    `parameters` are its names for values in order, each with how the value is written if the driver does not write it
    as it is; `fixed` the values that the statement has itself. `row` makes a row, and `readers` say how the values at
    some places are read.
    """

    text: str
    parameters: tuple[tuple[str, Process | None], ...]
    fixed: Mapping[str, Any]
    row: Callable[[Iterable[Any]], Any]
    readers: tuple[tuple[int, Process], ...]

    def written(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters for the driver."""
        given = {**self.fixed, **values}
        return [given[name] if write is None else write(given[name]) for name, write in self.parameters]

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
        self._of_rows: dict[tuple[str, int], str] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Runs it."""
        self._run(connection, values).close()

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Runs it, an insert, for some rows: for a few in one statement."""
        ready = self._on(connection)
        values = [ready.written(row) for row in rows]
        cursor = connection.connection.cursor()
        text = ready.text
        try:
            if len(rows) == 1:
                cursor.execute(text, values[0])
            elif len(rows) <= _AT_ONCE:
                text = self._text_of_rows(connection.dialect, len(rows))
                cursor.execute(text, [value for row in values for value in row])
            else:
                cursor.executemany(text, values)
        except Exception as error:
            fail(connection, error, text, cursor)
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
            ready = self._ready[dialect.name] = _made_ready(self._for(dialect), dialect)
        return ready

    def _for(self, dialect: Dialect) -> Any:
        return self._statement[dialect.name] if isinstance(self._statement, Mapping) else self._statement

    def _text_of_rows(self, dialect: Dialect, count: int) -> str:
        """The insert of so many rows, their values one row after the other."""
        text = self._of_rows.get((dialect.name, count))
        if text is None:
            insert = self._for(dialect)
            names = [column.name for column in insert.table.columns]
            rows: list[dict[str, Any]] = [
                {name: bindparam(f"{name}_of_{place}") for name in names} for place in range(count)
            ]
            text = self._of_rows[dialect.name, count] = str(insert.values(rows).compile(dialect=dialect))
        return text


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
    writers = {
        name: write
        for name, write in compiled._bind_processors.items()
        if not isinstance(compiled.binds[name].type, LargeBinary)  # both drivers take bytes as they are
    }
    readers = [
        (place, read)
        for place, entry in enumerate(compiled._result_columns)
        if (read := entry.type._cached_result_processor(dialect, None)) is not None
    ]
    names = [entry.keyname for entry in compiled._result_columns]
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
    return _Ready(
        text=str(compiled),
        parameters=tuple((name, writers.get(name)) for name in compiled.positiontup),
        fixed=fixed,
        row=row._make,
        readers=tuple(readers),
    )
