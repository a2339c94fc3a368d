"""The times of calls to providers and endpoints, and how long to wait after failures in a row. It reads no clock."""

from __future__ import annotations

import zlib
from datetime import timedelta

LEASE = timedelta(seconds=60)
#: Longer than any call takes; after it another worker takes what this worker has begun.
MOST_SECONDS_BEFORE_CALL = 2.0
#: Between the permission and the call.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


def pause_after(failures: int, id: str = "", first: timedelta = FIRST_PAUSE) -> timedelta:
    """The pause after a failure that follows others: `first` where there are none, else twice as long for each.

    With an id it is up to a quarter longer: what failed together is not tried again at the same instant.
    """
    pause: timedelta = min(first * 2 ** min(failures, 20), LONGEST_PAUSE)
    return pause + pause * (zlib.crc32(id.encode()) % 256 / 1024)
