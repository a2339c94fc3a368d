"""The commands of those who look after the service: how it does, what is stuck or differs, the database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

import rich_click as click

from journeys.engine import Difference
from journeys.primitives.canonical import time_text
from service import processes
from service.cli.options import database_option, format_option
from service.cli.startup import configuration, opened, refusals
from service.operations import verify as checking
from service.operations.status import Ending, Status, read_status
from service.operations.verify import Stuck
from service.platform.database import Finding


@click.command()
@database_option
@format_option
def status(database: str | None, form: str) -> None:
    """Show on one screen how the service does; 1 when something is late.

    What counts as late is set by JOURNEYS_LATE_TIMER, _WORKER, _TASK, _BACKUP, _APPROVAL (seconds) and _STUCK
    (enrollments).

    Example: `journeys status --format json`
    """
    config = configuration(database=database)
    with opened(database) as service:
        found = read_status(service, config)
    if form == "json":
        click.echo(json.dumps(_status_as_json(found)))
    else:
        for line in _status_in_words(found):
            click.echo(line)
    if found.is_late:
        sys.exit(1)


def _status_in_words(found: Status) -> Iterator[str]:
    width = max(len(line.found) for line in found.lines)
    for line in found.lines:
        yield f"{'ok  ' if line.good else 'LATE'}  {line.name:9}  {line.found:{width}}  (allowed: {line.allowed})"
    for ending in found.endings:
        ends = "ended" if ending.at <= found.at else "ends"
        yield f"      approval   {_approval_in_words(ending)} {ends} {time_text(ending.at)}"
    for one in found.releases:
        yield f"      release    {one.journey} {one.number}: {one.enrollments} enrollments"
    size = f"{found.size / 1e6:.1f} MB"
    yield f"      database   {size}, {found.enrollments} enrollments, at {time_text(found.at)}"


def _approval_in_words(ending: Ending) -> str:
    subject = ending.subject
    what = f"{subject.key} version {ending.number}" if subject.kind == "piece" else f"release {ending.number}"
    return f"{subject.journey}: {what} in {subject.locale}"


def _status_as_json(found: Status) -> dict[str, Any]:
    return {
        "at": time_text(found.at),
        "late": found.is_late,
        "lines": [
            {
                "name": line.name,
                "good": line.good,
                "found": line.found,
                "allowed": line.allowed,
                "value": line.value if isfinite(line.value) else None,
            }
            for line in found.lines
        ],
        "oldest_due": _time(found.oldest_due),
        "last_beat": _time(found.last_beat),
        "last_backup": _time(found.last_backup),
        "approvals": [
            {**asdict(one.subject), "number": one.number, "ends_at": time_text(one.at), "ended": one.at <= found.at}
            for one in found.endings
        ],
        "releases": [asdict(one) for one in found.releases],
        "enrollments": found.enrollments,
        "database_bytes": found.size,
    }


def _time(at: datetime | None) -> str | None:
    return time_text(at) if at is not None else None


@click.command()
@database_option
@format_option
def stuck(database: str | None, form: str) -> None:
    """List enrollments whose events wait for facts or were ignored, or whose timers fail; 1 when there are any."""
    with opened(database) as service:
        found = list(checking.stuck(service))
    if form == "json":
        click.echo(json.dumps([_stuck_as_json(one) for one in found]))
    else:
        for line in _stuck_in_words(found):
            click.echo(line)
    if found:
        sys.exit(1)


def _stuck_in_words(found: list[Stuck]) -> Iterator[str]:
    for one in found:
        for event in one.events:
            why = ", ".join(event.for_facts) or "; ".join(event.why)
            yield f"{one.enrollment}  {time_text(event.at)}  {event.type}  {event.outcome}: {why}"
        if one.failures:
            yield f"{one.enrollment}  timers failed {one.failures} times"


def _stuck_as_json(one: Stuck) -> dict[str, Any]:
    return {
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


@click.command()
@database_option
@format_option
def verify(database: str | None, form: str) -> None:
    """Make every stored state again from its log and compare; 1 when anything differs."""
    with opened(database) as service:
        found = list(checking.verify_all(service))
    if form == "json":
        click.echo(json.dumps([{"enrollment": one.enrollment, "part": one.part} for one in found]))
    else:
        _say_differences(found)
    if found:
        sys.exit(1)


def _say_differences(found: list[Difference]) -> None:
    for one in found:
        click.echo(f"{one.enrollment}  the stored {one.part} is not what the log gives")
    click.echo(f"{len(found)} differences", err=True)


@click.group()
def db() -> None:
    """Upgrade, back up, restore and examine the database."""


@db.command(name="upgrade")
@database_option
def upgrade(database: str | None) -> None:
    """Bring the tables to what this version needs, making them if need be."""
    with refusals():
        click.echo(
            f"The database is at revision {processes.upgrade_database(configuration(database=database).database)}."
        )


@db.command()
@click.argument("target", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--done", is_flag=True, help="Only note that a backup was made by other means.")
@database_option
def backup(target: Path | None, done: bool, database: str | None) -> None:
    """Copy a database to a new file, also while it is served, and note that it was done.

    SQLite is copied whole and checked; PostgreSQL by the pg_dump of the path, in its custom format. Never copy an
    SQLite file itself: the copy may lack rows. TARGET has what patients told: keep it as the database is kept.

    Examples: `journeys db backup backup-2026-01-15.db`, `journeys db backup --done`
    """
    if (target is None) != done:
        raise click.UsageError("Name a new file, or say --done for a backup that was made by other means.")
    with refusals():
        noted = processes.backup_database(configuration(database=database).database, target)
    click.echo("Noted." if target is None else f"Written to {target}.")
    if not noted:
        click.echo("It could not be noted, for the tables are not current: run 'journeys db upgrade'.", err=True)
        sys.exit(1)


@db.command()
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
def restore(source: Path, target: Path) -> None:
    """Bring a backup of an SQLite database to a new file, check it, and make every state again from its log.

    A file that exists is never written to. A backup of PostgreSQL is restored by pg_restore: see docs/runbook.md.

    Example: `journeys db restore backup-2026-01-15.db --to journeys.db`
    """
    with refusals():
        found = processes.restore_database(source, target)
    click.echo(f"Restored to {target}.")
    _say_differences(found)
    if found:
        sys.exit(1)


@db.command()
@database_option
@format_option
def doctor(database: str | None, form: str) -> None:
    """Examine the database: its version, its settings, its integrity; 1 when something is wrong."""
    with refusals():
        findings = processes.examine_database(configuration(database=database).database)
    if form == "json":
        click.echo(json.dumps([{"check": one.check, "good": one.good, "found": one.found} for one in findings]))
    else:
        for one in findings:
            say_finding(one)
    if not all(one.good for one in findings):
        sys.exit(1)


def say_finding(one: Finding) -> None:
    """Prints one line, with what to do where something is not as it should be."""
    advice = f"  -> {one.advice}" if one.advice and not one.good else ""
    click.echo(f"{'ok ' if one.good else 'BAD'}  {one.check}: {one.found}{advice}")


COMMANDS = (status, stuck, verify, db)
