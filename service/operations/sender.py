"""The loop that sends: messages are made of what is due, and go out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from service.operations.loop import Loop
from service.outreach.occasions import schedule_occasions
from service.outreach.outbox import Outbox
from service.outreach.providers import AT_ONCE
from service.outreach.schedule import schedule_reminders
from service.outreach.send import Claim, Finished, claim_due, hand_over, send_next, store_finished
from service.platform.errors import Unavailable
from service.platform.logs import log, where
from service.publishing.service import Service

ROOM_WITHIN = 0.1
#: Seconds that a claim waits for a provider with too many calls under way; then messages of others go first.


#: Makes messages of what is due; 0 where nothing is left.
Schedule = Callable[[Service], int]
SCHEDULES: tuple[Schedule, ...] = (schedule_reminders, schedule_occasions)


def send_due(outbox: Outbox) -> None:
    """Makes every message that is due, and hands over those that may go, one after the other in this thread."""
    is_under_way = True
    while is_under_way:  # a piece may follow a message that has just been sent
        for schedule in SCHEDULES:
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


class Sender(Loop):
    """Claims messages, some at a time.

    Threads of its own hand the messages over, some of each channel at once: a provider that hangs holds up neither the
    messages of other channels nor timers, which the worker fires.
    """

    kind = "sender"
    trouble = "sender-trouble"
    without_database = "sender-waits-for-the-database"

    def __init__(self, outbox: Outbox, interval: float, more: Sequence[Schedule] = ()) -> None:
        super().__init__(outbox.service, interval)
        self.outbox = outbox
        self._schedules = (*SCHEDULES, *more)
        self._finished = FinishedCalls()
        self._calls = ThreadPoolExecutor(AT_ONCE * max(len(outbox.channels), 1), "journeys-provider")

    def work(self) -> None:
        """Makes every message that is due, and asks the gate about each."""
        for schedule in self._schedules:
            while not self.stopping.is_set() and schedule(self.outbox.service):
                pass
        was_due = True
        while was_due and not self.stopping.is_set():
            room = self.outbox.providers.wait_for_room(ROOM_WITHIN)
            finished = self._finished.take()
            try:
                claims, was_due = claim_due(self.outbox, finished, most=room)
            except Exception:
                self._store(finished)
                raise
            for claim in claims:
                self._calls.submit(self._hand_over, claim)

    def _hand_over(self, claim: Claim) -> None:
        try:
            self._finished.add(hand_over(self.outbox, claim))
        except Exception as error:  # after its lease another claim looks at what happened
            log().error(self.trouble, **where(error))

    def _store(self, finished: Sequence[Finished]) -> None:
        """Stores each call by itself: the one that cannot be stored holds up no other. Without a database it waits."""
        for each in finished:
            try:
                store_finished(self.outbox, [each])
            except Unavailable:
                self._finished.add(each)
            except Exception as error:
                log().error(self.trouble, **where(error))

    def rest(self) -> None:
        """The time until a call is finished, or until the next round."""
        self._finished.wait(self.interval)

    def end(self) -> None:
        """Completes the messages that are being handed over."""
        self._calls.shutdown()
        self._store(self._finished.take())
        self.outbox.close()

    def stop(self, timeout: float = 15.0) -> None:
        """Stop working, and wait for the end of the thread, if any."""
        self.stopping.set()
        self._finished.wake()
        super().stop(timeout)
