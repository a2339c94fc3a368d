"""When a signature can be renewed. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from journeys.review.approval import ApprovalEntry

#: A signature can be renewed in its last 60 days, or in its second half where that is shorter. An earlier second
#: signature is a double click.
RENEWABLE = timedelta(days=60)


def renewable_from(step: ApprovalEntry) -> datetime | None:
    """Return the instant from which a signature can be renewed; None where it does not end."""
    end = step.expires_at
    return end - min(RENEWABLE, (end - step.at) / 2) if end is not None else None


def is_renewable(step: ApprovalEntry, now: datetime) -> bool:
    """Return whether a signature ends soon enough to be renewed."""
    begin = renewable_from(step)
    return begin is not None and begin <= now
