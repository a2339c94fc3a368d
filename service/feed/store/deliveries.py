"""SQL of deliveries: every attempt to hand an entry of the feed to another system. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.platform.database.statements import Prepared
from service.platform.database.tables import feed_deliveries, feed_entries

#: The channel of permission to share, whatever the transport.
CHANNEL = "webhook"
BEGUN, ACCEPTED, REFUSED, LOST, NOT_SENT = "begun", "accepted", "refused", "lost", "not_sent"
#: `refused`: it was received, and answered with another status than 2xx. `lost`: it may have been received.


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An attempt to hand over an entry, at its place in the order of all that a person allowed, revoked and was sent.

    Attributes:
        person: the id of the person whom the entry is about.
        sequence: the place.
        entry: the id of the entry, which is also the id of the event that was sent.
        kind: what it told: a kind of the feed.
        endpoint: the id of the endpoint.
        recipient: who it was sent to; it was allowed as `share:<recipient>`.
        at: when it was permitted, UTC.
        result: `begun` until there is an answer; see the words above.
        code: the HTTP status of the answer, if there was one.
    """

    person: str
    sequence: int
    entry: str
    kind: str
    endpoint: str
    recipient: str
    at: datetime
    result: str = BEGUN
    code: str | None = None


@dataclass(frozen=True, slots=True)
class PastDelivery:
    """An attempt, with the enrollment that its entry is about; None where the entry is not stored any more."""

    delivery: Delivery
    enrollment: str | None


_INSERT = Prepared(insert(feed_deliveries))
_UPDATE = Prepared(
    update(feed_deliveries)
    .where(feed_deliveries.c.person == bindparam("of"), feed_deliveries.c.sequence == bindparam("the_sequence"))
    .values({name: bindparam(name) for name in ("result", "code")})
)
_OF_PERSON = Prepared(
    select(*feed_deliveries.c, feed_entries.c.enrollment)
    .outerjoin_from(feed_deliveries, feed_entries, feed_entries.c.id == feed_deliveries.c.entry)
    .where(feed_deliveries.c.person == bindparam("person"), feed_deliveries.c.result != NOT_SENT)
    .order_by(feed_deliveries.c.sequence)
)


def add_delivery(connection: Connection, delivery: Delivery) -> None:
    """Stores a new attempt."""
    _INSERT.run(
        connection,
        {
            "person": delivery.person,
            "sequence": delivery.sequence,
            "entry": delivery.entry,
            "kind": delivery.kind,
            "endpoint": delivery.endpoint,
            "recipient": delivery.recipient,
            "at": delivery.at,
            "result": delivery.result,
            "code": delivery.code,
        },
    )


def update_delivery(connection: Connection, delivery: Delivery) -> None:
    """Stores the result of an attempt."""
    values = {"of": delivery.person, "the_sequence": delivery.sequence}
    _UPDATE.run(connection, values | {"result": delivery.result, "code": delivery.code})


def list_deliveries(connection: Connection, person: str) -> list[PastDelivery]:
    """What left or may have left about a person, in the order of the person's sequence: date, recipient, what, why."""
    return [PastDelivery(_delivery(row), row.enrollment) for row in _OF_PERSON.all(connection, {"person": person})]


def _delivery(row: Any) -> Delivery:
    return Delivery(
        person=row.person,
        sequence=row.sequence,
        entry=row.entry,
        kind=row.kind,
        endpoint=row.endpoint,
        recipient=row.recipient,
        at=row.at,
        result=row.result,
        code=row.code,
    )
