"""What messages are sent by in the benchmarks: a channel that counts, and the outbox around it."""

from __future__ import annotations

import threading
import time

from service.outreach.outbox import ChannelSetup, Outbox
from service.outreach.port import Accepted, Channel, Envelope, Outcome
from service.publishing.service import Service


class Counting:
    """A channel that counts what another takes, or takes everything itself after `seconds`."""

    def __init__(self, channel: Channel[Envelope] | None = None, seconds: float = 0.0) -> None:
        self._channel, self._seconds = channel, seconds
        self._taken = 0
        self._changed = threading.Condition()
        self.last: tuple[Envelope, str] | None = None

    def send(self, envelope: Envelope, key: str) -> Outcome:
        if self._seconds:  # a sleep of 0 takes 50 microseconds
            time.sleep(self._seconds)
        outcome = Accepted(key) if self._channel is None else self._channel.send(envelope, key)
        assert isinstance(outcome, Accepted), outcome
        with self._changed:
            self._taken, self.last = self._taken + 1, (envelope, key)
            self._changed.notify_all()
        return outcome

    @property
    def taken(self) -> int:
        """How many messages it took."""
        return self._taken

    def wait(self, count: int) -> None:
        """Waits until it took some messages."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._taken >= count, 120), self._taken


def mail_outbox(service: Service, channel: Channel[Envelope]) -> Outbox:
    """Return the service with a channel of mail."""
    return Outbox(
        service=service,
        channels={"email": ChannelSetup(channel)},
        public_url="https://guide.example",
        unsubscribe_mailbox="stop@guide.example",
    )
