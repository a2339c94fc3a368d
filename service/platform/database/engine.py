"""Opening a database, SQLite or PostgreSQL, so that acknowledged writes are durable; it holds no SQL of the service."""

from __future__ import annotations

import select
import threading
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pysqlite3
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from service.platform.configuration import Connections
from service.platform.database.sqlite_file import DatabaseRefused, SqliteFile
from service.platform.errors import DamagedFile, ForeignFile, NoRoom, Unavailable
from service.platform.setting_values import database_url

if TYPE_CHECKING:
    import psycopg  # an SQLite database needs no driver of PostgreSQL: each function imports what it uses

FIRST_SAFE_SQLITE = (3, 51, 3)
#: Older ones can corrupt a file in WAL mode that two connections write to (the WAL-reset bug, sqlite.org/wal.html).
BUSY_MILLISECONDS = 5_000
CONNECT_SECONDS = 5
#: A PostgreSQL that takes longer to let one in is not there.
_BEGIN = "BEGIN IMMEDIATE"


@dataclass(frozen=True, slots=True)
class Database:
    """One database: connections to read from, and transactions to write in."""

    engine: Engine
    _writer: _Writer | None = field(default=None, repr=False)
    _file: SqliteFile | None = field(default=None, repr=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is an SQLite file."""
        return self.engine.dialect.name == "sqlite"

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection on which every statement is its own transaction.

        Raises:
            Unavailable: when the database cannot be reached.
        """
        return _Reading(self)

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A connection to an SQLite file on which every statement sees the rows of one instant.

        Raises:
            Unavailable: when the database cannot be used now.
        """
        return _Snapshot(self)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction, committed at the end; on SQLite one at a time.

        The driver begins and ends it without SQLAlchemy's knowledge, at a third of the cost.

        Raises:
            Unavailable: when the database cannot be reached, stays busy, or has no room left (NoRoom).
        """
        return _Writing(self)

    def trying(self) -> AbstractContextManager[Connection]:
        """A transaction that is undone at the end: within it, what would be stored can be read; nothing of it stays.

        Raises:
            Unavailable: as for `writing`.
        """
        return _Trying(self)

    def require_file(self) -> None:
        """Refuses an SQLite file that was deleted or replaced since it was opened.

        Raises:
            FileReplaced: nothing must be written to it.
        """
        if self._file is not None:
            self._file.require_same()

    def close(self) -> None:
        """Closes every connection."""
        if self._writer is not None:
            with self._writer.lock:
                self._writer.close()
        self.engine.dispose()


class _Writer:
    """The connection that writes to an SQLite file: one transaction at a time, so it stays open between them.

    Taking a connection from the pool and returning it costs a tenth of a report.
    """

    __slots__ = ("connection", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.connection: Connection | None = None

    def close(self) -> None:
        """Closes the connection; the next transaction opens another."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def open_database(url: str | URL, connections: Connections | None = None) -> Database:
    """The database at an address; nothing is created or migrated yet.

    Args:
        url: where it is.
        connections: how to connect to PostgreSQL; by default without limits of time.

    Raises:
        ConfigurationError: for an address that is neither SQLite's nor PostgreSQL's.
        DatabaseRefused: for a driver with the WAL bug.
    """
    address = database_url(url) if isinstance(url, str) else url
    return _open_sqlite(address) if address.get_backend_name() == "sqlite" else _open_postgresql(address, connections)


def _open_sqlite(url: URL) -> Database:
    sqlite_version = tuple(int(part) for part in pysqlite3.sqlite_version.split("."))
    if sqlite_version < FIRST_SAFE_SQLITE:
        raise DatabaseRefused(f"SQLite {pysqlite3.sqlite_version} is refused: its WAL mode can corrupt a file.")
    # Its own begin and commit are switched off, so that BEGIN IMMEDIATE is ours to say.
    engine = create_engine(
        url,
        module=pysqlite3,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None},
        pool_size=16,
        max_overflow=64,
        pool_reset_on_return=None,  # whoever was given a connection has ended what they began
    )
    file = SqliteFile(Path(str(url.database)).absolute())
    # A connection to a file that is missing by now would make an empty one.
    event.listen(engine, "do_connect", lambda *_: file.require_same())
    event.listen(engine, "connect", lambda *_: file.remember())
    event.listen(engine, "connect", _prepare_sqlite)
    return Database(engine, _Writer(), file)


def _open_postgresql(url: URL, connections: Connections | None) -> Database:
    import psycopg

    options = ["-c timezone=UTC"]
    pool: dict[str, Any] = {"pool_size": 16, "max_overflow": 64}
    if connections is not None:
        timeouts = {
            "statement_timeout": connections.statement,
            "lock_timeout": connections.lock,
            "idle_in_transaction_session_timeout": connections.idle,
        }
        options += [f"-c {name}={round(seconds * 1000)}" for name, seconds in timeouts.items()]
        pool = {"pool_size": connections.most, "max_overflow": 0, "pool_timeout": connections.wait}
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={
            "options": " ".join(options),
            "application_name": "journeys",
            "connect_timeout": CONNECT_SECONDS,
            # It takes parameters by their numbers, as the server does, and looks for no names in a statement.
            "cursor_factory": psycopg.RawCursor,
        },
        paramstyle="numeric_dollar",
        use_native_hstore=False,
        pool_reset_on_return=None,
        **pool,
    )
    event.listen(engine, "checkout", _require_alive)
    return Database(engine)


def _require_alive(connection: psycopg.Connection, *_: Any) -> None:
    """Lets a connection be used, unless the server has ended it; without asking, which would be one more round trip.

    A server that ends a connection says so: then there is something to read where nothing was asked.

    Raises:
        DisconnectionError: for the pool, which opens another.
    """

    news = select.poll()
    if not connection.closed:
        news.register(connection.fileno(), select.POLLIN)
    if connection.closed or news.poll(0):
        raise DisconnectionError


def _prepare_sqlite(connection: Any, _: Any) -> None:
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


class _Reading:
    """A connection in use, outside of any transaction; one on which something failed is closed for good."""

    __slots__ = ("_connection", "_database")
    _alone = True
    _connection: Connection

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Connection:
        try:
            self._connection = self._opened()
        except (DatabaseError, NoConnectionFree, pysqlite3.DatabaseError) as error:
            self._raise_unavailable(error)
            raise
        return self._connection

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        if error is not None:
            self._give_up(error)
        self._give_back()
        self._raise_unavailable(error)

    @staticmethod
    def _raise_unavailable(error: BaseException | None) -> None:
        unavailable = _as_unavailable(error)
        if unavailable is not None:
            raise unavailable from error

    def _opened(self) -> Connection:
        connection = self._database.engine.connect()
        if not self._database.is_sqlite:
            import psycopg

            driver: Any = connection.connection.dbapi_connection
            if driver.autocommit is not self._alone:
                try:
                    driver.autocommit = self._alone
                except psycopg.Error as error:  # it was lost this very moment
                    connection.invalidate()
                    connection.close()
                    raise OperationalError(None, None, error) from error
        return connection

    def _give_back(self) -> None:
        """Returns the connection to the pool, or closes it if it was lost this very moment; completed work stays."""
        self._end_own_transaction()
        self._connection.close()

    def _end_own_transaction(self) -> None:
        """Ends the transaction that SQLAlchemy began by itself, which says nothing to the driver but to undo it."""
        begun = self._connection.get_transaction()
        if begun is not None:
            try:
                begun.close()
            except DBAPIError:
                self._connection.invalidate()

    def _give_up(self, error: BaseException) -> None:
        """Closes a connection after an error: a query on it may still be open, and on SQLite the next user of the
        connection would still see the rows of that time."""
        if isinstance(error, DBAPIError):
            self._connection.invalidate()


class _Snapshot(_Reading):
    """A connection in use, within a transaction of SQLite that reads alone."""

    __slots__ = ()

    def _opened(self) -> Connection:
        connection = super()._opened()
        self._say(connection, "BEGIN")
        return connection

    def _give_back(self) -> None:
        if not self._connection.invalidated:
            self._say(self._connection, "ROLLBACK")
        super()._give_back()

    @staticmethod
    def _say(connection: Connection, text: str) -> None:
        try:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(text)
        except BaseException as error:
            try:
                raise_driver_error(connection, error, text)
            finally:
                connection.invalidate()


class _Writing(_Reading):
    """A connection in use, within a transaction that is committed at the end, or undone."""

    __slots__ = ()
    _alone = False

    def __enter__(self) -> Connection:
        writer = self._database._writer
        if writer is None:
            return super().__enter__()
        writer.lock.acquire()
        try:
            self._database.require_file()
            return super().__enter__()
        except BaseException:
            writer.lock.release()
            raise

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        try:
            if error is None:
                try:
                    self._commit()
                except BaseException as failed:
                    super().__exit__(kind, failed, traceback)
                    raise
            super().__exit__(kind, error, traceback)
        finally:
            if self._database._writer is not None:
                self._database._writer.lock.release()

    def _opened(self) -> Connection:
        writer = self._database._writer
        if writer is None:  # psycopg begins with the first statement
            return super()._opened()
        connection = writer.connection = writer.connection or super()._opened()
        try:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(_BEGIN)
        except BaseException as error:
            try:
                raise_driver_error(connection, error, _BEGIN)
            finally:
                connection.invalidate()
                writer.close()
        return connection

    def _give_back(self) -> None:
        writer = self._database._writer
        if writer is None:
            super()._give_back()
            return
        self._end_own_transaction()
        if self._connection.invalidated:
            writer.close()

    def _commit(self) -> None:
        try:
            self._connection.connection.commit()
        except Exception as error:
            raise_driver_error(self._connection, error)

    def _give_up(self, error: BaseException) -> None:
        if not self._connection.invalidated:
            try:
                self._connection.connection.rollback()
            except Exception:
                self._connection.invalidate()
        super()._give_up(error)


class _Trying(_Writing):
    """A connection in use, within a transaction that is undone at the end."""

    __slots__ = ()

    def _commit(self) -> None:
        try:
            self._connection.connection.rollback()
        except Exception as error:
            raise_driver_error(self._connection, error)


def raise_driver_error(connection: Connection, error: BaseException, text: str | None = None) -> NoReturn:
    """Raises an error of the driver as the exception that SQLAlchemy has for it, and any other error as it is.

    A connection that the error says is lost is closed for good.
    """
    dialect = connection.dialect
    driver: Any = dialect.loaded_dbapi
    if not isinstance(error, driver.Error):
        raise error
    is_lost = not connection.invalidated and dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if is_lost:
        if not connection.in_transaction():
            connection.begin()  # else SQLAlchemy would open another connection in the middle of this transaction
        connection.invalidate(error)
    raise DBAPIError.instance(
        text, None, error, driver.Error, hide_parameters=True, connection_invalidated=is_lost, dialect=dialect
    ) from error


def _as_unavailable(error: BaseException | None) -> Unavailable | None:
    """What a failure of the database means for a caller; None for a mistake of a statement, which is our own."""
    if error is None:
        return None
    driver_error = getattr(error, "orig", None) or error  # SQLAlchemy does not wrap errors of a listener
    name = getattr(driver_error, "sqlite_errorname", None) or ""
    if name == "SQLITE_NOTADB":
        return ForeignFile()
    if name.startswith("SQLITE_CORRUPT"):
        return DamagedFile()
    if name == "SQLITE_FULL" or getattr(driver_error, "sqlstate", None) == "53100":
        return NoRoom()
    is_of_database = isinstance(error, (OperationalError, NoConnectionFree, pysqlite3.OperationalError))
    return Unavailable() if is_of_database else None
