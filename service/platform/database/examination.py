"""Examines a database: its version, its settings, its integrity. It changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pysqlite3
from sqlalchemy import Connection, inspect, text

from journeys.primitives.problems import counted
from service.platform.database.engine import FIRST_SAFE_SQLITE, Database
from service.platform.database.schema import NEWER, current_revision, head_revision, known_revisions
from service.platform.database.tables import metadata

FIRST_POSTGRESQL = 14
RESTORE = "Restore a backup: docs/runbook.md."


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name, whether it is good, what it found, and advice where it is not good.

    A warning is not good, but does not keep the service from starting.
    """

    check: str
    is_good: bool
    result: str
    advice: str = ""
    is_warning: bool = False


def examine(database: Database, *, every_row: bool = True) -> list[Finding]:
    """All findings, good and bad; without `every_row`, the slow checks of a large database are left out."""
    revision, needed = current_revision(database), head_revision()
    revisions = f"revision {revision or 'none'}, this version needs {needed}"
    advice = "Run 'journeys db upgrade'." if revision is None or revision in known_revisions() else NEWER
    findings = [Finding("tables", revision == needed, revisions, advice)]
    with database.reading() as connection:
        missing = set(metadata.tables) - set(inspect(connection).get_table_names())
        if missing and revision == needed:
            findings = [Finding("tables", False, f"missing: {', '.join(sorted(missing))}", RESTORE)]
        findings += [*_version(connection), *_durability(connection)]
        if every_row and database.is_sqlite:
            findings += _rows(connection)
    return findings


def not_durable(database: Database) -> list[Finding]:
    """Settings with which acknowledged events could be lost in a power failure."""
    with database.reading() as connection:
        return [finding for finding in _durability(connection) if not finding.is_good]


def _version(connection: Connection) -> list[Finding]:
    if connection.dialect.name == "sqlite":
        version = pysqlite3.sqlite_version_info
        return [Finding("SQLite", version >= FIRST_SAFE_SQLITE, pysqlite3.sqlite_version, "Run 'make setup' again.")]
    text_of_it = str(connection.execute(text("SHOW server_version")).scalar())
    good = int(text_of_it.split(".", maxsplit=1)[0]) >= FIRST_POSTGRESQL
    return [Finding("PostgreSQL", good, text_of_it, f"Take PostgreSQL {FIRST_POSTGRESQL} or newer.")]


def _durability(connection: Connection) -> list[Finding]:
    if connection.dialect.name == "sqlite":
        journal = _pragma(connection, "journal_mode")
        synchronous = {"2": "full", "1": "normal", "0": "off"}.get(_pragma(connection, "synchronous"), "extra")
        return [
            Finding("journal", journal == "wal", journal, "Keep the file on a local disk, where WAL works."),
            Finding("synchronous", synchronous in ("full", "extra"), synchronous, "It must be 'full'."),
        ]
    commit = str(connection.execute(text("SHOW synchronous_commit")).scalar())
    fsync = str(connection.execute(text("SHOW fsync")).scalar())
    return [
        Finding("synchronous commit", commit != "off", commit, "ALTER ROLE <user> SET synchronous_commit = on."),
        Finding("fsync", fsync == "on", fsync, "Set fsync = on in postgresql.conf and restart the server."),
    ]


def _rows(connection: Connection) -> list[Finding]:
    integrity = _pragma(connection, "integrity_check")
    dangling = len(connection.execute(text("PRAGMA foreign_key_check")).all())
    guarded = _pragma(connection, "foreign_keys") == "1"
    return [
        Finding("foreign keys", guarded and not dangling, f"{counted(dangling, 'reference')} to missing rows", RESTORE),
        Finding("integrity", integrity == "ok", integrity, RESTORE),
    ]


def _pragma(connection: Connection, name: str) -> str:
    return str(connection.execute(text(f"PRAGMA {name}")).scalar())
