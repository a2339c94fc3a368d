"""What the command line calls: plain functions over the whole service. It prints nothing and parses no options."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from journeys.engine import Difference
from service.access import accounts
from service.app import Application, create_app, make_service
from service.operations import status, verify
from service.operations.worker import Worker
from service.platform import clock as clocks
from service.platform.clock import Clock, NewId
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
    restore,
    serving_alone,
    upgrade,
)
from service.platform.logs import configure_logs, log
from service.platform.metrics import exposed_on_loopback
from service.platform.server import Server
from service.publishing import approvals
from service.publishing.approvals import Signer
from service.publishing.library import Library, Rules
from service.publishing.service import Service
from service.publishing.store.releases import journeys_published


@contextmanager
def open_service(
    database: str, *, clock: Clock = clocks.present, new_id: NewId = clocks.new_id, rules: Rules | None = None
) -> Iterator[Service]:
    """The service on a database whose tables are current, closed at the end; a new SQLite file gets them first.

    Raises:
        ConfigurationError: for what is no address of a database.
        DatabaseRefused: when the tables are not current.
        Unavailable: when the database cannot be reached.
    """
    url = Configuration(database=database).url
    # No time limits: it may look at everything.
    service = Service(open_database(url), clock, new_id, clocks.new_secret, Library(rules))
    try:
        if service.database.is_sqlite and current_revision(service.database) is None:
            upgrade(service.database)
        require_current(service)
        yield service
    finally:
        service.database.close()


def upgrade_database(database: str) -> str | None:
    """Brings a database's tables to what this version needs, making them if need be; gives the revision."""
    opened = open_database(database)
    try:
        upgrade(opened)
        return current_revision(opened)
    finally:
        opened.close()


def backup_database(database: str, target: Path | None, *, clock: Clock = clocks.present) -> bool:
    """Copies a database to a new file, also while it is served, and notes in the database that it was done.

    Without a target it is only noted: somebody else made the copy. False where it could not be noted, for the tables
    are of another version.

    Raises:
        DatabaseRefused: where the target exists, the copy is not whole, or PostgreSQL's pg_dump cannot do it.
    """
    service = Service(open_database(database), clock, clocks.new_id, clocks.new_secret)
    try:
        begun = clock()
        kind = backup(service.database, target) if target is not None else "noted"
        return status.note_backup(service, kind, begun)
    finally:
        service.database.close()


def restore_database(source: Path, target: Path) -> list[Difference]:
    """Brings a backup of an SQLite database to a new file, and gives every stored part that its logs do not give.

    Raises:
        DatabaseRefused: where the target exists, or the source is in use, damaged, or of a newer version.
        AlreadyServed: where the target is served.
    """
    restore(source, target)
    with open_service(f"sqlite:///{target}") as service:
        return list(verify.verify_all(service))


def examine_database(database: str) -> list[Finding]:
    """What was found out about a database, good or bad."""
    opened = open_database(database)
    try:
        return examine(opened)
    finally:
        opened.close()


def signer_signed_in(service: Service, name: str, password: str) -> Signer:
    """Who acts from the command line, by the name and password of their account.

    Raises:
        WrongPassword, SignInTooOften: they are not recognised.
    """
    signed_in = accounts.sign_in(service, name, password)
    accounts.sign_out(service, signed_in.session)
    return approvals.signer_of(signed_in.session.account)


def is_published(service: Service, journey: str) -> bool:
    """Whether the store has a release of a journey."""
    with service.database.reading() as connection:
        return journey in journeys_published(connection)


def run_server(
    config: Configuration,
    *,
    stop: threading.Event | None = None,
    ready: Callable[[int], None] | None = None,
    clock: Clock = clocks.present,
    around: Callable[[Application, Service], Any] | None = None,
    drafts: bool = False,
) -> None:
    """Serves until SIGTERM or SIGINT (or `stop`), with the worker in a thread where the configuration says so.

    An SQLite file is made and migrated first, for only this process works on it; PostgreSQL must be current.

    Args:
        config: how this process runs.
        stop: ends it too, for those who run it in a thread.
        ready: called with the port once requests are answered.
        clock: gives the present; only a demonstration has another than the real one.
        around: makes of the application the one that is served, before any request and timer.
        drafts: gives out what nobody signed, marked as that: for authors alone.

    Raises:
        AlreadyServed: when another process serves the file.
        DatabaseRefused: when a PostgreSQL database is not current, or could lose what it acknowledged.
    """
    asked = stop or threading.Event()
    with _running(config, asked, clock, drafts=drafts) as service:
        if service.database.is_sqlite:
            upgrade(service.database)
        require_current(service)
        require_durable(service)
        app = create_app(config, clock=clock, new_id=clocks.new_id, service=service)
        server = Server(around(app, service) if around is not None else app, config)
        worker = Worker(service, config.worker_interval) if config.worker else None
        if worker is not None:
            worker.start()
        log().info("serving", host=config.host, port=server.port, worker=config.worker)
        if ready is not None:
            ready(server.port)
        asked.wait()
        log().info("stopping")
        server.stop()
        if worker is not None:
            worker.stop()


def run_worker(
    config: Configuration, *, stop: threading.Event | None = None, ready: Callable[[], None] | None = None
) -> None:
    """Fires due timers until SIGTERM or SIGINT (or `stop`).

    Args:
        config: how this process runs.
        stop: ends it too, for those who run it in a thread.
        ready: called once it works.

    Raises:
        AlreadyServed: when another process works on the SQLite file.
        DatabaseRefused: when the database is not current.
    """
    asked = stop or threading.Event()
    with _running(config, asked) as service:
        require_current(service)
        require_durable(service)
        worker = Worker(service, config.worker_interval)
        with exposed_on_loopback(config.metrics_port):
            worker.start()
            log().info("working")
            if ready is not None:
                ready()
            asked.wait()
        log().info("stopping")
        worker.stop()


def wsgi_application(environment: Mapping[str, str] | None = None) -> Application:
    """The application for another WSGI server, configured by `JOURNEYS_*`; run `journeys worker` beside it.

    For example `gunicorn --worker-class gthread --threads 8 'service.processes:wsgi_application()'`.

    Raises:
        DatabaseRefused: for SQLite, which takes one process alone; and when the database is not current.
    """
    config = Configuration.of_environment(os.environ if environment is None else environment)
    configure_logs(config.log_level)
    if config.sqlite_file is not None:
        raise DatabaseRefused("Several processes need PostgreSQL; 'journeys serve' serves an SQLite file.")
    service = make_service(config, clock=clocks.present, new_id=clocks.new_id)
    require_current(service)
    require_durable(service)
    # Where it listens is the other server's to say.
    return create_app(replace(config, host=""), clock=clocks.present, new_id=clocks.new_id, service=service)


def require_durable(service: Service) -> None:
    """Refuses a database that could lose what it acknowledged.

    Raises:
        DatabaseRefused: naming each setting and what to do.
    """
    found = not_durable(service.database)
    if found:
        raise DatabaseRefused(
            "The database could lose what was acknowledged: "
            + "; ".join(f"{one.check} is {one.found}. {one.advice}" for one in found)
        )


def require_current(service: Service) -> None:
    """Refuses a database whose tables are older or newer than this code.

    Raises:
        DatabaseRefused: naming what to do.
    """
    found, needed = current_revision(service.database), head_revision()
    if found != needed:
        raise DatabaseRefused(
            f"The database is at revision {found or 'none'} and this version needs {needed}: run 'journeys db upgrade'."
        )


@contextmanager
def _running(
    config: Configuration, stop: threading.Event, clock: Clock = clocks.present, *, drafts: bool = False
) -> Iterator[Service]:
    """The service of one process that works until it is asked to stop; alone on its file where that is SQLite."""
    configure_logs(config.log_level)
    with _signals(stop), serving_alone(config.sqlite_file):
        service = make_service(config, clock=clock, new_id=clocks.new_id, drafts=drafts)
        try:
            yield service
        finally:
            service.database.close()


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set an event, where this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(_: int, __: FrameType | None) -> None:
        stop.set()

    before = {kind: signal.signal(kind, ask) for kind in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
