"""A new endpoint of the feed, which staff declare: its address is checked, and its secret made."""

from __future__ import annotations

import base64
import re

from service.feed.jetstream_address import SCHEMES, is_installed, read_address
from service.feed.store import endpoints
from service.feed.store.endpoints import ACTIVE, FeedEndpoint
from service.feed.store.entries import last_position
from service.platform.outgoing import OutgoingRules
from service.platform.process import Process
from service.platform.public_address import AddressRefused, TargetUrl, is_public

_RECIPIENT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


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
    if read_address(url) is None:
        raise EndpointRefused("An address of NATS must be nats://host:4222/subject, or tls:// for an encrypted one.")
    if not is_installed():
        raise EndpointRefused("NATS needs the extra 'nats': install 'patient-journeys[nats]'.")
