"""The processes of the service: server and worker. It prints nothing and parses no options."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any

from service.app import Application, create_app, make_service
from service.feed.deliver import deliver_next
from service.feed.publish import publish_changes
from service.feed.setup import make_transports
from service.http import feed as feed_routes
from service.operations import digests
from service.operations.databases import bring_up_to_date, require_current, require_durable, require_existing
from service.operations.feed_worker import FeedWorker
from service.operations.loop import Loop
from service.operations.sender import Sender
from service.operations.warming import Warmer
from service.operations.worker import Worker
from service.outreach.setup import make_outbox
from service.platform.clock import Clock, new_id, present
from service.platform.configuration import Configuration
from service.platform.database import (
    DatabaseRefused,
    make_file,
    serving_alone,
)
from service.platform.logs import configure_logs, log
from service.platform.metrics import exposed_on_loopback
from service.platform.server import Server
from service.publishing.service import Service
from service.registration.drafts import forget_old_drafts
from service.sign_in.codes import make_codes

DELIVERERS = 4
#: Threads that deliver the feed, each to another system: one that hangs holds up no other.


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
            bring_up_to_date(service)
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
    """What fires timers, sends messages and digests where a channel is set up, and publishes and delivers the feed.

    A slow provider holds up no timer. Drafts go to nobody.
    """
    interval = config.worker_interval
    workers: list[Loop] = [Worker(service, interval)]
    outbox = make_outbox(service, config)
    if outbox.channels and not service.library.rules.drafts:
        workers.append(Sender(outbox, interval, [make_codes, forget_old_drafts]))
    if digests.CHANNEL in outbox.channels and not service.library.rules.drafts:
        workers.append(digests.DigestSender(outbox, config.digest_hour))
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
