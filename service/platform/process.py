"""What one process works with: its database, its clock, its makers of ids and secrets. It knows no feature."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from service.platform.clock import Clock, NewId, NewSecret
from service.platform.database import Database


@dataclass(frozen=True, slots=True)
class Process:
    """The database of one process, its clock, and its makers of ids and secrets."""

    database: Database
    clock: Clock
    new_id: NewId
    new_secret: NewSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many events a batch, events an enrollment and enrollments a patient may have."""

    batch: int = 500
    events: int = 10_000
    enrollments: int = 100


class Remembered:
    """The last things that were noted, so that what is stored already is not stored again for every answer.

    Of each only its hash is kept, which takes a third of the room: that one is taken for another of so many happens
    once in 10^14 looks.
    """

    def __init__(self, limit: int = 20_000) -> None:
        self._limit = limit
        self._known: dict[int, None] = {}
        self._lock = threading.Lock()

    def missing(self, things: Iterable[Hashable]) -> set[Hashable]:
        """Those that are not remembered."""
        hashes = self._known
        return {item for item in things if hash(item) not in hashes}

    def add(self, things: Iterable[Hashable]) -> None:
        """Remembers things; where there are too many, the older half is forgotten."""
        with self._lock:
            self._known.update(dict.fromkeys(map(hash, things)))
            if len(self._known) > self._limit:
                self._known = dict.fromkeys(list(self._known)[self._limit // 2 :])
