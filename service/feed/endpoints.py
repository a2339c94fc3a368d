"""The endpoints of the feed: listed, disabled, enabled, and set back by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from service.feed.store import endpoints
from service.feed.store.endpoints import ACTIVE, DISABLED, FeedEndpoint
from service.feed.store.entries import find_entry
from service.platform.errors import NotFound
from service.platform.process import Process

NOT_AN_ENDPOINT = "No endpoint has this id. 'journeys webhooks list' shows them."
NOT_AN_ENTRY = "No event of the feed has this id."


def list_endpoints(process: Process) -> list[FeedEndpoint]:
    """Every endpoint, oldest first."""
    with process.database.reading() as connection:
        return endpoints.list_endpoints(connection)


def disable_endpoint(process: Process, endpoint: str) -> None:
    """Delivers nothing more to an endpoint, which keeps its place in the feed.

    Raises:
        NotFound: no endpoint has this id.
    """
    with process.database.writing() as connection:
        endpoints.update_endpoint(connection, replace(_lock(connection, endpoint), status=DISABLED))


def enable_endpoint(process: Process, endpoint: str) -> None:
    """Delivers to an endpoint again, from where it stopped.

    Raises:
        NotFound: no endpoint has this id.
    """
    with process.database.writing() as connection:
        locked = _lock(connection, endpoint)
        endpoints.update_endpoint(connection, _fresh(replace(locked, status=ACTIVE), process.clock()))


def replay(process: Process, endpoint: str, after: str | None) -> None:
    """Delivers again everything after an entry (None: from the beginning), under the same ids, as permitted then.

    Raises:
        NotFound: no endpoint, or no entry, has this id.
    """
    with process.database.writing() as connection:
        locked = _lock(connection, endpoint)
        entry = find_entry(connection, after) if after is not None else None
        if after is not None and entry is None:
            raise NotFound(NOT_AN_ENTRY)
        position = entry.position if entry is not None else 0
        endpoints.update_endpoint(connection, _fresh(replace(locked, position=position), process.clock()))


def _fresh(endpoint: FeedEndpoint, now: datetime) -> FeedEndpoint:
    return replace(endpoint, next_at=now, tries=0, failing_since=None)


def _lock(connection: Connection, endpoint: str) -> FeedEndpoint:
    locked = endpoints.lock_endpoint(connection, endpoint)
    if locked is None:
        raise NotFound(NOT_AN_ENDPOINT)
    return locked
