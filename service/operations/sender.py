"""The loop that sends: messages are made of reminders and go out, until it is stopped, in a thread of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from service.operations.heartbeats import ClockGuard
from service.outreach.outbox import Outbox
from service.outreach.schedule import schedule_reminders
from service.outreach.send import send_next
from service.platform.errors import Unavailable
from service.platform.logs import log, where

PAUSE_AFTER_TROUBLE = 2.0


@dataclass(slots=True)
class Sender:
    """Sends messages, one after the other, and waits `interval` seconds when none is due.

    It is not the worker that fires timers: a provider that hangs must not hold up timers.
    """

    outbox: Outbox
    interval: float
    _clock: ClockGuard = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._clock = ClockGuard(self.outbox.service)

    def run(self) -> None:
        """Work until `stop`; a message that is being handed over then is completed."""
        while not self._stop.is_set():
            try:
                if not self._clock.is_far_ahead():
                    self.send_all()
                self._stop.wait(self.interval)
            except Unavailable:
                log().warning("sender-waits-for-the-database")
                self._stop.wait(PAUSE_AFTER_TROUBLE)
            except Exception as error:  # a sender that dies silently is the one thing it must never do
                log().error("sender-trouble", **where(error))
                self._stop.wait(PAUSE_AFTER_TROUBLE)

    def send_all(self) -> int:
        """Make and ask about every message that is due; return how often the gate was asked."""
        while not self._stop.is_set() and schedule_reminders(self.outbox.service):
            pass
        count = 0
        while not self._stop.is_set() and send_next(self.outbox):
            count += 1
        return count

    def start(self) -> None:
        """Work in a thread."""
        self._thread = threading.Thread(target=self.run, name="journeys-sender", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 15.0) -> None:
        """Stop working, and wait for the end of the thread, if any."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)
