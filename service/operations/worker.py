"""The loop that fires due timers, in its own process or in a thread beside the server."""

from __future__ import annotations

from service.caregivers.change import end_caregivers_over
from service.enrollments import timers
from service.enrollments.timers import FiringFailed
from service.operations import heartbeats
from service.operations.loop import Loop
from service.platform import metrics
from service.platform.clock import monotonic
from service.platform.errors import Unavailable
from service.platform.logs import log, where
from service.publishing import approvals
from service.publishing.service import Service

BEAT_SECONDS = 15.0
LOOK_SECONDS = 60.0


class Worker(Loop):
    """Fires timers, one enrollment after the other. It signs on with its first round: its beats tell that it lives."""

    kind = "worker"
    trouble = "worker-trouble"
    without_database = "worker-waits-for-the-database"

    def __init__(self, service: Service, interval: float) -> None:
        super().__init__(service, interval)
        self.id = ""
        self.fired = 0
        self._signed_on = False
        self._last_beat = 0.0
        self._last_look = monotonic()
        self._unsaid = 0

    def work(self) -> None:
        """Fires what is due, and looks after approvals now and then."""
        if not self._signed_on:
            self._sign_on()
        self.fire_all()
        self._beat()
        self._look_after()

    def end(self) -> None:
        """Signs off."""
        if self._signed_on:
            self._sign_off()

    def labels(self) -> dict[str, str]:
        """The id with which it signed on."""
        return {"worker": self.id}

    def fire_all(self) -> int:
        """Fire every due timer, and return the number of enrollments."""
        count = 0
        while not self.stopping.is_set():
            if self._signed_on and self.is_far_ahead():
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

    def _sign_on(self) -> None:
        self.id = self.id or self.service.new_id()
        heartbeats.sign_on(self.service, self.id)
        self._signed_on, self._last_beat = True, monotonic()

    def _beat(self) -> None:
        if self._signed_on and monotonic() - self._last_beat >= BEAT_SECONDS:
            heartbeats.sign_on_again(self.service, self.id, self._unsaid)
            self._last_beat, self._unsaid = monotonic(), 0

    def _look_after(self) -> None:
        """Updates, now and then, the tasks about content whose approval ended, and ends caregivers who are over."""
        if monotonic() - self._last_look >= LOOK_SECONDS:
            self._last_look = monotonic()
            approvals.refresh_tasks(self.service, self.service.clock())
            end_caregivers_over(self.service)

    def _sign_off(self) -> None:
        try:
            heartbeats.sign_off(self.service, self.id)
        except Unavailable:
            log().warning("worker-could-not-sign-off", worker=self.id)
