"""Rate limits, counted in this process: each key has a bucket that holds the calls of a minute and fills evenly.

Of a bucket only the time at which it is full again is stored (`docs/decisions.md` lists the alternatives that were
measured). It refuses and never waits, and knows no caller.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Hashable

MINUTE = 60.0
#: Above this number of buckets, those that are full again are deleted.
KEPT = 20_000
_ROUNDING = 1e-6


class Buckets:
    """The buckets of one process. `monotonic` returns the seconds of a clock that never goes back."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._full_at: dict[Hashable, float] = {}
        self._lock = threading.Lock()
        self._sweep_at = KEPT

    def take(self, key: Hashable, rate: int, count: int = 1) -> int:
        """Takes calls out of a bucket that holds `rate`; the seconds to wait where it does not hold so many, else 0."""
        now = self._monotonic()
        with self._lock:
            full_at = max(self._full_at.get(key, now), now) + count * MINUTE / rate
            wait = full_at - now - MINUTE
            if wait <= _ROUNDING:
                self._full_at[key] = full_at
                if len(self._full_at) > self._sweep_at:
                    self._forget_full(now)
                return 0
        # More than the calls of a minute can never be taken: the caller is told to wait until the bucket is full.
        return math.ceil(min(wait, MINUTE))

    def _forget_full(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        self._sweep_at = max(KEPT, 2 * len(self._full_at))
