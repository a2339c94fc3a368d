"""Work on a database: the service on it is opened; it is brought up to date, backed up, restored and examined.

Each function imports what it works with: a command that needs no content does not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.primitives.fold_version import FOLD_VERSION
from service.enrollments.store.earlier_rules import ids_of_earlier_rules
from service.platform.clock import Clock, NewId, new_id, new_secret, present
from service.platform.configuration import Configuration
from service.platform.database import (
    DatabaseRefused,
    Finding,
    backup,
    current_revision,
    examine,
    head_revision,
    not_durable,
    open_database,
    require_known,
    restore,
    upgrade,
)
from service.platform.process import Process

if TYPE_CHECKING:
    from journeys.engine import Difference
    from service.operations.refold import Refolded
    from service.publishing.library import Rules
    from service.publishing.service import Service


@contextmanager
def open_service(
    database: str, *, clock: Clock = present, new_id: NewId = new_id, rules: Rules | None = None, creates: bool = False
) -> Iterator[Service]:
    """The service on a database whose tables are current, closed at the end.

    With `creates`, a new SQLite file gets its tables first.

    Raises:
        ConfigurationError: when the address is invalid.
        DatabaseRefused: when the database does not exist, or its tables are not current.
        Unavailable: when the database cannot be reached.
    """
    from service.publishing.library import Library
    from service.publishing.service import Service

    with open_process(database, clock=clock, new_id=new_id, creates=creates) as process:
        yield Service(process.database, process.clock, process.new_id, process.new_secret, Library(rules))


@contextmanager
def open_process(
    database: str, *, clock: Clock = present, new_id: NewId = new_id, creates: bool = False
) -> Iterator[Process]:
    """The same without content, for commands that read and show none of it. Raises like `open_service`."""
    if not creates:
        require_existing(database)
    # No time limits: commands read whole tables.
    opened = open_database(Configuration(database=database).url)
    try:
        if creates and opened.is_sqlite and current_revision(opened) is None:
            upgrade(opened)
        process = Process(opened, clock, new_id, new_secret)
        require_current(process)
        yield process
    finally:
        opened.close()


def require_existing(database: str) -> None:
    """Refuses an SQLite file that is missing, or is a folder, a pipe or a device: few commands may make one.

    Raises:
        DatabaseRefused: names the command that makes it.
    """
    file = Configuration(database=database).sqlite_file
    if file is not None and not file.exists():
        raise DatabaseRefused(f"The database '{file}' does not exist. Make it with 'journeys db upgrade'.")
    if file is not None and not file.is_file():
        raise DatabaseRefused(f"The database '{file}' is not a regular file. Name another file.")


def upgrade_database(database: str) -> tuple[str | None, Refolded]:
    """Migrates the tables of a database to the revision that this version needs, and folds by the present rules.

    Returns:
        The revision, and how many enrollments of earlier rules were folded again.
    """
    from service.publishing.service import Service

    service = Service(open_database(database), present, new_id, new_secret)
    try:
        refolded = bring_up_to_date(service)
        return current_revision(service.database), refolded
    finally:
        service.database.close()


def bring_up_to_date(service: Service) -> Refolded:
    """Migrates the tables, and makes what earlier versions did not store."""
    from journeys.interop.fhir import REPORTER
    from service.operations.refold import refold_outdated
    from service.persons.introduce import make_missing_persons

    upgrade(service.database)
    make_missing_persons(service, REPORTER)
    return refold_outdated(service)


def backup_database(database: str, target: Path | None, *, clock: Clock = present) -> bool:
    """Copies a database to a new file, also while it is served, and records the backup in the database.

    Without a target the backup is only recorded: it was made by other means. Returns False where the tables are of
    another version, so that the backup could not be recorded.

    Raises:
        DatabaseRefused: where the target exists, the copy is not whole, or PostgreSQL's pg_dump cannot do it.
    """
    from service.operations import status

    require_existing(database)
    process = Process(open_database(database), clock, new_id, new_secret)
    try:
        begun = clock()
        kind = backup(process.database, target) if target is not None else "noted"
        return status.note_backup(process, kind, begun)
    finally:
        process.database.close()


def restore_database(source: Path, target: Path) -> list[Difference]:
    """Restore a backup of an SQLite database to a new file; return every stored part that does not follow from its log.

    Raises:
        DatabaseRefused: where the target exists, or the source is in use, damaged, or of a newer version.
        AlreadyServed: where the target is served.
    """
    from service.operations import verify

    restore(source, target)
    with open_service(f"sqlite:///{target}") as service:
        return list(verify.verify_all(service))


def examine_database(database: str) -> list[Finding]:
    """The findings about a database, good and bad.

    Raises:
        DatabaseRefused: when the database does not exist.
    """
    require_existing(database)
    opened = open_database(database)
    try:
        return examine(opened)
    finally:
        opened.close()


def require_durable(process: Process) -> None:
    """Refuses a database that could lose acknowledged events.

    Raises:
        DatabaseRefused: names each setting, with advice.
    """
    findings = not_durable(process.database)
    if findings:
        raise DatabaseRefused(
            "The database could lose acknowledged events: "
            + "; ".join(f"{finding.check} is {finding.result}. {finding.advice}" for finding in findings)
        )


def require_current(process: Process) -> None:
    """Refuses a database whose tables are older or newer than this code.

    Raises:
        DatabaseRefused: names the command to run.
    """
    revision, needed = current_revision(process.database), head_revision()
    if revision != needed:
        require_known(process.database)
        raise DatabaseRefused(
            f"The database is at revision {revision or 'none'} and this version needs {needed}: "
            "run 'journeys db upgrade'."
        )
    with process.database.reading() as connection:
        if ids_of_earlier_rules(connection, FOLD_VERSION, "", 1):
            raise DatabaseRefused("Enrollments must be folded by the rules of this version: run 'journeys db upgrade'.")
