"""What the answer of an HTTP provider, or its absence, says about a message; shared by text, push and webhooks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from service.outreach.port import AnswerLost, Outcome, Permanent, Reason, Transient
from service.platform.outgoing import CallAnswer, CallFailed

_LONGEST_WAIT = timedelta(days=1)
_LATER = {401: Reason.NOT_SIGNED_IN, 403: Reason.NOT_SIGNED_IN, 408: Reason.TIMEOUT, 425: Reason.BUSY, 429: Reason.BUSY}


def outcome_of_failure(error: CallFailed, *, tells_repeats: bool) -> Outcome:
    """Return the outcome of a call without an answer.

    `tells_repeats`: the other side recognises a second attempt by its key, so it does no harm.
    """
    reason = Reason(error.word)
    return Transient(reason) if tells_repeats or not error.began else AnswerLost(reason)


def outcome_of_refusal(answer: CallAnswer, now: datetime) -> Transient | Permanent:
    """Return the outcome of an answer that is not 2xx: is it about the provider at this moment, or the message?

    401 and 403 are about our credentials, which an operator can renew.
    """
    code = str(answer.status)
    if answer.status in _LATER or answer.status >= 500:
        wait = retry_after(answer.headers.get("retry-after", ""), now)
        return Transient(_LATER.get(answer.status, Reason.PROVIDER_FAILED), code, wait)
    return Permanent(Reason.TOO_LARGE if answer.status == 413 else Reason.REFUSED, code)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """Return how long a Retry-After header (RFC 9110) asks to wait, at most a day; None where it does not say."""
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), _LONGEST_WAIT)


def json_at(answer: CallAnswer, path: Sequence[str | int]) -> Any:
    """Return the value at a path of keys and positions in a JSON answer, or None where the answer has none."""
    try:
        value = json.loads(answer.body)
        for step in path:
            value = value[step]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return value
