"""The processes of the service: server, worker, and work on a database. It prints nothing and parses no options."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from journeys.engine import FOLD_VERSION, Difference
from journeys.interop.fhir import REPORTER
from service.app import Application, create_app, make_service
from service.enrollments.store import enrollments
from service.feed.deliver import deliver_next
from service.feed.publish import publish_changes
from service.feed.setup import make_transports
from service.http import feed as feed_routes
from service.operations import status, verify
from service.operations.feed_worker import FeedWorker
from service.operations.loop import Loop
from service.operations.refold import Refolded, refold_outdated
from service.operations.sender import Sender
from service.operations.warming import Warmer
from service.operations.worker import Worker
from service.outreach.setup import make_outbox
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
    make_file,
    not_durable,
    open_database,
    require_known,
    restore,
    serving_alone,
    upgrade,
)
from service.platform.logs import configure_logs, log
from service.platform.metrics import exposed_on_loopback
from service.platform.server import Server
from service.publishing.library import Library, Rules
from service.publishing.service import Service

DELIVERERS = 4
#: Threads that deliver the feed, each to another system: one that hangs holds up no other.


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
        refolded = _bring_up_to_date(service)
        return current_revision(service.database), refolded
    finally:
        service.database.close()


def _bring_up_to_date(service: Service) -> Refolded:
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


def run_server(
    config: Configuration,
    *,
    stop: threading.Event | None = None,
    ready: Callable[[int], None] | None = None,
    clock: Clock = present,
    around: Callable[[Application, Service], Any] | None = None,
    drafts: bool = False,
) -> None:
    """Serves until SIGTERM or SIGINT (or `stop`), with the worker in a thread if the configuration has one.

    An SQLite file is created and migrated first, since only this process works on it; PostgreSQL must be current.

    Args:
        config: how this process runs.
        stop: ends the process as well, for callers that run it in a thread.
        ready: called with the port once requests are answered.
        clock: returns the present; only the demonstration has a clock of its own.
        around: wraps the application before the first request and timer.
        drafts: shows unsigned content, marked as drafts: for authors only.

    Raises:
        AlreadyServed: when another process serves the file.
        DatabaseRefused: when a PostgreSQL database is not current, or could lose acknowledged events.
    """
    stopping = stop or threading.Event()
    with _running(config, stopping, clock, drafts=drafts) as service:
        if service.database.is_sqlite:
            _bring_up_to_date(service)
        require_current(service)
        require_durable(service)
        warmer = Warmer(service)
        app = create_app(config, clock=clock, new_id=new_id, service=service, warmer=warmer)
        warmer.start()
        server = Server(around(app, service) if around is not None else app, config)
        workers = _workers(service, config) if config.worker else []
        for worker in workers:
            worker.start()
        log().info("serving", host=config.host, port=server.port, worker=config.worker)
        if ready is not None:
            ready(server.port)
        stopping.wait()
        log().info("stopping")
        app.extensions[feed_routes.EXTENSION].end()
        server.stop()
        warmer.stop()
        for worker in workers:
            worker.stop()


def run_worker(
    config: Configuration, *, stop: threading.Event | None = None, ready: Callable[[], None] | None = None
) -> None:
    """Fires due timers until SIGTERM or SIGINT (or `stop`).

    Args:
        config: how this process runs.
        stop: ends the process as well, for callers that run it in a thread.
        ready: called once the worker runs.

    Raises:
        AlreadyServed: when another process works on the SQLite file.
        DatabaseRefused: when the database is not current.
    """
    stopping = stop or threading.Event()
    require_existing(config.database)
    with _running(config, stopping) as service:
        require_current(service)
        require_durable(service)
        workers = _workers(service, config)
        with exposed_on_loopback(config.metrics_port):
            for worker in workers:
                worker.start()
            log().info("working")
            if ready is not None:
                ready()
            stopping.wait()
        log().info("stopping")
        for worker in workers:
            worker.stop()


def _workers(service: Service, config: Configuration) -> list[Loop]:
    """What fires timers, what sends messages where a channel is set up, and what publishes and delivers the feed.

    A slow provider holds up no timer. Drafts go to nobody.
    """
    interval = config.worker_interval
    workers: list[Loop] = [Worker(service, interval)]
    outbox = make_outbox(service, config)
    if outbox.channels and not service.library.rules.drafts:
        workers.append(Sender(outbox, interval))
    if config.feed and not service.library.rules.drafts:
        workers.append(FeedWorker(service, "publisher", partial(publish_changes, service), interval))
        deliver = partial(deliver_next, make_transports(service))
        workers += [FeedWorker(service, f"deliverer-{number}", deliver, interval) for number in range(DELIVERERS)]
    return workers


def wsgi_application(environment: Mapping[str, str] | None = None) -> Application:
    """The application for another WSGI server, configured by `JOURNEYS_*`; `journeys worker` must run beside it.

    For example `gunicorn --worker-class gthread --threads 8 'service.processes:wsgi_application()'`.

    Raises:
        DatabaseRefused: for SQLite, which accepts one process only; and when the database is not current.
    """
    config = Configuration.of_environment(os.environ if environment is None else environment)
    configure_logs(config.log_level)
    if config.sqlite_file is not None:
        raise DatabaseRefused("Several processes need PostgreSQL; 'journeys serve' serves an SQLite file.")
    service = make_service(config, clock=present, new_id=new_id)
    require_current(service)
    require_durable(service)
    warmer = Warmer(service)
    warmer.start()
    # The other server chooses the address to listen on.
    return create_app(replace(config, host=""), clock=present, new_id=new_id, service=service, warmer=warmer)


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


@contextmanager
def _running(
    config: Configuration, stop: threading.Event, clock: Clock = present, *, drafts: bool = False
) -> Iterator[Service]:
    """The service of a process that runs until it is stopped; an SQLite file is locked for this process."""
    configure_logs(config.log_level)
    if config.sqlite_file is not None:
        make_file(config.sqlite_file)  # what is locked is the file itself
    with _signals(stop), serving_alone(config.sqlite_file):
        service = make_service(config, clock=clock, new_id=new_id, drafts=drafts)
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
