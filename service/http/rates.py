"""How often each token may call: counted in this process alone, by token and never by address. It refuses, never waits.

A bucket a token and kind of call: it holds what a minute allows, and fills evenly. Of each bucket only one number is
kept, when it will be full again; that costs a microsecond and no thread (`docs/decisions.md` has what else was tried).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from service.access.caller import Caller
from service.platform import errors
from service.platform.configuration import Configuration

EXTENSION = "journeys-rates"
MINUTE = 60.0
#: How many buckets are kept before those that are full again are forgotten.
KEPT = 20_000
_ROUNDING = 1e-6


class Rates:
    """The buckets of one process. `monotonic` gives seconds of a clock that never goes back."""

    def __init__(self, config: Configuration, monotonic: Callable[[], float]) -> None:
        self._reads = config.reads_per_minute, config.patient_reads_per_minute
        self._reports = config.reports_per_minute, config.patient_reports_per_minute
        self._monotonic = monotonic
        self._full_at: dict[tuple[str, bool], float] = {}
        self._lock = threading.Lock()
        self._sweep_at = KEPT

    def take(self, caller: Caller, *, reads: bool, count: int = 1) -> None:
        """Takes as many calls out of the caller's bucket.

        Raises:
            TooOften: when it does not hold them; nothing is taken then.
        """
        rate = (self._reads if reads else self._reports)[caller.patient_ref is not None]
        if rate == 0:
            return
        now = self._monotonic()
        key = (caller.token, reads)
        with self._lock:
            full_at = max(self._full_at.get(key, now), now) + count * MINUTE / rate
            wait = full_at - now - MINUTE
            if wait <= _ROUNDING:
                self._full_at[key] = full_at
                if len(self._full_at) > self._sweep_at:
                    self._forget_full(now)
        if wait > _ROUNDING:
            # What is more than a minute's worth can never be taken: it is told to come back when all is free.
            seconds = math.ceil(min(wait, MINUTE))
            limit = f"{'read' if reads else 'report'} {rate} times a minute"
            note = "" if reads else " Each event of a batch counts."
            text = f"This token may {limit}.{note} Send the same request again in {seconds} s."
            raise errors.TooOften(seconds, text)

    def _forget_full(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        self._sweep_at = max(KEPT, 2 * len(self._full_at))
