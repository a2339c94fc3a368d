"""The providers of one process: those that do not answer rest, and none gets more at once or faster than it takes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.outreach.port import AnswerLost, Outcome, Reason, Transient
from service.platform.clock import monotonic

AT_ONCE = 20
#: Calls of one channel that are under way together, as many as Postfix has to one destination unless it is told
#: otherwise. Fewer would leave a quick provider idle while the next messages are claimed.
MOST_CLAIMED = 12
#: Messages of one transaction, which holds SQLite's lock.
ENOUGH_ROOM = 8
#: Messages that are worth a transaction of their own, while the provider is busy with others.
OPENS_AFTER = 2
#: Failures in a row.
REST = timedelta(seconds=60)
QUICK = 0.05
#: Seconds of a call after which its provider is slow: messages of others do not wait for it.
LONGEST_BUSY = 5.0
#: Seconds after which a slow provider is asked again at the latest.
_NO_ANSWER = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT, Reason.CONNECTION_LOST})


@dataclass(slots=True)
class _Provider:
    failures: int = 0
    rests_until: datetime | None = None
    free_at: datetime | None = None
    begun: list[float] = field(default_factory=list)
    last_seconds: float = 0.0

    def seconds(self, now: float) -> float:
        """How long its calls take: the last that ended, or the first under way, whichever took longer."""
        return max(self.last_seconds, now - min(self.begun, default=now))


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
            if len(provider.begun) >= AT_ONCE:
                seconds = min(max(provider.seconds(monotonic()), QUICK), LONGEST_BUSY)
                return now + timedelta(seconds=seconds), Reason.BUSY
            if provider.free_at is not None and provider.free_at > now:
                return provider.free_at, Reason.BUSY
            return None

    def begin(self, channel: str, now: datetime, begun: float, per_second: float | None = None) -> None:
        """Notes a call that begins, at `begun` (seconds of the monotonic clock).

        The next begins later where the provider takes only some `per_second`.
        """
        with self._changed:
            provider = self._of(channel)
            provider.begun.append(begun)
            if per_second is not None:
                provider.free_at = now + timedelta(seconds=1 / per_second)

    def end(self, channel: str, outcome: Outcome | None, now: datetime, begun: float) -> None:
        """Notes what became of the call that began at `begun`; None: it was not made.

        After some calls without an answer in a row the provider rests; after the rest, one more is enough for the next.
        """
        with self._changed:
            provider = self._of(channel)
            provider.begun.remove(begun)
            provider.last_seconds = monotonic() - begun
            if isinstance(outcome, Transient | AnswerLost) and outcome.reason in _NO_ANSWER:
                provider.failures += 1
                if provider.failures >= OPENS_AFTER:
                    provider.rests_until = now + REST
            elif outcome is not None:
                provider.failures = 0
            if self._room() >= ENOUGH_ROOM:  # waking the thread that claims for less would cost more than it gains
                self._changed.notify_all()

    def wait_for_room(self, timeout: float) -> int:
        """How many messages to claim: as many calls as each quick provider can still take, once it is `ENOUGH_ROOM`.

        It is at most `MOST_CLAIMED`. After `timeout` seconds it is at least 1: messages to slow providers need no room
        of the quick ones.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._room() >= ENOUGH_ROOM, timeout)
            return min(max(self._room(), 1), MOST_CLAIMED)

    def _room(self) -> int:
        now = monotonic()
        busy = [len(each.begun) for each in self._providers.values() if each.seconds(now) <= QUICK]
        return AT_ONCE - max(busy, default=0)

    def _of(self, channel: str) -> _Provider:
        return self._providers.setdefault(channel, _Provider())
