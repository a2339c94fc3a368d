"""The channels of the demonstration: what is sent arrives on the page's phone, and nothing leaves this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, Envelope, checked_key


@dataclass(frozen=True, slots=True)
class ArrivedMessage:
    """A message on the phone: of an e-mail also the subject, under which the text is read.

    `address`: where it was sent; empty for a push, whose address nobody reads.
    """

    text: str
    subject: str
    locale: str
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Handset:
    """The phones of all patients: the messages that arrived, by their ids."""

    arrived: dict[str, ArrivedMessage] = field(default_factory=dict)

    def channels(self) -> Mapping[str, ChannelSetup]:
        """The channels that lead to these phones."""
        return {name: ChannelSetup(HandsetChannel(self, name), tells_repeats=True) for name in ("push", "sms", "email")}

    def newest(self, count: int) -> list[ArrivedMessage]:
        """The last messages, the newest first."""
        return list(self.arrived.values())[: -count - 1 : -1]


@dataclass(frozen=True, slots=True)
class HandsetChannel:
    """A channel that ends at the phone of the page."""

    handset: Handset
    name: str

    def send(self, envelope: Envelope, key: str) -> Accepted:
        """Put the message on the phone.

        Raises:
            ValueError: `key` is not valid.
        """
        address = envelope.address if self.name != "push" else ""
        self.handset.arrived[checked_key(key)] = ArrivedMessage(
            envelope.text, envelope.subject, envelope.locale, self.name, address
        )
        return Accepted()
