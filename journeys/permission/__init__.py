"""What people allowed: a ledger of grants and revocations, and whether it allows a message at an instant. Pure.

It knows no journey, no page and no address: it takes entries and returns yes or no.
"""

from journeys.permission.entries import (
    CHANNELS,
    PURPOSES,
    Authorization,
    ConsentText,
    PermissionEntry,
    problems_of_entry,
)
from journeys.permission.ledger import ChannelStatus, Request, channel_status, deciding_entry, is_allowed

__all__ = [
    "CHANNELS",
    "PURPOSES",
    "Authorization",
    "ChannelStatus",
    "ConsentText",
    "PermissionEntry",
    "Request",
    "channel_status",
    "deciding_entry",
    "is_allowed",
    "problems_of_entry",
]
