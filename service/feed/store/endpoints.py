"""SQL of the other systems to which the feed is delivered. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.platform.database.payload import seal, unseal
from service.platform.database.statements import Prepared
from service.platform.database.tables import feed_counter, feed_endpoints

ACTIVE, DISABLED, FAILED = "active", "disabled", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEndpoint:
    """Another system, and how far it has read.

    Attributes:
        id: random.
        recipient: the name by which persons allow sharing with it: `share:<recipient>`.
        journey: the key of the only journey that it gets, or None.
        status: `active`; `disabled` by staff; `failed` for so long that it was given up.
        position: that of the last entry that was delivered or passed over.
        next_at: when the next entry is tried, or when the lease of the worker that delivers it ends, UTC.
        tries: failures in a row; `failing_since` is when the first of them was.
        url: where it takes events.
        secrets: what signs them, each as `whsec_` with base64.
        created_at: when it was added, UTC.
    """

    id: str
    recipient: str
    journey: str | None
    status: str
    position: int
    next_at: datetime
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    created_at: datetime
    tries: int = 0
    failing_since: datetime | None = None


_INSERT = Prepared(insert(feed_endpoints))
_UPDATE = Prepared(
    update(feed_endpoints)
    .where(feed_endpoints.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in ("status", "position", "next_at", "tries", "failing_since")})
)
_ALL = Prepared(select(feed_endpoints).order_by(feed_endpoints.c.created_at, feed_endpoints.c.id))
_DUE = Prepared(
    select(feed_endpoints)
    .where(
        feed_endpoints.c.status == ACTIVE,
        feed_endpoints.c.next_at <= bindparam("now"),
        feed_endpoints.c.position < select(feed_counter.c.position).scalar_subquery(),
    )
    .order_by(feed_endpoints.c.next_at, feed_endpoints.c.id)
    .limit(1)
)
_ONE = select(feed_endpoints).where(feed_endpoints.c.id == bindparam("id"))
_LOCKED = Prepared(_ONE.with_for_update(key_share=True))
_FREE = Prepared(_ONE.with_for_update(skip_locked=True, key_share=True))


def add_endpoint(connection: Connection, endpoint: FeedEndpoint) -> None:
    """Stores a new endpoint."""
    values = {
        "id": endpoint.id,
        "recipient": endpoint.recipient,
        "journey": endpoint.journey,
        "payload": seal({"url": endpoint.url, "secrets": list(endpoint.secrets)}),
        "created_at": endpoint.created_at,
        **_changing(endpoint),
    }
    _INSERT.run(connection, values)


def update_endpoint(connection: Connection, endpoint: FeedEndpoint) -> None:
    """Stores what has changed of an endpoint."""
    _UPDATE.run(connection, {"the_id": endpoint.id, **_changing(endpoint)})


def list_endpoints(connection: Connection) -> list[FeedEndpoint]:
    """Every endpoint, oldest first."""
    return [_endpoint(row) for row in _ALL.all(connection, {})]


def next_due_endpoint(connection: Connection, now: datetime) -> FeedEndpoint | None:
    """The active endpoint with an entry to look at that has waited longest, or None."""
    row = _DUE.first(connection, {"now": now})
    return _endpoint(row) if row is not None else None


def lock_endpoint(connection: Connection, endpoint: str) -> FeedEndpoint | None:
    """An endpoint that nobody else changes before this transaction ends, or None."""
    row = _LOCKED.first(connection, {"id": endpoint})
    return _endpoint(row) if row is not None else None


def lock_free_endpoint(connection: Connection, endpoint: str) -> FeedEndpoint | None:
    """An endpoint like `lock_endpoint`, or None where another transaction holds it."""
    row = _FREE.first(connection, {"id": endpoint})
    return _endpoint(row) if row is not None else None


def _changing(endpoint: FeedEndpoint) -> dict[str, Any]:
    return {
        "status": endpoint.status,
        "position": endpoint.position,
        "next_at": endpoint.next_at,
        "tries": endpoint.tries,
        "failing_since": endpoint.failing_since,
    }


def _endpoint(row: Any) -> FeedEndpoint:
    payload = unseal(row.payload)
    return FeedEndpoint(
        id=row.id,
        recipient=row.recipient,
        journey=row.journey,
        status=row.status,
        position=row.position,
        next_at=row.next_at,
        url=payload["url"],
        secrets=tuple(payload["secrets"]),
        created_at=row.created_at,
        tries=row.tries,
        failing_since=row.failing_since,
    )
