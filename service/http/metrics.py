"""The route of metrics: the counters of the processes, and the status of the service, read when it is called."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flask import Blueprint, Response, current_app
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from service.http.context import service
from service.operations.status import Lateness, Status, status_of
from service.platform import metrics
from service.platform.clock import monotonic
from service.platform.errors import Unavailable
from service.publishing.service import Service

blueprint = Blueprint("metrics", __name__)

EXTENSION = "journeys-standing"
KEPT_SECONDS = 10.0
#: The metric of each line of the status, in seconds or as a count.
LINES = {
    "timers": ("journeys_timer_late_seconds", "Delay of the oldest due timer."),
    "failing": ("journeys_failing_enrollments", "Enrollments whose timers cannot be fired."),
    "worker": ("journeys_worker_silent_seconds", "Time since any worker was last seen; infinite without workers."),
    "tasks": ("journeys_tasks_past_due", "Open tasks that are past due."),
    "stuck": ("journeys_stuck_enrollments", "Enrollments with events that wait or were ignored."),
    "approvals": ("journeys_approvals_ending", "Approvals that have ended or end soon."),
    "messages": ("journeys_message_late_seconds", "Delay of the message that has waited longest for a sender."),
    "senders": ("journeys_messages_abandoned", "Messages whose sender died."),
    "unknown": ("journeys_messages_unknown", "Messages of use that may or may not have arrived."),
    "failed": ("journeys_messages_failed", "Messages that failed within a day."),
    "letters": ("journeys_letter_waiting_seconds", "Time that the oldest queued letter has waited to be printed."),
    "feed": ("journeys_feed_late_seconds", "Delay of the oldest change that the feed lacks."),
    "webhooks": ("journeys_webhooks_failed", "Webhooks that were given up."),
    "backup": ("journeys_backup_age_seconds", "Time since the last backup, or else the first enrollment."),
}


@dataclass(slots=True)
class StatusCache:
    """The status of the service, read from the database at most once in some seconds."""

    lateness: Lateness
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _of: Service | None = None
    _looked_at: float = 0.0
    _status: Status | None = None

    def of(self, service: Service) -> Status | None:
        """The status, or None while the database cannot be reached."""
        with self._lock:
            if self._of is not service or monotonic() - self._looked_at > KEPT_SECONDS:
                try:
                    self._status = status_of(service, self.lateness)
                except Unavailable:
                    self._status = None
                self._of, self._looked_at = service, monotonic()
            return self._status


@dataclass(frozen=True, slots=True)
class _Collected:
    """The status as metrics."""

    status: Status | None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = self.status is not None
        yield _gauge("journeys_database_up", "Whether the database could be read.", up)
        if self.status is None:
            return
        late = GaugeMetricFamily("journeys_late", "Whether a line of the status is late.", labels=["line"])
        for line in self.status.lines:
            late.add_metric([line.name], not line.is_good)
            yield _gauge(*LINES[line.name], line.value)
        yield late
        failed = GaugeMetricFamily(
            "journeys_channel_messages_failed", "Messages that failed within a day, by channel.", labels=["channel"]
        )
        for each in self.status.outgoing.failed:
            failed.add_metric([each.channel], each.count)
        yield failed
        yield _gauge("journeys_workers", "Workers that were seen lately.", self.status.workers)
        yield _gauge("journeys_tasks_open", "Open tasks.", self.status.tasks.count)
        yield _gauge("journeys_database_bytes", "Size of the database.", self.status.size)
        releases = GaugeMetricFamily(
            "journeys_release_enrollments", "Enrollments by release.", labels=["journey", "release"]
        )
        for release in self.status.releases:
            releases.add_metric([release.journey, str(release.number)], release.enrollments)
        yield releases

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()


@blueprint.route("/metrics")
def expose() -> Response:
    """All metrics in the text format of Prometheus."""
    status = current_app.extensions[EXTENSION].of(service())
    registry = CollectorRegistry()
    registry.register(_Collected(status))
    return Response(metrics.exposition() + generate_latest(registry), content_type=metrics.MEDIA_TYPE)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
