"""Work that a process repeats until it is stopped: timers, messages, the feed. No failure ends it."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import ClassVar

from service.operations.heartbeats import ClockGuard
from service.platform.errors import Unavailable
from service.platform.logs import log, where
from service.publishing.service import Service

PAUSE_AFTER_TROUBLE = 2.0


class Loop(ABC):
    """Works round after round, and rests `interval` seconds after each; it does nothing while the clock is far ahead.

    A kind of work defines `work`, the names of its two log lines, and what else it needs.
    """

    kind: str
    trouble: ClassVar[str]
    without_database: ClassVar[str]

    def __init__(self, service: Service, interval: float) -> None:
        self.service = service
        self.interval = interval
        self.stopping = threading.Event()
        self._clock = ClockGuard(service)
        self._thread: threading.Thread | None = None

    @abstractmethod
    def work(self) -> None:
        """One round: all that is due now, or until `stopping` is set."""

    def rest(self) -> None:
        """The time until the next round."""
        self.stopping.wait(self.interval)

    def end(self) -> None:  # noqa: B027 # most kinds of work leave nothing to complete
        """Completes, after the last round, the work that is under way."""

    def labels(self) -> dict[str, str]:
        """What its log lines say beside the event."""
        return {}

    def is_far_ahead(self) -> bool:
        """Whether nothing may be done by this clock."""
        return self._clock.is_far_ahead()

    def run(self) -> None:
        """Work until `stop`; the step under way is completed."""
        while not self.stopping.is_set():
            try:
                if self.is_far_ahead():
                    self.stopping.wait(max(self.interval, PAUSE_AFTER_TROUBLE))
                    continue
                self.work()
                self.rest()
            except Unavailable:
                log().warning(self.without_database, **self.labels())
                self.stopping.wait(PAUSE_AFTER_TROUBLE)
            except Exception as error:  # a loop that dies silently is the one thing it must never do
                log().error(self.trouble, **self.labels(), **where(error))
                self.stopping.wait(PAUSE_AFTER_TROUBLE)
        self.end()

    def start(self) -> None:
        """Work in a thread."""
        self._thread = threading.Thread(target=self.run, name=f"journeys-{self.kind}", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 15.0) -> None:
        """Stop working, and wait for the end of the thread, if any."""
        self.stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)
