"""The loops of the feed: one publishes what changed, some deliver it."""

from __future__ import annotations

from collections.abc import Callable

from service.operations.loop import Loop
from service.publishing.service import Service


class FeedWorker(Loop):
    """Takes steps until one has nothing to do.

    A receiver that hangs holds up no timer, no message and no publishing.
    """

    trouble = "feed-trouble"
    without_database = "feed-waits-for-the-database"

    def __init__(self, service: Service, name: str, take_step: Callable[[], object], interval: float) -> None:
        super().__init__(service, interval)
        self.kind = name
        self._take_step = take_step

    def work(self) -> None:
        """Takes steps while there are any."""
        while not self.stopping.is_set() and self._take_step():
            pass

    def labels(self) -> dict[str, str]:
        """Which of the loops it is."""
        return {"loop": self.kind}
