"""A queue for costly work: a few at once, a few wait, and the rest are refused at once. It knows no work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class QueueFull(RuntimeError):
    """Nobody else may wait, or the turn did not come in time."""


class BoundedQueue:
    """Lets `at_once` threads work while `waiting` others wait, each for at most `seconds`."""

    def __init__(self, at_once: int = 2, waiting: int = 2, seconds: float = 2.0) -> None:
        self._turns = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._seconds = seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a turn, and keeps it until the end of the block.

        Raises:
            QueueFull: all places are taken, or the turn did not come in time.
        """
        if not self._places.acquire(blocking=False):
            raise QueueFull
        try:
            if not self._turns.acquire(timeout=self._seconds):
                raise QueueFull
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()
