"""Delivering: an entry is permitted and claimed in one transaction, handed over outside of any, its outcome stored.

Nothing else calls an endpoint: an import contract in `pyproject.toml` keeps the transports to this module and `setup`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.permission import SHARE, Request, is_allowed
from service.feed.store import deliveries, endpoints
from service.feed.store.deliveries import CHANNEL, Delivery
from service.feed.store.endpoints import ACTIVE, FAILED, FeedEndpoint
from service.feed.store.entries import FeedEntry, entries_after
from service.outreach.port import Accepted, Channel, EventEnvelope, Outcome, Permanent, Reason, Transient
from service.permission.store import list_entries
from service.persons.store import lock_person, update_person
from service.platform.clock import monotonic
from service.platform.logs import log
from service.platform.metrics import count_delivery
from service.platform.retries import LEASE, MOST_SECONDS_BEFORE_CALL, pause_after
from service.publishing.service import Service

MOST_PASSED_OVER = 200
#: Entries that are looked at for the first that may go.
GIVES_UP_AFTER = timedelta(days=3)
_NEVER_SENT = frozenset({Reason.UNREACHABLE, Reason.BAD_ADDRESS, Reason.BAD_CONTENT})


@dataclass(frozen=True, slots=True)
class FeedTransports:
    """The service with the transports of the feed, by the scheme of an endpoint's address."""

    service: Service
    by_scheme: Mapping[str, Channel[EventEnvelope]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _ClaimedEntry:
    """An entry that this worker may hand over now. The endpoint is leased, and has its position before the entry."""

    endpoint: FeedEndpoint
    entry: FeedEntry
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class _Choice:
    """The first entry that may go (None: none of those looked at), and the position before it."""

    entry: FeedEntry | None
    position: int


def deliver_next(transports: FeedTransports) -> bool:
    """Delivers the next entry of the endpoint that has waited longest; false where no endpoint has any.

    Entries that may not go are passed over for good.
    """
    service = transports.service
    begun, now = monotonic(), service.clock()
    with service.database.reading() as connection:
        endpoint = endpoints.next_due_endpoint(connection, now)
        if endpoint is None:
            return False
        choice = _choose(connection, endpoint, now)
    with service.database.writing() as connection:
        locked = endpoints.lock_free_endpoint(connection, endpoint.id)
        if locked is None:  # another worker has it; others may be due
            return True
        claim = _claim(connection, endpoint, choice, now) if locked == endpoint else None
    if claim is None:
        return True
    outcome: Outcome | None = None
    if monotonic() - begun <= MOST_SECONDS_BEFORE_CALL:
        outcome = _call(transports, claim)
    _store_outcome(service, claim, outcome)
    return True


def _choose(connection: Connection, endpoint: FeedEndpoint, now: datetime) -> _Choice:
    """The next entry that the ledgers allow at this moment."""
    allowed: dict[str, bool] = {}
    position = endpoint.position
    for entry in entries_after(connection, position, MOST_PASSED_OVER):
        if entry.person is not None and endpoint.journey in (None, entry.journey):
            if entry.person not in allowed:
                allowed[entry.person] = _is_shared(connection, entry.person, endpoint, now)
            if allowed[entry.person]:
                return _Choice(entry, position)
        position = entry.position
    return _Choice(None, position)


def _is_shared(connection: Connection, person: str, endpoint: FeedEndpoint, now: datetime) -> bool:
    ledger = [recorded.entry for recorded in list_entries(connection, person)]
    return is_allowed(ledger, Request(SHARE + endpoint.recipient, CHANNEL), now)


def _claim(connection: Connection, endpoint: FeedEndpoint, choice: _Choice, now: datetime) -> _ClaimedEntry | None:
    """The claim of the chosen entry, if its person still allows it; the endpoint is locked."""
    entry = choice.entry
    if entry is None:
        endpoints.update_endpoint(connection, replace(endpoint, position=choice.position))
        return None
    person = lock_person(connection, str(entry.person))
    if person is None or not _is_shared(connection, person.id, endpoint, now):
        endpoints.update_endpoint(connection, replace(endpoint, position=entry.position))
        return None
    delivery = Delivery(
        person=person.id,
        sequence=person.sequence + 1,
        entry=entry.id,
        kind=entry.happening.kind,
        endpoint=endpoint.id,
        recipient=endpoint.recipient,
        at=now,
    )
    update_person(connection, replace(person, sequence=delivery.sequence))
    deliveries.add_delivery(connection, delivery)
    leased = replace(endpoint, position=choice.position, next_at=now + LEASE)
    endpoints.update_endpoint(connection, leased)
    return _ClaimedEntry(leased, entry, delivery)


def _call(transports: FeedTransports, claim: _ClaimedEntry) -> Outcome:
    entry = claim.entry
    transport = transports.by_scheme.get(claim.endpoint.url.partition(":")[0])
    if transport is None:
        return Permanent(Reason.BAD_ADDRESS)
    envelope = EventEnvelope(
        url=claim.endpoint.url,
        secrets=claim.endpoint.secrets,
        type=entry.type,
        source=entry.source,
        time=entry.happening.at,
        subject=entry.enrollment,
        data=entry.data,
    )
    return transport.send(envelope, entry.id)


def _store_outcome(service: Service, claim: _ClaimedEntry, outcome: Outcome | None) -> None:
    """Stores the result of an attempt; what staff changed of the endpoint meanwhile stays."""
    done = _with_result(claim.delivery, outcome)
    count_delivery(done.result)
    with service.database.writing() as connection:
        now = service.clock()
        endpoint = endpoints.lock_endpoint(connection, claim.endpoint.id)
        assert endpoint is not None
        deliveries.update_delivery(connection, done)
        if (endpoint.position, endpoint.next_at) != (claim.endpoint.position, claim.endpoint.next_at):
            return
        after = _after(endpoint, claim.entry, outcome, now)
        endpoints.update_endpoint(connection, after)
    if after.status == FAILED:
        log().error("webhook-given-up", endpoint=endpoint.id, recipient=endpoint.recipient)


def _with_result(delivery: Delivery, outcome: Outcome | None) -> Delivery:
    match outcome:
        case Accepted():
            return replace(delivery, result=deliveries.ACCEPTED)
        case Transient(code=code) | Permanent(code=code) if code:
            return replace(delivery, result=deliveries.REFUSED, code=code)
        case Transient(reason=reason) | Permanent(reason=reason) if reason in _NEVER_SENT:
            return replace(delivery, result=deliveries.NOT_SENT)
        case None:
            return replace(delivery, result=deliveries.NOT_SENT)
        case _:
            return replace(delivery, result=deliveries.LOST)


def _after(endpoint: FeedEndpoint, entry: FeedEntry, outcome: Outcome | None, now: datetime) -> FeedEndpoint:
    if outcome is None:
        return replace(endpoint, next_at=now)
    if isinstance(outcome, Accepted):
        return replace(endpoint, position=entry.position, next_at=now, tries=0, failing_since=None)
    since = endpoint.failing_since or now
    failing = replace(endpoint, tries=endpoint.tries + 1, failing_since=since)
    is_over = isinstance(outcome, Permanent) or now - since >= GIVES_UP_AFTER
    if is_over:
        return replace(failing, status=FAILED if endpoint.status == ACTIVE else endpoint.status, next_at=now)
    wait = outcome.retry_after if isinstance(outcome, Transient) else None
    return replace(failing, next_at=now + max(pause_after(endpoint.tries, endpoint.id), wait or timedelta()))
