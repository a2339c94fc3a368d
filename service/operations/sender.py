"""The loop that sends: messages are made of reminders and go out, until it is stopped, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from service.operations.heartbeats import ClockGuard
from service.outreach.occasions import schedule_occasions
from service.outreach.outbox import Outbox
from service.outreach.providers import AT_ONCE
from service.outreach.schedule import schedule_reminders
from service.outreach.send import Claim, Finished, claim_next, hand_over, send_next, store_finished
from service.platform.errors import Unavailable
from service.platform.logs import log, where

PAUSE_AFTER_TROUBLE = 2.0
ROOM_WITHIN = 0.1
#: Seconds that a claim waits for a provider with too many calls under way; then messages of others go first.


def send_due(outbox: Outbox) -> None:
    """Makes every message that is due, and hands over those that may go, one after the other in this thread."""
    is_under_way = True
    while is_under_way:  # a piece may follow a message that has just been sent
        for schedule in (schedule_reminders, schedule_occasions):
            while schedule(outbox.service):
                pass
        is_under_way = send_next(outbox)


class FinishedCalls:
    """Calls that are finished and not stored yet. Threads share it."""

    def __init__(self) -> None:
        self._calls: list[Finished] = []
        self._changed = threading.Condition()
        self._is_awake = False

    def add(self, finished: Finished) -> None:
        """Adds a call."""
        with self._changed:
            self._calls.append(finished)
            self._changed.notify_all()

    def take(self) -> list[Finished]:
        """Takes all calls."""
        with self._changed:
            calls, self._calls = self._calls, []
            return calls

    def wait(self, seconds: float) -> None:
        """Waits until there is a call, or `wake` is called, at most some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._calls or self._is_awake, seconds)

    def wake(self) -> None:
        """Ends all waiting, for good."""
        with self._changed:
            self._is_awake = True
            self._changed.notify_all()


@dataclass(slots=True)
class Sender:
    """Claims messages, one after the other, and waits `interval` seconds when none is due.

    Threads of its own hand the messages over, some of each channel at once: a provider that hangs holds up neither the
    messages of other channels nor timers, which the worker fires.
    """

    outbox: Outbox
    interval: float
    _clock: ClockGuard = field(init=False)
    _finished: FinishedCalls = field(default_factory=FinishedCalls)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._clock = ClockGuard(self.outbox.service)

    def run(self) -> None:
        """Work until `stop`; the messages that are being handed over then are completed."""
        with ThreadPoolExecutor(AT_ONCE * max(len(self.outbox.channels), 1), "journeys-provider") as calls:
            while not self._stop.is_set():
                try:
                    if not self._clock.is_far_ahead():
                        self._send_all(calls)
                    self._finished.wait(self.interval)
                except Unavailable:
                    log().warning("sender-waits-for-the-database")
                    self._stop.wait(PAUSE_AFTER_TROUBLE)
                except Exception as error:  # a sender that dies silently is the one thing it must never do
                    log().error("sender-trouble", **where(error))
                    self._stop.wait(PAUSE_AFTER_TROUBLE)
        self._store(self._finished.take())
        self.outbox.close()

    def _send_all(self, calls: ThreadPoolExecutor) -> None:
        """Makes every message that is due, and asks the gate about each."""
        for schedule in (schedule_reminders, schedule_occasions):
            while not self._stop.is_set() and schedule(self.outbox.service):
                pass
        claim: Claim | bool = True
        while claim and not self._stop.is_set():
            self.outbox.providers.wait_for_room(ROOM_WITHIN)
            finished = self._finished.take()
            try:
                claim = claim_next(self.outbox, finished)
            except Exception:
                self._store(finished)
                raise
            if isinstance(claim, Claim):
                calls.submit(self._hand_over, claim)

    def _hand_over(self, claim: Claim) -> None:
        try:
            self._finished.add(hand_over(self.outbox, claim))
        except Exception as error:  # after its lease another claim looks at what happened
            log().error("sender-trouble", **where(error))

    def _store(self, finished: Sequence[Finished]) -> None:
        """Stores each call by itself: the one that cannot be stored holds up no other. Without a database it waits."""
        for each in finished:
            try:
                store_finished(self.outbox, [each])
            except Unavailable:
                self._finished.add(each)
            except Exception as error:
                log().error("sender-trouble", **where(error))

    def start(self) -> None:
        """Work in a thread."""
        self._thread = threading.Thread(target=self.run, name="journeys-sender", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 15.0) -> None:
        """Stop working, and wait for the end of the thread, if any."""
        self._stop.set()
        self._finished.wake()
        if self._thread is not None:
            self._thread.join(timeout)
