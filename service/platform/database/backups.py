"""Backups of a database: made while it is in use, checked, and restored to a new file."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pysqlite3
from sqlalchemy import URL

from journeys.primitives.problems import counted
from service.platform.database.engine import Database, open_database
from service.platform.database.schema import current_revision, head_revision, known_revisions, upgrade
from service.platform.database.serving_lock import serving_alone
from service.platform.database.sqlite_file import DatabaseRefused

PG_DUMP = "pg_dump"


def backup(database: Database, target: Path) -> str:
    """Copies a database to a new file, complete and consistent, also during writes; returns the kind of copy.

    SQLite is copied by its backup interface (`sqlite`), PostgreSQL by pg_dump in its custom format (`pg_dump`). The
    target appears once it is complete and checked, never before; only its owner may read it.

    Raises:
        DatabaseRefused: the target exists, the copy is damaged, or pg_dump is missing or fails.
    """
    if target.exists():
        raise DatabaseRefused(f"{target} already exists; name a new file for the backup.")
    with _arriving(target) as partial:
        if database.is_sqlite:
            with database.reading() as connection:
                try:
                    _copy(connection.connection.driver_connection, partial)
                except pysqlite3.OperationalError as error:  # mostly a disk without room, which is the copy's
                    raise DatabaseRefused(f"{target} could not be written, and was removed: {error}.") from None
            return "sqlite"
        _dump(database.engine.url, partial)
        return "pg_dump"


def restore(source: Path, target: Path) -> None:
    """Restores a backup of an SQLite database to a new file, checked and migrated to the revision of this version.

    Raises:
        DatabaseRefused: where the target exists, or the source is in use, damaged, or of a newer version.
        AlreadyServed: where the target is served.
    """
    if not source.is_file():
        raise DatabaseRefused(f"{source} does not exist.")
    if _beside(source, "-wal").exists():
        raise DatabaseRefused(f"{source} is in use; restore from a backup that 'journeys db backup' made.")
    if not target.parent.is_dir():
        raise DatabaseRefused(f"The folder {target.parent} does not exist.")
    with serving_alone(target):
        for file in (target, _beside(target, "-wal"), _beside(target, "-shm")):
            if file.exists():
                raise DatabaseRefused(f"{file} already exists; it may still be needed, so move it away first.")
        with _arriving(target) as partial:
            _copy_file(source, partial)
            opened = open_database(URL.create("sqlite", database=str(partial)))
            try:
                _bring_up(opened, source)
            finally:
                opened.close()


def _copy_file(source: Path, partial: Path) -> None:
    try:
        # Immutable: it has no log beside it, so its folder need not be writable.
        original = pysqlite3.connect(f"{source.resolve().as_uri()}?immutable=1", uri=True)
        try:
            _copy(original, partial)
        finally:
            original.close()
    except pysqlite3.DatabaseError as error:
        raise DatabaseRefused(f"{source} cannot be restored: {error}.") from None


def _bring_up(opened: Database, source: Path) -> None:
    revision = current_revision(opened)
    if revision not in known_revisions():
        raise DatabaseRefused(
            f"{source} is at revision {revision or 'none'}; this version knows revisions up to {head_revision()}."
        )
    upgrade(opened)


def _copy(original: Any, partial: Path) -> None:
    copy = pysqlite3.connect(str(partial))
    try:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        integrity = [row[0] for row in copy.execute("PRAGMA integrity_check")]
        dangling = len(copy.execute("PRAGMA foreign_key_check").fetchall())
    finally:
        copy.close()
    if integrity != ["ok"] or dangling:
        references = counted(dangling, "reference")
        raise DatabaseRefused(f"The database is damaged: {'; '.join(integrity[:3])}; {references} to missing rows.")


def _dump(url: URL, partial: Path) -> None:
    program = shutil.which(PG_DUMP)
    if program is None:
        raise DatabaseRefused(
            f"{PG_DUMP} is not on the path. Back up the database by other means, then run 'journeys db backup --done'."
        )
    password = {"PGPASSWORD": str(url.password)} if url.password is not None else {}  # never on a command line
    address = url.set(drivername="postgresql", password=None).render_as_string()
    command = [program, "--format=custom", "--no-password", f"--file={partial}", f"--dbname={address}"]
    done = subprocess.run(  # noqa: S603 a program of the path, without a shell # nosec B603
        command, env=dict(os.environ) | password, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DatabaseRefused(f"{PG_DUMP} could not back up the database: {done.stderr.strip()}")


@contextmanager
def _arriving(target: Path) -> Iterator[Path]:
    """A file that becomes the target once it is complete and on the disk; after an error it is removed."""
    partial = _beside(target, ".partial")
    if not target.parent.is_dir():
        raise DatabaseRefused(f"The folder {target.parent} does not exist.")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield partial
        _to_disk(partial)
        partial.rename(target)
        _to_disk(target.parent)
    except OSError as error:
        raise DatabaseRefused(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        for left in (partial, _beside(partial, "-wal"), _beside(partial, "-shm")):
            with suppress(OSError):  # a folder that cannot be written has nothing to remove
                left.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)
