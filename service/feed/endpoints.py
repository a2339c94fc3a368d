"""The endpoints of the feed, which staff declare: added, listed, disabled, enabled, and set back by hand."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from service.feed.jetstream import SCHEMES, is_installed, is_jetstream
from service.feed.store import endpoints
from service.feed.store.endpoints import ACTIVE, DISABLED, FeedEndpoint
from service.feed.store.entries import find_entry, last_position
from service.platform.errors import NotFound
from service.platform.outgoing import OutgoingRules
from service.platform.process import Process
from service.platform.public_address import AddressRefused, TargetUrl, is_public

_RECIPIENT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
NOT_AN_ENDPOINT = "No endpoint has this id. 'journeys webhooks list' shows them."
NOT_AN_ENTRY = "No event of the feed has this id."


class EndpointRefused(ValueError):
    """The endpoint cannot be added as it is declared. The message says what would be accepted."""


def add_endpoint(process: Process, url: str, recipient: str, journey: str | None) -> FeedEndpoint:
    """A new endpoint, of https with a new secret; it gets what is published from now on.

    Raises:
        EndpointRefused: the address or the recipient is not accepted.
    """
    if not _RECIPIENT.fullmatch(recipient):
        raise EndpointRefused("The recipient must be 1 to 63 lower-case letters, digits and hyphens, such as 'acme'.")
    is_signed = url.partition(":")[0] not in SCHEMES
    _require_address(url) if is_signed else _require_jetstream(url)
    secret = base64.b64encode(process.new_secret().encode()[:32]).decode()
    with process.database.writing() as connection:
        now = process.clock()
        endpoint = FeedEndpoint(
            id=process.new_id(),
            recipient=recipient,
            journey=journey,
            status=ACTIVE,
            position=last_position(connection),
            next_at=now,
            url=url,
            secrets=(f"whsec_{secret}",) if is_signed else (),
            created_at=now,
        )
        endpoints.add_endpoint(connection, endpoint)
    return endpoint


def _require_address(url: str) -> None:
    try:
        target = TargetUrl(url, ports=OutgoingRules().ports, http=False)
    except AddressRefused as error:
        raise EndpointRefused(str(error)) from None
    if target.literal is not None and not is_public(target.literal):  # a name is resolved whenever it is called
        raise EndpointRefused("The address must be on a host of the public internet.")


def _require_jetstream(url: str) -> None:
    if not is_jetstream(url):
        raise EndpointRefused("An address of NATS must be nats://host:4222/subject, or tls:// for an encrypted one.")
    if not is_installed():
        raise EndpointRefused("NATS needs the extra 'nats': install 'patient-journeys[nats]'.")


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
