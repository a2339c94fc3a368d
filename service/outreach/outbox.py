"""The service with the channels that are set up. Without any, no message is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from service.outreach.port import Channel, Envelope
from service.outreach.providers import Providers
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """A channel that is set up.

    Attributes:
        channel: the adapter.
        tells_repeats: whether its provider recognises a message that comes again.
        per_second: how many messages its provider takes in a second; None: as many as come.
        close: ends the connections that the adapter keeps open; None: it keeps none.
    """

    channel: Channel[Envelope] = field(repr=False)
    tells_repeats: bool = False
    per_second: float | None = None
    close: Callable[[], None] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """What sends messages.

    Attributes:
        service: the service.
        channels: the channels that are set up, by name.
        public_url: the https address at which patients reach this service, without a slash at its end.
        postal_address: the address that every mail shows (16 CFR 316.5; several lines).
        unsubscribe_mailbox: the mail address that ends mail, beside the link.
        providers: how the providers of this process do.
    """

    service: Service
    channels: Mapping[str, ChannelSetup] = field(default_factory=dict)
    public_url: str = ""
    postal_address: str = ""
    unsubscribe_mailbox: str = ""
    providers: Providers = field(default_factory=Providers, repr=False, compare=False)

    def close(self) -> None:
        """Ends the connections of all channels."""
        for setup in self.channels.values():
            if setup.close is not None:
                setup.close()
