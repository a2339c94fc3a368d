"""Reading the feed: the entries after a cursor that a caller may see. It waits for nothing and changes nothing."""

from __future__ import annotations

from journeys.primitives.errors import Refused
from service.access.caller import Caller, Disclosure
from service.feed.store.entries import FeedEntry, FeedFilter, entries_after, find_entry
from service.platform.process import Process

UNKNOWN_CURSOR = "Unknown cursor. Send the 'cursor' of an earlier answer, or the id of an event that you have read."


def read_feed(process: Process, caller: Caller, after: str | None, count: int) -> list[FeedEntry]:
    """At most so many entries after a cursor (the id of an entry), or from the beginning, in the order of publishing.

    Every caller reads the told view. A patient's or a family's token reads its own enrollments; only staff read
    of tasks and timers.

    Raises:
        Refused: no entry that the caller may see has this id.
    """
    visible = FeedFilter(
        patient_ref=caller.patient_ref,
        journey=caller.journey if caller.patient_ref is not None else None,
        enrollments=caller.enrollments if caller.patient_ref is not None else None,
        for_staff=caller.sees_truth,
    )
    with process.database.reading() as connection:
        position = 0
        if after is not None:
            last = find_entry(connection, after, visible)
            if last is None:
                raise Refused({"after": [UNKNOWN_CURSOR]})
            position = last.position
        entries = entries_after(connection, position, count, visible)
    for entry in entries:
        caller.disclose(Disclosure(entry.enrollment, entry.patient_ref, entry.journey))
    return entries
