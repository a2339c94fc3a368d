"""The providers of one process: those that do not answer rest, and none gets more at once or faster than it takes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.outreach.port import AnswerLost, Outcome, Reason, Transient
from service.platform.clock import monotonic

AT_ONCE = 4
#: Calls of one channel that are under way together.
OPENS_AFTER = 2
#: Failures in a row.
REST = timedelta(seconds=60)
WHILE_BUSY = timedelta(seconds=5)
_NO_ANSWER = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT, Reason.CONNECTION_LOST})


@dataclass(slots=True)
class _Provider:
    failures: int = 0
    rests_until: datetime | None = None
    free_at: datetime | None = None
    under_way: int = 0
    full_since: float | None = None


class Providers:
    """The providers by channel. Threads share it: one claims messages, others hand them over."""

    def __init__(self) -> None:
        self._providers: dict[str, _Provider] = {}
        self._changed = threading.Condition()

    def call_at(self, channel: str, now: datetime) -> tuple[datetime, Reason] | None:
        """When the provider can be called next, and why not now; None: now."""
        with self._changed:
            provider = self._of(channel)
            if provider.rests_until is not None and provider.rests_until > now:
                return provider.rests_until, Reason.UNREACHABLE
            if provider.under_way >= AT_ONCE:
                return now + WHILE_BUSY, Reason.BUSY
            if provider.free_at is not None and provider.free_at > now:
                return provider.free_at, Reason.BUSY
            return None

    def begin(self, channel: str, now: datetime, per_second: float | None = None) -> None:
        """Notes a call that begins; the next begins later where the provider takes only some `per_second`."""
        with self._changed:
            provider = self._of(channel)
            provider.under_way += 1
            if provider.under_way >= AT_ONCE:
                provider.full_since = monotonic()
            if per_second is not None:
                provider.free_at = now + timedelta(seconds=1 / per_second)

    def end(self, channel: str, outcome: Outcome | None, now: datetime) -> None:
        """Notes what became of a call; None: it was not made.

        After some calls without an answer in a row the provider rests; after the rest, one more is enough for the next.
        """
        with self._changed:
            provider = self._of(channel)
            provider.under_way -= 1
            provider.full_since = None
            if isinstance(outcome, Transient | AnswerLost) and outcome.reason in _NO_ANSWER:
                provider.failures += 1
                if provider.failures >= OPENS_AFTER:
                    provider.rests_until = now + REST
            elif outcome is not None:
                provider.failures = 0
            self._changed.notify_all()

    def wait_for_room(self, timeout: float) -> None:
        """Waits until every provider can take one more call at once, at most `timeout` seconds.

        A provider that has completed no call for so long is not waited for: it hangs, and the others would be slow too.
        """
        with self._changed:
            since = monotonic() - timeout
            waited_for = [each for each in self._providers.values() if (each.full_since or since) > since]
            self._changed.wait_for(lambda: all(each.under_way < AT_ONCE for each in waited_for), timeout)

    def _of(self, channel: str) -> _Provider:
        return self._providers.setdefault(channel, _Provider())
