"""Decides by a ledger of entries whether a message is allowed. The order in which entries arrived decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from journeys.permission.entries import APART, SHARE, PermissionEntry

ChannelStatus = Literal["never", "granted", "revoked"]

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Request:
    """What a message is for: its purpose, its channel (None: a page that an app fetches), and its topic, if any."""

    purpose: str
    channel: str | None
    topic: str | None = None


def is_allowed(entries: Iterable[PermissionEntry], request: Request, at: datetime) -> bool:
    """Whether a person allowed it at an instant (UTC). Nothing is allowed by default.

    A page that an app fetches needs no permission, except for marketing, measurement and sharing.
    """
    if request.channel is None and not _is_apart(request.purpose):
        return True
    entry = deciding_entry(entries, request, at)
    return entry is not None and entry.kind == "grant" and (entry.until is None or at < entry.until)


def deciding_entry(entries: Iterable[PermissionEntry], request: Request, at: datetime) -> PermissionEntry | None:
    """The entry that decides at an instant: the latest that covers the request; of several at once a revocation."""
    covering = (entry for entry in entries if entry.occurred_at <= at and covers(entry, request))
    return max(covering, key=_rank, default=None)


def channel_status(entries: Iterable[PermissionEntry], channel: str) -> ChannelStatus:
    """What the ledger says of a channel as a whole: `revoked` where nothing was granted since all of it was revoked.

    `granted` says that something was granted for the channel, and not that it is still in force.
    """
    covering = [entry for entry in entries if entry.channel in (None, channel)]
    revoked = [
        entry.occurred_at
        for entry in covering
        if entry.kind == "revoke" and entry.purpose is None and entry.topic is None
    ]
    if any(entry.kind == "grant" and all(at < entry.occurred_at for at in revoked) for entry in covering):
        return "granted"
    return "revoked" if revoked else "never"


def _rank(entry: PermissionEntry) -> tuple[datetime, bool, timedelta, str]:
    """Later before earlier; at one instant a revocation before a grant, and of grants the one that ends first."""
    return entry.occurred_at, entry.kind == "revoke", _NEVER - (entry.until or _NEVER), entry.id


def covers(entry: PermissionEntry, request: Request) -> bool:
    """Whether an entry speaks of what is requested."""
    if entry.purpose is None:
        is_meant = entry.kind == "revoke" or not _is_apart(request.purpose)
    else:
        is_meant = entry.purpose == request.purpose
    return is_meant and entry.channel in (None, request.channel) and entry.topic in (None, request.topic)


def _is_apart(purpose: str) -> bool:
    """Whether a purpose needs a grant of its own, which names it."""
    return purpose in APART or purpose.startswith(SHARE)
