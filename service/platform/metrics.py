"""The counters of a process, for Prometheus. Labels are routes, kinds and outcomes: never names, ids or values."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: The folder in which processes of one server (gunicorn) share their counts, so that each can report the sum.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
#: A worker serves its metrics to its own machine only.
ADDRESS = "127.0.0.1"

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_OUTCOME = re.compile(rb'"outcome":"([a-z]+)"')
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

_registry = CollectorRegistry()
_requests = Counter("journeys_http_requests", "Answered requests.", ["route", "method", "status"], registry=_registry)
_seconds = Histogram(
    "journeys_http_request_seconds", "Duration of answers.", ["route", "method"], buckets=_SECONDS, registry=_registry
)
_events = Counter("journeys_events", "Reported events, by outcome.", ["outcome"], registry=_registry)
_fired = Counter("journeys_timers_fired", "Enrollments whose due timers were fired.", registry=_registry)
_attempts = Counter(
    "journeys_message_attempts",
    "Attempts to hand a message over, by their result.",
    ["channel", "result"],
    registry=_registry,
)
_deliveries = Counter(
    "journeys_feed_deliveries",
    "Attempts to deliver an event of the feed, by their result.",
    ["result"],
    registry=_registry,
)
_failed = Counter("journeys_timers_failed", "Failed attempts to fire timers.", registry=_registry)


def count_request(route: str, method: str, status: int, seconds: float | None) -> None:
    """Counts an answer; `route` is the pattern, not the address."""
    label = method if method in METHODS else "other"
    _requests.labels(route, label, str(status)).inc()
    if seconds is not None:
        _seconds.labels(route, label).observe(seconds)


def count_event(decision: bytes, *, is_replay: bool) -> None:
    """Counts a report by the outcome in its decision, or as a replay."""
    match = _OUTCOME.search(decision)
    _events.labels("replayed" if is_replay else match[1].decode() if match else "none").inc()


def count_fired() -> None:
    """Counts an enrollment whose timers were fired."""
    _fired.inc()


def count_failed() -> None:
    """Counts an attempt to fire that failed."""
    _failed.inc()


def count_attempt(channel: str, result: str) -> None:
    """Counts an attempt to hand a message over; `result` is a word of the closed list of attempts."""
    _attempts.labels(channel, result).inc()


def count_delivery(result: str) -> None:
    """Counts an attempt to deliver an event of the feed; `result` is a word of the closed list of deliveries."""
    _deliveries.labels(result).inc()


def exposition() -> bytes:
    """Every metric in Prometheus' text format, of all processes that share a folder."""
    if SHARED_FOLDER not in os.environ:
        return generate_latest(_registry)
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return generate_latest(shared)


@contextmanager
def exposed_on_loopback(port: int) -> Iterator[None]:
    """Serves the metrics of this process, and nothing else, on a port of the loopback interface; 0: not at all."""
    if not port:
        yield
        return
    server, thread = start_http_server(port, addr=ADDRESS, registry=_registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
