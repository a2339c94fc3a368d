"""Intercepts every call to a database driver, before and after it, so that a test can kill, fail or wait there.

Calls are named by verb and table, `INSERT events`, `UPDATE enrollments`, `LOCK enrollments` (a SELECT that locks rows),
and `BEGIN IMMEDIATE`, `COMMIT`, `ROLLBACK`.
"""

import re

import psycopg
import pysqlite3
from sqlalchemy import event

BEFORE, AFTER = "before", "after"
_VERB = re.compile(r"\s*(\w+)")
_LOCK = re.compile(r"\bFOR (?:NO KEY )?UPDATE(?: OF (\w+))?")
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|TABLE|INDEX)\s+(?:IF (?:NOT )?EXISTS\s+)?\"?(\w+)")


def name_of(statement) -> str:
    """Return the name of a call."""
    text = statement if isinstance(statement, str) else bytes(statement).decode()
    table = _VERB.match(text)
    if table is None:
        return "PING"  # psycopg checks a pooled connection with a bare semicolon
    verb = table.group(1).upper()
    if verb == "BEGIN":
        return text.strip().upper()
    if verb == "WITH":
        verb = re.search(r"\b(INSERT|UPDATE|DELETE|SELECT)\b", text).group(1)
    table = _TABLE.search(text)
    if verb == "SELECT" and (lock := _LOCK.search(text)):
        return f"LOCK {lock.group(1) or table.group(1)}"
    return f"{verb} {table.group(1)}" if table else verb


def tap(database, watch) -> None:
    """Call `watch(name, when)` around every call to the driver of a database that has no connection yet."""

    def around(call, name, *arguments, **options):
        watch(name, BEFORE)
        result = call(*arguments, **options)
        watch(name, AFTER)
        return result

    connect = _connect_sqlite if database.is_sqlite else _connect_postgresql
    event.listen(database.engine, "do_connect", lambda _, __, args, options: connect(around, args, options))


def _connect_sqlite(around, args, options):
    class Cursor(pysqlite3.dbapi2.Cursor):
        def execute(self, statement, *values):
            return around(super().execute, name_of(statement), statement, *values)

        def executemany(self, statement, values):
            return around(super().executemany, name_of(statement), statement, values)

    class Connection(pysqlite3.dbapi2.Connection):
        def cursor(self, factory=Cursor):
            return super().cursor(factory)

        def execute(self, statement, *values):
            return self.cursor().execute(statement, *values)

        def executemany(self, statement, values):
            return self.cursor().executemany(statement, values)

        def commit(self):
            # Outside a transaction the driver's own commit does nothing.
            return around(super().commit, "COMMIT") if self.in_transaction else None

        def rollback(self):
            return around(super().rollback, "ROLLBACK") if self.in_transaction else None

    return pysqlite3.connect(*args, factory=Connection, **options)


def _connect_postgresql(around, args, options):
    class Cursor(psycopg.RawCursor):
        def execute(self, query, params=None, **more):
            return around(super().execute, name_of(query), query, params, **more)

        def executemany(self, query, params_seq, **more):
            return around(super().executemany, name_of(query), query, params_seq, **more)

    class Connection(psycopg.Connection):
        def commit(self):
            return around(super().commit, "COMMIT")

        def rollback(self):
            return around(super().rollback, "ROLLBACK")

    return Connection.connect(*args, **options | {"cursor_factory": Cursor})


def broken(is_sqlite: bool) -> Exception:
    """Return the exception that the driver raises when the database is lost."""
    if is_sqlite:
        return pysqlite3.OperationalError("disk I/O error")
    return psycopg.OperationalError("the connection is lost")
