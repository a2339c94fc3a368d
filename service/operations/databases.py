"""Work on a database: the service on it is opened; it is brought up to date, backed up, restored and examined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from journeys.engine import FOLD_VERSION, Difference
from journeys.interop.fhir import REPORTER
from service.enrollments.store import enrollments
from service.operations import status, verify
from service.operations.refold import Refolded, refold_outdated
from service.persons.introduce import make_missing_persons
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
from service.publishing.library import Library, Rules
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
    if not creates:
        require_existing(database)
    # No time limits: commands read whole tables.
    opened = open_database(Configuration(database=database).url)
    service = Service(opened, clock, new_id, new_secret, Library(rules))
    try:
        if creates and opened.is_sqlite and current_revision(opened) is None:
            upgrade(service.database)
        require_current(service)
        yield service
    finally:
        service.database.close()


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
    service = Service(open_database(database), present, new_id, new_secret, Library())
    try:
        refolded = bring_up_to_date(service)
        return current_revision(service.database), refolded
    finally:
        service.database.close()


def bring_up_to_date(service: Service) -> Refolded:
    """Migrates the tables, and makes what earlier versions did not store."""
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
    require_existing(database)
    service = Service(open_database(database), clock, new_id, new_secret)
    try:
        begun = clock()
        kind = backup(service.database, target) if target is not None else "noted"
        return status.note_backup(service, kind, begun)
    finally:
        service.database.close()


def restore_database(source: Path, target: Path) -> list[Difference]:
    """Restore a backup of an SQLite database to a new file; return every stored part that does not follow from its log.

    Raises:
        DatabaseRefused: where the target exists, or the source is in use, damaged, or of a newer version.
        AlreadyServed: where the target is served.
    """
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


def require_durable(service: Service) -> None:
    """Refuses a database that could lose acknowledged events.

    Raises:
        DatabaseRefused: names each setting, with advice.
    """
    findings = not_durable(service.database)
    if findings:
        raise DatabaseRefused(
            "The database could lose acknowledged events: "
            + "; ".join(f"{finding.check} is {finding.result}. {finding.advice}" for finding in findings)
        )


def require_current(service: Service) -> None:
    """Refuses a database whose tables are older or newer than this code.

    Raises:
        DatabaseRefused: names the command to run.
    """
    revision, needed = current_revision(service.database), head_revision()
    if revision != needed:
        require_known(service.database)
        raise DatabaseRefused(
            f"The database is at revision {revision or 'none'} and this version needs {needed}: "
            "run 'journeys db upgrade'."
        )
    with service.database.reading() as connection:
        if enrollments.ids_of_earlier_rules(connection, FOLD_VERSION, "", 1):
            raise DatabaseRefused("Enrollments must be folded by the rules of this version: run 'journeys db upgrade'.")
