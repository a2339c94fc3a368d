"""Examining a database: what it is, how it is set, whether it is whole. It changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pysqlite3
from sqlalchemy import Connection, text

from service.database.engine import Database
from service.database.schema import current_revision, head_revision

SAFE_SQLITE = (3, 51, 3)
#: Earlier versions can corrupt a WAL database that two connections write to (the WAL-reset bug, sqlite.org/wal.html).


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what it is, whether it is as it should be, and what was found."""

    check: str
    good: bool
    found: str


def examine(database: Database) -> list[Finding]:
    """Everything looked at, good or bad."""
    found, needed = current_revision(database), head_revision()
    findings = [Finding("tables", found == needed, f"revision {found or 'none'}, this version needs {needed}")]
    with database.reading() as connection:
        look = _examine_sqlite if database.is_sqlite else _examine_postgresql
        return findings + look(connection)


def _examine_sqlite(connection: Connection) -> list[Finding]:
    version = pysqlite3.sqlite_version_info
    journal, synchronous, foreign_keys, integrity = (
        str(connection.execute(text(f"PRAGMA {name}")).scalar())
        for name in ("journal_mode", "synchronous", "foreign_keys", "integrity_check")
    )
    dangling = len(connection.execute(text("PRAGMA foreign_key_check")).all())
    return [
        Finding("SQLite", version >= SAFE_SQLITE, pysqlite3.sqlite_version),
        Finding("journal", journal == "wal", journal),
        Finding(
            "synchronous", synchronous == "2", {"2": "full", "1": "normal", "0": "off"}.get(synchronous, synchronous)
        ),
        Finding("foreign keys", foreign_keys == "1" and not dangling, f"{dangling} rows that refer to nothing"),
        Finding("integrity", integrity == "ok", integrity),
    ]


def _examine_postgresql(connection: Connection) -> list[Finding]:
    version = str(connection.execute(text("SHOW server_version")).scalar())
    commit = str(connection.execute(text("SHOW synchronous_commit")).scalar())
    fsync = str(connection.execute(text("SHOW fsync")).scalar())
    return [
        Finding("PostgreSQL", int(version.split(".", maxsplit=1)[0]) >= 14, version),
        Finding("synchronous commit", commit == "on", commit),
        Finding("fsync", fsync == "on", fsync),
    ]
