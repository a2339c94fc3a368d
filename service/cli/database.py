"""`journeys db`: upgrade, back up, restore and examine the database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from journeys.primitives.problems import counted
from service.cli.differences import difference_lines, number_of_differences
from service.cli.findings import finding_in_words
from service.cli.options import database_option, format_option
from service.cli.output import EXIT_PROBLEMS, Writers, exit_if, write_lines
from service.cli.startup import configuration, refusals

if TYPE_CHECKING:
    from service.platform.database import Finding


@click.group(name="db")
def database_group() -> None:
    """Upgrade, back up, restore and examine the database."""


@database_group.command(name="upgrade")
@database_option
def upgrade(database: str | None) -> None:
    """Migrate the tables to the revision that this version needs; create them in a new database."""
    from service.operations import databases

    with refusals():
        revision, refolded = databases.upgrade_database(configuration(database=database).database)
    click.echo(f"The database is at revision {revision}.")
    if refolded.enrollments:
        patients = counted(refolded.enrollments, "enrollment")
        click.echo(f"{patients} folded again by the rules of this version: {refolded.changed} changed.")


@database_group.command()
@click.argument("target", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--done", is_flag=True, help="Only record that a backup was made by other means.")
@database_option
def backup(target: Path | None, done: bool, database: str | None) -> None:
    """Copy a database to a new file and record the backup; the service may run meanwhile.

    An SQLite copy is complete and checked; PostgreSQL is copied by pg_dump, in its custom format. Never copy an SQLite
    file by other means: the copy may lack rows. TARGET contains patients' data: protect it like the database.

    Examples: `journeys db backup backup-2026-01-15.db`, `journeys db backup --done`
    """
    from service.operations import databases

    if (target is None) != done:
        raise click.UsageError("Name a new file, or use --done for a backup that was made by other means.")
    with refusals():
        is_recorded = databases.backup_database(configuration(database=database).database, target)
    click.echo("Recorded." if target is None else f"Backup written to {target}.")
    if not is_recorded:
        click.echo("The backup could not be recorded: the tables are outdated. Run 'journeys db upgrade'.", err=True)
        sys.exit(EXIT_PROBLEMS)


@database_group.command()
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
def restore(source: Path, target: Path) -> None:
    """Restore a backup of an SQLite database to a new file, check it, and compare every state with its log.

    An existing file is never overwritten. A backup of PostgreSQL is restored by pg_restore: see docs/runbook.md.

    Example: `journeys db restore backup-2026-01-15.db --to journeys.db`
    """
    from service.operations import databases

    with refusals():
        differences = databases.restore_database(source, target)
    click.echo(f"Restored to {target}.")
    write_lines(difference_lines(differences))
    write_lines(number_of_differences(differences), err=True)
    exit_if(differences)


@database_group.command()
@database_option
@format_option
def doctor(database: str | None, form: str) -> None:
    """Examine the database: its version, its settings, its integrity; 1 when something is wrong."""
    from service.operations import databases

    with refusals():
        findings = databases.examine_database(configuration(database=database).database)
    FINDINGS.write(findings, form)
    exit_if(not all(finding.is_good for finding in findings))


FINDINGS: Writers[list[Finding]] = Writers(
    as_text=lambda findings: map(finding_in_words, findings),
    as_json=lambda findings: [
        {"check": finding.check, "good": finding.is_good, "found": finding.result} for finding in findings
    ],
    ascii_only=True,
)


COMMANDS = (database_group,)
