"""What other systems learn of an enrollment: the events that follow from its told view, as CloudEvents. Pure.

It knows no person, no permission and no address.
"""

from journeys.feed.cloud_event import cloud_event
from journeys.feed.happenings import KINDS, STAFF_KINDS, FeedChanges, Happening, Kind, changes_of, pending_of

__all__ = ["KINDS", "STAFF_KINDS", "FeedChanges", "Happening", "Kind", "changes_of", "cloud_event", "pending_of"]
