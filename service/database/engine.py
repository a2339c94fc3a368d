"""Opening a database, SQLite or PostgreSQL, so that what is acknowledged is durable; it holds no SQL of the service."""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pysqlite3
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from service.configuration import Connections, database_url
from service.errors import NoRoom, Unavailable

FIRST_SAFE_SQLITE = (3, 51, 3)
#: Older ones can corrupt a file in WAL mode when two connections write and checkpoint at once.
BUSY_MILLISECONDS = 5_000
CONNECT_SECONDS = 5
#: A PostgreSQL that takes longer to let one in is not there.
_BEGIN = "BEGIN IMMEDIATE"
WRITING = "journeys_writing"


class DatabaseRefused(RuntimeError):
    """The database or its driver cannot keep what is promised."""


@dataclass(frozen=True, slots=True)
class Database:
    """One database: connections to read from, and transactions to write in."""

    engine: Engine
    _reader: Engine
    _writer: Engine
    _write_lock: threading.Lock | None = field(default=None, repr=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is an SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection on which every statement stands alone.

        Raises:
            Unavailable: when the database cannot be reached.
        """
        with _as_unavailable(), self._reader.connect() as connection, _given_up(connection):
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed at the end; on SQLite one at a time.

        Raises:
            Unavailable: when the database cannot be reached, stays busy, or has no room left (NoRoom).
        """
        with (
            _as_unavailable(),
            _held(self._write_lock),
            self._writer.connect() as connection,
            _given_up(connection),
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def open_database(url: str | URL, connections: Connections | None = None) -> Database:
    """The database at an address; nothing is created or migrated yet.

    Args:
        url: where it is.
        connections: how to connect to PostgreSQL; unless given, what is asked may take as long as it takes.

    Raises:
        ConfigurationError: for an address that is neither SQLite's nor PostgreSQL's.
        DatabaseRefused: for a driver with the WAL bug.
    """
    address = database_url(url) if isinstance(url, str) else url
    return _open_sqlite(address) if address.get_backend_name() == "sqlite" else _open_postgresql(address, connections)


def _open_sqlite(url: URL) -> Database:
    found = tuple(int(part) for part in pysqlite3.sqlite_version.split("."))
    if found < FIRST_SAFE_SQLITE:
        raise DatabaseRefused(f"SQLite {pysqlite3.sqlite_version} is refused: its WAL mode can corrupt a file.")
    # Its own begin and commit are switched off, so that BEGIN IMMEDIATE is ours to say.
    engine = create_engine(
        url,
        module=pysqlite3,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None},
        pool_size=16,
        max_overflow=64,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    writer = engine.execution_options(**{WRITING: True})
    return Database(engine, engine, writer, threading.Lock())


def _open_postgresql(url: URL, connections: Connections | None) -> Database:
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
        },
        **pool,
    )
    event.listen(engine, "checkout", _require_alive)
    return Database(engine, engine.execution_options(isolation_level="AUTOCOMMIT"), engine)


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


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITING):
        cursor = connection.connection.cursor()
        try:
            cursor.execute(_BEGIN)
        except Exception as error:
            connection._handle_dbapi_exception(error, _BEGIN, None, cursor, None)
        cursor.close()


@contextmanager
def _held(lock: threading.Lock | None) -> Iterator[None]:
    if lock is None:
        yield
        return
    with lock:
        yield


@contextmanager
def _given_up(connection: Connection) -> Iterator[None]:
    """Closes a connection on which something failed: what it was reading may still be open, and on SQLite whoever got
    the connection next would go on seeing the rows of that time."""
    try:
        yield
    except DBAPIError:
        connection.invalidate()
        raise


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except (OperationalError, NoConnectionFree) as error:
        raise (NoRoom if _is_full(error) else Unavailable) from error


def _is_full(error: Exception) -> bool:
    """Whether a database says that its disk is full; what it was about is undone then."""
    said = getattr(error, "orig", None)
    return getattr(said, "sqlite_errorname", None) == "SQLITE_FULL" or getattr(said, "sqlstate", None) == "53100"
