"""The transports of the feed, as a process uses them."""

from __future__ import annotations

from service.feed.deliver import FeedTransports
from service.feed.webhook import WebhookChannel
from service.platform.outgoing import OutgoingClient, OutgoingRules
from service.publishing.service import Service


def make_transports(service: Service) -> FeedTransports:
    """The service with its transports: webhooks go to https addresses of the public internet alone."""
    webhook = WebhookChannel(service.clock, OutgoingClient(OutgoingRules()))
    return FeedTransports(service, {"https": webhook})
