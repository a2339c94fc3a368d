"""What every use case needs, handed to it as one value; and who is asking."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from service.clock import Clock, NewId, NewSecret
from service.database import Database
from service.library import Library
from service.store.enrollments import Stored


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
        known = self._known
        return {thing for thing in things if hash(thing) not in known}

    def add(self, things: Iterable[Hashable]) -> None:
        """Remembers things; where there are too many, the older half is forgotten."""
        with self._lock:
            self._known.update(dict.fromkeys(map(hash, things)))
            if len(self._known) > self._limit:
                self._known = dict.fromkeys(list(self._known)[self._limit // 2 :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many events a batch, events an enrollment and enrollments a patient may have."""

    batch: int = 500
    events: int = 10_000
    enrollments: int = 100


@dataclass(frozen=True, slots=True)
class Service:
    """The database and library of one process, and its clock and makers of ids and secrets."""

    database: Database
    clock: Clock
    new_id: NewId
    new_secret: NewSecret
    library: Library = field(default_factory=Library)
    shown: Remembered = field(default_factory=Remembered)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `name` is the reporter that events carry, `by` what kind of reporter.

    `given` collects the enrollments that the answer speaks of, for a last look before it leaves; None: nobody looks.
    """

    token: str
    name: str
    scopes: frozenset[str]
    by: str
    patient_ref: str | None = None
    journey: str | None = None
    given: list[Stored] | None = field(default=None, compare=False)

    def give(self, stored: Stored) -> None:
        """Notes that the answer speaks of an enrollment; whoever writes one down calls this."""
        if self.given is not None:
            self.given.append(stored)

    @property
    def sees_truth(self) -> bool:
        """Whether they see the state as it is, rather than what the patient was told."""
        return "staff" in self.scopes

    def may_see(self, stored: Stored) -> bool:
        """Whether an enrollment is theirs to know of."""
        return self.patient_ref is None or (
            self.patient_ref == stored.patient_ref and self.journey in (None, stored.journey)
        )
