"""The database of one process, its clock, and its sources of ids and secrets. It knows no feature."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from service.platform.bounded_queue import BoundedQueue
from service.platform.clock import Clock, NewId, NewSecret
from service.platform.database import Database
from service.platform.database.digests import Digests


@dataclass(frozen=True, slots=True)
class Process:
    """The database of one process with its keyed digests, its clock, its sources of ids and secrets, and its queue of
    password checks."""

    database: Database
    clock: Clock
    new_id: NewId
    new_secret: NewSecret
    digests: Digests = field(default_factory=Digests, kw_only=True, repr=False, compare=False)
    passwords: BoundedQueue = field(default_factory=BoundedQueue, kw_only=True, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most events of a batch, events of an enrollment, and enrollments of a patient."""

    batch: int = 500
    events: int = 10_000
    enrollments: int = 100


class Remembered:
    """The last items that were stored, so that an answer does not store the same item again.

    It keeps only the hash of each item, which takes a third of the memory: two items are confused once in 10^14
    look-ups.
    """

    def __init__(self, limit: int = 20_000) -> None:
        self._limit = limit
        self._known: dict[int, None] = {}
        self._lock = threading.Lock()

    def missing(self, things: Iterable[Hashable]) -> set[Hashable]:
        """Return the items that are not remembered."""
        hashes = self._known
        return {item for item in things if hash(item) not in hashes}

    def add(self, things: Iterable[Hashable]) -> None:
        """Remember items; beyond the limit, forget the older half."""
        with self._lock:
            self._known.update(dict.fromkeys(map(hash, things)))
            if len(self._known) > self._limit:
                self._known = dict.fromkeys(list(self._known)[self._limit // 2 :])


class FreshAnswers:
    """The last answers that were drawn, each until an instant, so that a poll need not draw the same answer again.

    It keeps the hash of each answer's tag and of what it was drawn from, and no part of the answer itself.
    """

    def __init__(self, limit: int = 20_000) -> None:
        self._limit = limit
        self._until: dict[int, float] = {}
        self._lock = threading.Lock()

    def is_fresh(self, answer: Hashable, now: datetime) -> bool:
        """Return whether an answer was drawn and would be drawn the same now."""
        until = self._until.get(hash(answer))
        return until is not None and now.timestamp() < until

    def add(self, answer: Hashable, until: datetime) -> None:
        """Remember an answer until an instant; beyond the limit, forget the older half."""
        with self._lock:
            self._until[hash(answer)] = until.timestamp()
            if len(self._until) > self._limit:
                newer = list(self._until.items())[self._limit // 2 :]
                self._until = dict(newer)
