"""What people allowed: a ledger of grants and revocations, and whether it allows a message at an instant. Pure.

It knows no journey, no page and no address: it takes entries and returns yes or no.
"""

from journeys.permission.entries import (
    APART,
    CHANNELS,
    INTERRUPTING,
    PERSON_CHANNELS,
    PURPOSES,
    SHARE,
    Authorization,
    ConsentText,
    PermissionEntry,
    PersonChannel,
    is_purpose,
    problems_of_entry,
)
from journeys.permission.ledger import ChannelStatus, Request, channel_status, is_allowed

__all__ = [
    "APART",
    "CHANNELS",
    "INTERRUPTING",
    "PERSON_CHANNELS",
    "PURPOSES",
    "SHARE",
    "Authorization",
    "ChannelStatus",
    "ConsentText",
    "PermissionEntry",
    "PersonChannel",
    "Request",
    "channel_status",
    "is_allowed",
    "is_purpose",
    "problems_of_entry",
]
