"""The transports of the feed, as a process uses them."""

from __future__ import annotations

from service.feed.deliver import FeedTransports
from service.feed.jetstream import JetStreamTransport
from service.feed.jetstream_address import SCHEMES, is_installed
from service.feed.webhook import WebhookChannel
from service.outreach.port import Channel, EventEnvelope
from service.platform.outgoing import OutgoingClient, OutgoingRules
from service.publishing.service import Service


def make_transports(service: Service) -> FeedTransports:
    """The service with its transports.

    Webhooks go to https addresses of the public internet alone. A NATS server is where the operator says.
    """
    by_scheme: dict[str, Channel[EventEnvelope]] = {
        "https": WebhookChannel(service.clock, OutgoingClient(OutgoingRules()))
    }
    if is_installed():
        by_scheme |= dict.fromkeys(SCHEMES, JetStreamTransport())
    return FeedTransports(service, by_scheme)
