"""Providers that do not answer are left alone for a while, so that they hold up no message of another channel."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.outreach.port import AnswerLost, Outcome, Reason, Transient

OPENS_AFTER = 2
#: Failures in a row.
REST = timedelta(seconds=60)
_NO_ANSWER = frozenset({Reason.UNREACHABLE, Reason.TIMEOUT, Reason.CONNECTION_LOST})


class Circuits:
    """The channels of one process whose providers rest, and until when."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._until: dict[str, datetime] = {}

    def rests_until(self, channel: str, now: datetime) -> datetime | None:
        """The instant until which nothing is handed to a provider, or None."""
        until = self._until.get(channel)
        return until if until is not None and until > now else None

    def note(self, channel: str, outcome: Outcome, now: datetime) -> None:
        """Count what became of an attempt; after some without an answer in a row the provider rests.

        After the rest, one more failure is enough for the next.
        """
        if not (isinstance(outcome, Transient | AnswerLost) and outcome.reason in _NO_ANSWER):
            self._failures[channel] = 0
            return
        self._failures[channel] = self._failures.get(channel, 0) + 1
        if self._failures[channel] >= OPENS_AFTER:
            self._until[channel] = now + REST
