"""The loops of the feed: one publishes what changed, one delivers it, each in a thread of its own until stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from service.operations.heartbeats import ClockGuard
from service.platform.errors import Unavailable
from service.platform.logs import log, where
from service.publishing.service import Service

PAUSE_AFTER_TROUBLE = 2.0


@dataclass(slots=True)
class FeedWorker:
    """Takes steps until one has nothing to do, then waits `interval` seconds.

    A receiver that hangs holds up no timer, no message and no publishing.
    """

    service: Service
    name: str
    take_step: Callable[[], object] = field(repr=False)
    interval: float
    _clock: ClockGuard = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._clock = ClockGuard(self.service)

    def run(self) -> None:
        """Work until `stop`; a step that was begun is completed."""
        while not self._stop.is_set():
            try:
                if not self._clock.is_far_ahead():
                    while not self._stop.is_set() and self.take_step():
                        pass
                self._stop.wait(self.interval)
            except Unavailable:
                log().warning("feed-waits-for-the-database", loop=self.name)
                self._stop.wait(PAUSE_AFTER_TROUBLE)
            except Exception as error:  # a loop that dies silently is the one thing it must never do
                log().error("feed-trouble", loop=self.name, **where(error))
                self._stop.wait(PAUSE_AFTER_TROUBLE)

    def start(self) -> None:
        """Work in a thread."""
        self._thread = threading.Thread(target=self.run, name=f"journeys-{self.name}", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 15.0) -> None:
        """Stop working, and wait for the end of the thread, if any."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)
