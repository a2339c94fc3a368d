"""The rate limit of each token, counted in this process, by token and never by address. It refuses and never waits."""

from __future__ import annotations

from collections.abc import Callable

from journeys.primitives.problems import counted
from service.access.caller import Caller
from service.platform import errors
from service.platform.buckets import Buckets
from service.platform.configuration import Configuration

EXTENSION = "journeys-rates"


class Rates:
    """The buckets of one process, of each token one for reads and one for reports.

    `monotonic` returns the seconds of a clock that never goes back.
    """

    def __init__(self, config: Configuration, monotonic: Callable[[], float]) -> None:
        self._reads = config.reads_per_minute, config.patient_reads_per_minute
        self._reports = config.reports_per_minute, config.patient_reports_per_minute
        self._buckets = Buckets(monotonic)

    def take(self, caller: Caller, *, reads: bool, count: int = 1) -> None:
        """Takes calls out of the caller's bucket.

        Raises:
            TooOften: the bucket does not hold so many; nothing is taken.
        """
        rate = (self._reads if reads else self._reports)[caller.patient_ref is not None]
        seconds = self._buckets.take((caller.token, reads), rate, count) if rate else 0
        if seconds:
            limit = f"{'read' if reads else 'report'} {counted(rate, 'time')} a minute"
            note = "" if reads else " Each event of a batch counts."
            text = f"This token may {limit}.{note} Send the same request again in {seconds} s."
            raise errors.TooOften(seconds, text)
