"""The commands of those who look after the service: what is stuck, whether the log gives the store, the database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import rich_click as click

from journeys.canonical import time_text
from service import operations
from service.cli.running import configuration, database_option, format_option, opened, refusals


@click.command()
@database_option
@format_option
def stuck(database: str | None, form: str) -> None:
    """List enrollments whose events wait for facts or were ignored, or whose timers fail; 1 when there are any."""
    with opened(database) as service:
        found = list(operations.find_stuck(service))
    rows = [
        {
            "enrollment": one.enrollment,
            "journey": one.journey,
            "failures": one.failures,
            "events": [
                {
                    "event": event.event,
                    "type": event.type,
                    "at": time_text(event.at),
                    "outcome": event.outcome,
                    "waiting_for": list(event.for_facts),
                    "why": list(event.why),
                }
                for event in one.events
            ],
        }
        for one in found
    ]
    if form == "json":
        click.echo(json.dumps(rows))
    for row in rows if form == "text" else ():
        for event in row["events"]:  # type: ignore[attr-defined]
            why = ", ".join(event["waiting_for"]) or "; ".join(event["why"])
            click.echo(f"{row['enrollment']}  {event['at']}  {event['type']}  {event['outcome']}: {why}")
        if row["failures"]:
            click.echo(f"{row['enrollment']}  timers failed {row['failures']} times")
    if rows:
        sys.exit(1)


@click.command()
@database_option
@format_option
def verify(database: str | None, form: str) -> None:
    """Make every stored state again from its log and compare; 1 when anything differs."""
    with opened(database) as service:
        found = list(operations.verify_everything(service))
    if form == "json":
        click.echo(json.dumps([{"enrollment": one.enrollment, "part": one.part} for one in found]))
    else:
        for one in found:
            click.echo(f"{one.enrollment}  the stored {one.part} is not what the log gives")
        click.echo(f"{len(found)} differences", err=True)
    if found:
        sys.exit(1)


@click.group()
def db() -> None:
    """Upgrade, back up and examine the database."""


@db.command(name="upgrade")
@database_option
def upgrade(database: str | None) -> None:
    """Bring the tables to what this version needs, making them if need be."""
    with refusals():
        click.echo(
            f"The database is at revision {operations.upgrade_database(configuration(database=database).database)}."
        )


@db.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@database_option
def backup(target: Path, database: str | None) -> None:
    """Copy an SQLite database to a new file, also while it is served. Never copy the file itself: it may lack rows.

    Example: `journeys db backup backup-2026-01-15.db`
    """
    with refusals():
        operations.backup_database(configuration(database=database).database, target)
    click.echo(f"Written to {target}.")


@db.command()
@database_option
@format_option
def doctor(database: str | None, form: str) -> None:
    """Examine the database: its version, its settings, its integrity; 1 when something is wrong."""
    with refusals():
        findings = operations.examine_database(configuration(database=database).database)
    if form == "json":
        click.echo(json.dumps([{"check": one.check, "good": one.good, "found": one.found} for one in findings]))
    for one in findings if form == "text" else ():
        click.echo(f"{'ok ' if one.good else 'BAD'}  {one.check}: {one.found}")
    if not all(one.good for one in findings):
        sys.exit(1)


COMMANDS = (stuck, verify, db)
