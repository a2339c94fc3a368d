"""Statements of SQLAlchemy Core, compiled once for each database and run on a cursor of its driver.

Only public names of SQLAlchemy are used. `Connection.execute` costs 16 % more processor time an event, and cannot send
a query to PostgreSQL before the result of the one before has arrived.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    Connection,
    Dialect,
    Insert,
    LargeBinary,
    Select,
    Table,
    any_,
    bindparam,
    func,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import TypeEngine

from service.platform.database.engine import raise_driver_error
from service.platform.database.types import TextList

Processor = Callable[[Any], Any]
RowsT = TypeVar("RowsT")

#: More rows than that are passed to the driver one by one: each number of rows needs a statement of its own.
_MAX_ROWS_OF_STATEMENT = 16


@dataclass(frozen=True, slots=True)
class _DriverStatement:
    """A statement as the driver of one database takes it.

    Attributes:
        text: the SQL.
        parameters: the names of the parameters in order, each with the function that converts its value, if any.
        fixed: the values that the statement sets itself.
        row: makes a row of a sequence of values.
        readers: the positions in a row whose values are converted, with the functions that do.
    """

    text: str
    parameters: tuple[tuple[str, Processor | None], ...]
    fixed: Mapping[str, Any]
    row: Callable[[Iterable[Any]], Any]
    readers: tuple[tuple[int, Processor], ...]

    def driver_values(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters for the driver."""
        all_values = {**self.fixed, **values}
        return [all_values[name] if write is None else write(all_values[name]) for name, write in self.parameters]

    def read(self, driver_row: Sequence[Any]) -> Any:
        """A row with its values by the names of the columns."""
        if not self.readers:
            return self.row(driver_row)
        values = list(driver_row)
        for position, read in self.readers:
            values[position] = read(values[position])
        return self.row(values)


@dataclass
class Writes:
    """Statements that change rows, with the values for their driver, in the order in which they run later.

    It takes the place of a connection where nothing is read, so that values are converted before SQLite's lock is held.
    """

    dialect: Dialect
    _statements: list[tuple[str, Sequence[Any], bool]] = field(default_factory=list)

    def add(self, text: str, values: Sequence[Any], *, is_many: bool) -> None:
        """Adds a statement with its values, or with a row of values for each time that it runs."""
        self._statements.append((text, values, is_many))

    def run(self, connection: Connection) -> None:
        """Runs the statements, on PostgreSQL in one round trip."""
        with together(connection):
            for text, values, is_many in self._statements:
                _write(connection, text, values, is_many=is_many)


Target = Connection | Writes
#: Where a statement that reads nothing goes.


class Prepared:
    """One statement, for both databases or for each its own; it cannot take a list of values (`in_`).

    It runs within the transaction of its connection, like any other statement.
    """

    def __init__(self, statement: Executable | Mapping[str, Executable]) -> None:
        self._statement = statement
        self._by_dialect: dict[str, _DriverStatement] = {}
        self._text_by_row_count: dict[tuple[str, int], str] = {}

    def run(self, target: Target, values: Mapping[str, Any]) -> None:
        """Runs the statement."""
        statement = self._compiled_for(target.dialect)
        _write(target, statement.text, statement.driver_values(values))

    def run_many(self, target: Target, rows: Sequence[Mapping[str, Any]]) -> None:
        """Inserts rows, a few of them in one statement."""
        if len(rows) == 1:
            self.run(target, rows[0])
        elif 1 < len(rows) <= _MAX_ROWS_OF_STATEMENT:
            statement = self._compiled_for(target.dialect)
            values = [value for row in rows for value in statement.driver_values(row)]
            _write(target, self._text_of_rows(target.dialect, len(rows)), values)
        else:
            self.run_each(target, rows)

    def run_each(self, target: Target, rows: Sequence[Mapping[str, Any]]) -> None:
        """Runs the statement once for each row of values."""
        if rows:
            statement = self._compiled_for(target.dialect)
            _write(target, statement.text, [statement.driver_values(row) for row in rows], is_many=True)

    def send(self, connection: Connection, values: Mapping[str, Any]) -> Callable[[], Any]:
        """Runs the statement and returns a function that fetches its first row, so that several can be sent at once.

        On SQLite there is nothing to wait for, and a cursor that was not read to its end would keep its connection at
        the rows of that time: there the row is fetched at once.
        """
        cursor = self._run(connection, values)
        read = self._compiled_for(connection.dialect).read

        def first() -> Any:
            driver_row = cursor.fetchone()
            cursor.close()
            return read(driver_row) if driver_row is not None else None

        return _fetched(connection, first)

    def send_all(self, connection: Connection, values: Mapping[str, Any]) -> Callable[[], list[Any]]:
        """Runs the statement and returns a function that fetches every row; see `send`."""
        cursor = self._run(connection, values)
        read = self._compiled_for(connection.dialect).read

        def every() -> list[Any]:
            driver_rows = cursor.fetchall()
            cursor.close()
            return [read(row) for row in driver_rows]

        return _fetched(connection, every)

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first row of the result, its values by the names of their columns; or None."""
        return self.send(connection, values)()

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Every row of the result."""
        return self.send_all(connection, values)()

    def _run(self, connection: Connection, values: Mapping[str, Any]) -> DBAPICursor:
        statement = self._compiled_for(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(statement.text, statement.driver_values(values))
        except Exception as error:
            raise_driver_error(connection, error, statement.text)
        return cursor

    def _compiled_for(self, dialect: Dialect) -> _DriverStatement:
        compiled = self._by_dialect.get(dialect.name)
        if compiled is None:
            compiled = self._by_dialect[dialect.name] = _compile(self._statement_for(dialect), dialect)
        return compiled

    def _statement_for(self, dialect: Dialect) -> Any:
        return self._statement[dialect.name] if isinstance(self._statement, Mapping) else self._statement

    def _text_of_rows(self, dialect: Dialect, count: int) -> str:
        """The insert of a number of rows, their values one row after the other."""
        text = self._text_by_row_count.get((dialect.name, count))
        if text is None:
            insert = self._statement_for(dialect)
            names = [column.name for column in insert.table.columns]
            rows: list[dict[str, Any]] = [
                {name: bindparam(f"{name}_of_{number}") for name in names} for number in range(count)
            ]
            text = str(insert.values(rows).compile(dialect=dialect))
            self._text_by_row_count[dialect.name, count] = text
        return text


class PreparedForMany(Prepared):
    """One query about the rows in which a column has one of several values, so that they cost one statement together.

    Args:
        statement: the query; its columns include the column.
        column: the column, which holds texts.
    """

    def __init__(self, statement: Select[Any], column: Column[str]) -> None:
        among = bindparam("among", type_=TextList())
        super().__init__(
            {
                "sqlite": statement.where(column.in_(select(func.json_each(among).table_valued("value").c.value))),
                "postgresql": statement.where(column == any_(among)),
            }
        )
        self._name = column.name

    def groups(
        self, connection: Connection, among: Collection[str], values: Mapping[str, Any] | None = None
    ) -> dict[str, list[Any]]:
        """The rows by the value of the column, for each of these values in their order."""
        return self.send_groups(connection, among, values)()

    def send_groups(
        self, connection: Connection, among: Collection[str], values: Mapping[str, Any] | None = None
    ) -> Callable[[], dict[str, list[Any]]]:
        """Runs the query and returns a function that fetches its groups; see `send`. Without values it runs nothing."""
        groups: dict[str, list[Any]] = {value: [] for value in among}
        if not groups:
            return lambda: groups
        every = self.send_all(connection, {"among": list(groups), **(values or {})})

        def grouped() -> dict[str, list[Any]]:
            for row in every():
                groups[getattr(row, self._name)].append(row)
            return groups

        return grouped


class InsertIgnoring(Prepared):
    """An insert that leaves an existing row as it is.

    Name a column in `returning` to learn whether a row was inserted: drivers do not report it reliably.
    """

    def __init__(self, table: Table, *returning: Column[Any]) -> None:
        inserts: dict[str, Any] = {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
        }
        super().__init__(
            {name: insert.returning(*returning) if returning else insert for name, insert in inserts.items()}
        )


class InsertOrRestore(Prepared):
    """An insert; where the row exists and was ended, some of its columns are set to what they are in a new row.

    Args:
        table: the table, with one column as its key.
        values: by column, what is set in an existing row.
        ended: by column, the values that a row has which was ended; any other row stays as it is.
    """

    def __init__(self, table: Table, values: Mapping[str, str | None], ended: Mapping[str, Sequence[str]]) -> None:
        # Literals, because parameters that an insert leaves out are NULL.
        changes = {name: null() if value is None else literal_column(f"'{value}'") for name, value in values.items()}
        was_ended = or_(
            *(table.c[name] == literal_column(f"'{value}'") for name, among in ended.items() for value in among)
        )
        key = list(table.primary_key)
        super().__init__(
            {
                "sqlite": sqlite.insert(table).on_conflict_do_update(index_elements=key, set_=changes, where=was_ended),
                "postgresql": postgresql.insert(table).on_conflict_do_update(
                    index_elements=key, set_=changes, where=was_ended
                ),
            }
        )


def _fetched(connection: Connection, fetch: Callable[[], RowsT]) -> Callable[[], RowsT]:
    """A function that fetches later on PostgreSQL, and now on SQLite."""
    if connection.dialect.name != "sqlite":
        return fetch
    rows = fetch()
    return lambda: rows


def _write(target: Target, text: str, values: Sequence[Any], *, is_many: bool = False) -> None:
    """Runs a statement that reads nothing, now or later."""
    if isinstance(target, Writes):
        target.add(text, values, is_many=is_many)
        return
    cursor = target.connection.cursor()
    try:
        (cursor.executemany if is_many else cursor.execute)(text, values)
    except Exception as error:
        raise_driver_error(target, error, text)
    cursor.close()


def together(target: Target) -> AbstractContextManager[Any]:
    """Sends the statements within it to PostgreSQL in one round trip.

    The server still runs one statement after the other, and each sees the rows as they are when it begins. An error of
    any statement is raised at the end at the latest. SQLite has no round trips.
    """
    if isinstance(target, Writes) or target.dialect.name == "sqlite":
        return nullcontext()
    return _pipeline(target)


@contextmanager
def _pipeline(connection: Connection) -> Iterator[None]:
    import psycopg  # an SQLite database needs no driver of PostgreSQL

    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:
        raise_driver_error(connection, error)


def _compile(statement: Any, dialect: Dialect) -> _DriverStatement:
    is_insert = isinstance(statement, Insert)
    keys = [column.name for column in statement.table.columns] if is_insert else None
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys)
    # A column that an insert leaves out is NULL; what another statement sets itself may be NULL too.
    fixed = {
        name: None if is_insert else value
        for name, value in compiled.params.items()
        if is_insert or not compiled.binds[name].required
    }
    columns = statement.exported_columns.values()
    row: Any = namedtuple("Row", [column.name for column in columns], rename=True)  # type: ignore[misc]
    return _DriverStatement(
        text=str(compiled),
        parameters=tuple((name, _writer(compiled.binds[name].type, dialect)) for name in compiled.positiontup),
        fixed=fixed,
        row=row._make,
        readers=tuple(
            (position, read)
            for position, column in enumerate(columns)
            if (read := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ),
    )


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    """How values of a type are written, or None where the driver takes them as they are (bytes: both drivers do)."""
    return None if isinstance(kind, LargeBinary) else kind.dialect_impl(dialect).bind_processor(dialect)
