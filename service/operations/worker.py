"""The worker: fires due timers until it is stopped, in its own process or in a thread beside the server."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from service.enrollments import timers
from service.enrollments.timers import FiringFailed
from service.operations import heartbeats
from service.operations.heartbeats import ClockGuard
from service.platform import metrics
from service.platform.clock import monotonic
from service.platform.errors import Unavailable
from service.platform.logs import log, where
from service.publishing import approvals
from service.publishing.service import Service

BEAT_SECONDS = 15.0
LOOK_SECONDS = 60.0
PAUSE_AFTER_TROUBLE = 2.0


@dataclass(slots=True)
class Worker:
    """Fires timers, one enrollment after the other, and waits `interval` seconds when no timer is due."""

    service: Service
    interval: float
    id: str = ""
    fired: int = 0
    _signed_on: bool = False
    _last_beat: float = 0.0
    _last_look: float = field(default_factory=monotonic)
    _unsaid: int = 0
    _clock: ClockGuard = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._clock = ClockGuard(self.service)

    def run(self) -> None:
        """Work until `stop`; an enrollment that is being served then is completed."""
        while not self._stop.is_set():
            try:
                if self._clock.is_far_ahead():
                    self._stop.wait(max(self.interval, PAUSE_AFTER_TROUBLE))
                    continue
                if not self._signed_on:
                    self._sign_on()
                self.fire_all()
                self._beat()
                self._look_after()
                self._stop.wait(self.interval)
            except Unavailable:
                log().warning("worker-waits-for-the-database", worker=self.id)
                self._stop.wait(PAUSE_AFTER_TROUBLE)
            except Exception as error:  # a worker that dies silently is the one thing it must never do
                log().error("worker-trouble", worker=self.id, **where(error))
                self._stop.wait(PAUSE_AFTER_TROUBLE)
        if self._signed_on:
            self._sign_off()

    def fire_all(self) -> int:
        """Fire every due timer, and return the number of enrollments."""
        count = 0
        while not self._stop.is_set():
            if self._signed_on and self._clock.is_far_ahead():
                break
            try:
                enrollment = timers.fire_next(self.service)
            except FiringFailed as failed:
                metrics.count_failed()
                log().error(
                    "timer-failed",
                    enrollment=failed.enrollment,
                    failures=failed.failures + 1,
                    **where(failed.__cause__ or failed),
                )
                timers.postpone(self.service, failed)
                continue
            if enrollment is None:
                break
            count += 1
            metrics.count_fired()
            self._unsaid += 1
            self._beat()  # a long queue must not look like a worker that hangs
            log().info("timers-fired", enrollment=enrollment, worker=self.id)
        self.fired += count
        return count

    def start(self) -> None:
        """Work in a thread."""
        self._thread = threading.Thread(target=self.run, name="journeys-worker", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Stop working, and wait for the end of the thread, if any."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _sign_on(self) -> None:
        self.id = self.id or self.service.new_id()
        heartbeats.sign_on(self.service, self.id)
        self._signed_on, self._last_beat = True, monotonic()

    def _beat(self) -> None:
        if self._signed_on and monotonic() - self._last_beat >= BEAT_SECONDS:
            heartbeats.sign_on_again(self.service, self.id, self._unsaid)
            self._last_beat, self._unsaid = monotonic(), 0

    def _look_after(self) -> None:
        """Update, now and then, the tasks about content that nobody sees because its approval ended."""
        if monotonic() - self._last_look >= LOOK_SECONDS:
            self._last_look = monotonic()
            approvals.refresh_tasks(self.service, self.service.clock())

    def _sign_off(self) -> None:
        try:
            heartbeats.sign_off(self.service, self.id)
        except Unavailable:
            log().warning("worker-could-not-sign-off", worker=self.id)
