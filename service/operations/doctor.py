"""Checks of everything that a process needs before it starts, with advice. It changes nothing."""

from __future__ import annotations

import http.client
import json
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from service.operations.access_checks import examine_accounts, examine_exposure
from service.operations.heartbeats import beat_before_jump
from service.operations.registration_check import examine_registrations
from service.operations.status import in_words, lateness_of, status_of
from service.operations.store import overview
from service.platform.clock import Clock
from service.platform.configuration import Configuration
from service.platform.database import Database, Finding, examine, open_database
from service.platform.errors import DamagedFile, Unavailable, reason_of
from service.platform.ports import try_port
from service.platform.process import Process
from service.platform.setting_values import without_password
from service.platform.time_zones import zone_names
from service.publishing.store import releases

#: More than the database itself must be free, for a copy of it and what comes in meanwhile.
ROOM = 500_000_000
#: Two clocks that differ by more make times that cannot be compared.
CLOCKS_APART = 5.0
RESTORE = "Name another file in JOURNEYS_DATABASE, or restore a backup: docs/runbook.md."


def examine_all(config: Configuration, clock: Clock) -> Iterator[Finding]:
    """All findings, good and bad, in the order in which to fix them."""
    yield from _versions()
    yield _port(config)
    yield _time_zones()
    yield from examine_exposure(config)
    database = open_database(config.url)
    try:
        yield from _database(config, database, clock)
    except Unavailable as error:
        yield Finding("database", False, f"{without_password(config.url)}: {reason_of(error)}", RESTORE)
    finally:
        database.close()


def _versions() -> Iterator[Finding]:
    names = ("patient-journeys", "SQLAlchemy", "psycopg", "transitions")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    yield Finding("versions", True, f"Python {platform.python_version()}, {versions}")


def _port(config: Configuration) -> Finding:
    address = f"{config.host}, port {config.port}"
    try:
        try_port(config.host, config.port)
    except OSError as error:
        if _answers(config):
            return Finding("port", True, f"{address}: this service answers there already")
        advice = "Stop the process that listens there, or set JOURNEYS_PORT or JOURNEYS_HOST to another address."
        return Finding("port", False, f"{address}: {error.strerror}", advice)
    return Finding("port", True, f"{address} is free")


def _time_zones() -> Finding:
    number = len(zone_names())
    advice = "Install the package tzdata; without it every enrollment with a time zone is refused."
    return Finding("time zones", number > 0, f"{number or 'none'} found", advice)


def _answers(config: Configuration) -> bool:
    connection = http.client.HTTPConnection(config.host, config.port, timeout=2)
    try:
        # Only a served name is answered.
        connection.request("GET", "/healthz", headers={"Host": min(config.hosts, default=config.host)})
        return bool(json.loads(connection.getresponse().read(1_000)) == {"status": "ok"})
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _database(config: Configuration, database: Database, clock: Clock) -> Iterator[Finding]:
    shown = without_password(config.url)
    file = config.sqlite_file
    if file is not None and not file.exists():
        folder = file.resolve().parent
        state = f"{shown} is not there yet" + ("" if folder.is_dir() else f", nor is the folder {folder}")
        yield Finding("database", False, state, "Run 'journeys db upgrade' to make it.")
        return
    try:
        findings = examine(database, every_row=False)
    except DamagedFile as error:
        yield Finding("database", False, shown, error.title)
        return
    except Unavailable:
        if file is not None:
            raise  # there is nothing to start: its own reason says more
        yield Finding("database", False, f"{shown} cannot be reached", "Start it, or set JOURNEYS_DATABASE.")
        return
    yield Finding("database", True, f"{shown} answers")
    yield from findings
    if not findings[0].is_good:
        return  # what follows reads tables
    if file is not None:
        yield _room(file, database)
    else:
        yield _connections(config, database)
    yield from examine_accounts(database, config.requirements)
    yield _active_journeys(database, clock)
    yield examine_registrations(database, clock, config.channels)
    yield _clocks(database, clock)
    yield _worker(config, database, clock)


def _room(file: Path, database: Database) -> Finding:
    with database.reading() as connection:
        size = overview.size_in_bytes(connection)
    free = shutil.disk_usage(file.resolve().parent).free
    space = f"{free / 1e9:.1f} GB free, the database takes {size / 1e9:.3f} GB"
    return Finding("disk", free > size + ROOM, space, "Make room: docs/runbook.md, 'The disk is full'.")


def _connections(config: Configuration, database: Database) -> Finding:
    with database.reading() as connection:
        most = overview.most_connections(connection)
    number = f"{config.connections} for each process of {most} that the server allows"
    advice = "Set JOURNEYS_CONNECTIONS lower, or max_connections in postgresql.conf higher."
    return Finding("connections", config.connections <= most, number, advice)


def _active_journeys(database: Database, clock: Clock) -> Finding:
    now = clock()
    with database.reading() as connection:
        published = releases.journeys_published(connection)
        active = [journey for journey in published if releases.open_publication(connection, journey, now) is not None]
    inactive = [journey for journey in published if journey not in active]
    if active:
        text = f"active: {', '.join(active)}" + (f"; not active: {', '.join(inactive)}" if inactive else "")
        return Finding("journeys", True, text)
    text = f"published, and none is active: {', '.join(published)}" if published else "none is published"
    advice = "Run 'journeys release activate <journey>' when it is signed." if published else "Run 'journeys publish'."
    return Finding("journeys", False, text, f"{advice} Until then nobody can be enrolled.", is_warning=True)


def _clocks(database: Database, clock: Clock) -> Finding:
    with database.reading() as connection:
        stored = overview.latest_instant(connection)
    ahead = (stored - clock()).total_seconds() if stored is not None else 0.0
    last_beat = beat_before_jump(Process(database, clock, str, str))
    if last_beat is not None:
        difference = f"{in_words((clock() - last_beat).total_seconds())} ahead of the last heartbeat"
        return Finding("clock", False, difference, "Check the clock (NTP); if it is right, run 'journeys resume'.")
    difference = "agrees with the database" if ahead <= CLOCKS_APART else f"{in_words(ahead)} behind the database"
    advice = "Set this machine's clock (NTP); until then, stop the service."
    return Finding("clock", ahead <= CLOCKS_APART, difference, advice)


def _worker(config: Configuration, database: Database, clock: Clock) -> Finding:
    status = status_of(Process(database, clock, str, str), lateness_of(config))
    (line,) = [line for line in status.lines if line.name == "worker"]
    if not status.enrollments and status.last_beat is None:
        return Finding("worker", True, "none works; nobody is enrolled yet")
    return Finding("worker", line.is_good, line.result, "Start 'journeys serve' or 'journeys worker'.")
