"""The loop that sends: messages are made of reminders and go out, until it is stopped, in a thread of its own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from service.operations.heartbeats import ClockGuard
from service.outreach.outbox import Outbox
from service.outreach.providers import AT_ONCE
from service.outreach.schedule import schedule_reminders
from service.outreach.send import Claim, claim_next, hand_over, send_next
from service.platform.errors import Unavailable
from service.platform.logs import log, where

PAUSE_AFTER_TROUBLE = 2.0
ROOM_WITHIN = 0.1
#: Seconds that a claim waits for a provider with too many calls under way; then messages of others go first.


def send_due(outbox: Outbox) -> None:
    """Makes every message that is due, and hands over those that may go, one after the other in this thread."""
    while schedule_reminders(outbox.service):
        pass
    while send_next(outbox):
        pass


@dataclass(slots=True)
class Sender:
    """Claims messages, one after the other, and waits `interval` seconds when none is due.

    Threads of its own hand the messages over, some of each channel at once: a provider that hangs holds up neither the
    messages of other channels nor timers, which the worker fires.
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
        with ThreadPoolExecutor(AT_ONCE * max(len(self.outbox.channels), 1), "journeys-provider") as calls:
            while not self._stop.is_set():
                try:
                    if not self._clock.is_far_ahead():
                        self._send_all(calls)
                    self._stop.wait(self.interval)
                except Unavailable:
                    log().warning("sender-waits-for-the-database")
                    self._stop.wait(PAUSE_AFTER_TROUBLE)
                except Exception as error:  # a sender that dies silently is the one thing it must never do
                    log().error("sender-trouble", **where(error))
                    self._stop.wait(PAUSE_AFTER_TROUBLE)

    def _send_all(self, calls: ThreadPoolExecutor) -> None:
        """Makes every message that is due, and asks the gate about each."""
        while not self._stop.is_set() and schedule_reminders(self.outbox.service):
            pass
        while not self._stop.is_set():
            self.outbox.providers.wait_for_room(ROOM_WITHIN)
            claim = claim_next(self.outbox)
            if isinstance(claim, Claim):
                calls.submit(self._hand_over, claim)
            elif not claim:
                return

    def _hand_over(self, claim: Claim) -> None:
        try:
            hand_over(self.outbox, claim)
        except Unavailable:  # after its lease another claim looks at what happened
            log().warning("sender-waits-for-the-database")
        except Exception as error:
            log().error("sender-trouble", **where(error))

    def start(self) -> None:
        """Work in a thread."""
        self._thread = threading.Thread(target=self.run, name="journeys-sender", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 15.0) -> None:
        """Stop working, and wait for the end of the thread, if any."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)
