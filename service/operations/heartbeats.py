"""Heartbeats of workers: a worker signs on, beats while it is alive, and signs off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from journeys.primitives.canonical import time_text
from service.operations.store import heartbeats
from service.platform.logs import log
from service.platform.process import Process

#: How far the clock may be ahead of the last heartbeat; further ahead, a worker fires nothing until told to go on.
MOST_AHEAD = timedelta(days=1)


def sign_on(process: Process, worker: str) -> None:
    """Record that a worker begins."""
    with process.database.writing() as connection:
        heartbeats.start(connection, worker, process.clock())


def sign_on_again(process: Process, worker: str, fired: int) -> None:
    """Record that a worker is alive, and the number of enrollments it has served since."""
    with process.database.writing() as connection:
        heartbeats.beat(connection, worker, process.clock(), fired)


def sign_off(process: Process, worker: str) -> None:
    """Record that a worker has ended normally."""
    with process.database.writing() as connection:
        heartbeats.stop(connection, worker)


def beat_before_jump(process: Process) -> datetime | None:
    """The last heartbeat of any worker, if the clock has jumped more than a day ahead of it; else None."""
    with process.database.reading() as connection:
        last = heartbeats.last_clock(connection)
    return last if last is not None and process.clock() - last > MOST_AHEAD else None


@dataclass(slots=True)
class ClockGuard:
    """Notices a clock that has jumped so far ahead that what seems due might not be due at all.

    The database is asked only where the clock has moved by a day since it was asked last.
    """

    process: Process
    _last_time: datetime | None = None
    _waits: bool = False

    def is_far_ahead(self) -> bool:
        """Whether nothing may be done by this clock; logged once."""
        now = self.process.clock()
        if self._last_time is not None and now - self._last_time <= MOST_AHEAD:
            self._last_time = max(now, self._last_time)
            return False
        last_beat = beat_before_jump(self.process)
        if last_beat is not None:
            if not self._waits:
                log().error("worker-waits-for-the-clock", last_beat=time_text(last_beat), now=time_text(now))
            self._waits = True
            return True
        self._last_time, self._waits = now, False
        return False


def accept_clock(process: Process) -> datetime:
    """Tell the workers that the present time of this machine is right; returns it."""
    now = process.clock()
    with process.database.writing() as connection:
        heartbeats.set_clock(connection, now)
    return now


def take_back_clock(process: Process) -> None:
    """Take the last heartbeat back to now where a clock was ahead: otherwise its next jump would not be noticed."""
    now = process.clock()
    with process.database.writing() as connection:
        last = heartbeats.last_clock(connection)
        if last is not None and last > now:
            heartbeats.set_clock(connection, now)
