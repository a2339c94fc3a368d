"""The rate limit of each token, counted in this process, by token and never by address. It refuses and never waits.

Each token has a bucket for reads and one for reports, which holds the calls of a minute and fills evenly. Of a bucket
only the time at which it is full again is stored (`docs/decisions.md` lists the alternatives that were measured).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from journeys.primitives.problems import counted
from service.access.caller import Caller
from service.platform import errors
from service.platform.configuration import Configuration

EXTENSION = "journeys-rates"
MINUTE = 60.0
#: Above this number of buckets, those that are full again are deleted.
KEPT = 20_000
_ROUNDING = 1e-6


class Rates:
    """The buckets of one process. `monotonic` returns the seconds of a clock that never goes back."""

    def __init__(self, config: Configuration, monotonic: Callable[[], float]) -> None:
        self._reads = config.reads_per_minute, config.patient_reads_per_minute
        self._reports = config.reports_per_minute, config.patient_reports_per_minute
        self._monotonic = monotonic
        self._full_at: dict[tuple[str, bool], float] = {}
        self._lock = threading.Lock()
        self._sweep_at = KEPT

    def take(self, caller: Caller, *, reads: bool, count: int = 1) -> None:
        """Takes calls out of the caller's bucket.

        Raises:
            TooOften: the bucket does not hold so many; nothing is taken.
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
            # More than the calls of a minute can never be taken: the caller is told to wait until the bucket is full.
            seconds = math.ceil(min(wait, MINUTE))
            limit = f"{'read' if reads else 'report'} {counted(rate, 'time')} a minute"
            note = "" if reads else " Each event of a batch counts."
            text = f"This token may {limit}.{note} Send the same request again in {seconds} s."
            raise errors.TooOften(seconds, text)

    def _forget_full(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        self._sweep_at = max(KEPT, 2 * len(self._full_at))
