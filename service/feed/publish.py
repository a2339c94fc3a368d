"""Publishing: looks at enrollments that changed, and appends what is new in their told view. It changes nothing else.

One process publishes at a time, so that positions are committed in their order: a reader misses no entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.engine import active_events, refold
from journeys.feed.happenings import changes_of, pending_of
from service.effects.store.tasks import tasks_closed_by_persons
from service.enrollments.looks import Look, look_at_changed, store_looks
from service.enrollments.read import fold_to_now
from service.enrollments.store import enrollments
from service.enrollments.store import log as event_log
from service.feed.store.entries import FeedEntry, NewFeedEntry, add_entries, entries_of_enrollment, lock_position
from service.publishing.service import Service

MOST_ENTRIES = 100
#: Entries of a transaction, which on SQLite holds up all others.
ID_DIGITS = 32
_Entries = tuple[NewFeedEntry, ...]


def publish_changes(service: Service) -> int:
    """Looks at some enrollments that changed, and publishes what is new; returns how many were looked at.

    What is published at an instant depends on the told views at this instant and on earlier publishing: withheld events
    only cause looks that find nothing.
    """
    now = service.clock()
    with service.database.reading() as connection:
        looks = look_at_changed(
            connection, "feed", now, lambda enrollment: _news_of(service, connection, enrollment, now)
        )
    for group in _grouped(looks):
        with service.database.writing() as connection:
            position = lock_position(connection)
            for look in store_looks(connection, "feed", group):
                position = add_entries(connection, look.result or (), position, now)
    return len(looks)


def _grouped(looks: Iterable[Look[_Entries]]) -> Iterator[list[Look[_Entries]]]:
    """The looks, so many together that a transaction stays short."""
    group: list[Look[_Entries]] = []
    for look in looks:
        if group and sum(len(other.result or ()) for other in (*group, look)) > MOST_ENTRIES:
            yield group
            group = []
        group.append(look)
    if group:
        yield group


def _news_of(
    service: Service, connection: Connection, enrollment: str, now: datetime
) -> tuple[_Entries, datetime | None]:
    """What is new in the told view of an enrollment, and when it changes by itself."""
    stored = enrollments.load(connection, enrollment)
    assert stored is not None
    folded = fold_to_now(service, connection, stored, now).stored.enrollment
    view, held = folded.view, folded.told
    if view is None:
        return (), None
    releases = service.library.releases(connection)
    arrivals = held.visible([entry.arrival for entry in event_log.read_log(connection, enrollment)])
    _, results = refold(
        releases,
        folded.release,
        active_events(arrivals),
        max(now, view.folded_to),
        told=held.told if held.open else None,
    )
    closed = tasks_closed_by_persons(connection, enrollment)
    pending = pending_of(view, releases[view.release].plan, closed, now)
    earlier = entries_of_enrollment(connection, enrollment)
    published = _in_force(earlier)
    changes = changes_of({key: entry.happening for key, entry in published.items()}, results, pending, now)
    times = Counter(entry.happening.key for entry in earlier if entry.withdraws is None)

    def id_of(name: str) -> str:
        return service.digests.digest_of(connection, "feed", name)[:ID_DIGITS]

    entries = [_withdrawal(id_of(f"{published[key].id} withdrawn"), published[key], now) for key in changes.withdrawn]
    for happening in changes.new:
        name = f"{enrollment}\n{happening.key}\n{times[happening.key]}"
        entries.append(NewFeedEntry(id=id_of(name), enrollment=enrollment, happening=happening))
    return tuple(entries), view.next_due_at


def _in_force(earlier: Iterable[FeedEntry]) -> dict[str, FeedEntry]:
    """The entries that were not withdrawn, by the keys of their happenings."""
    published: dict[str, FeedEntry] = {}
    for entry in earlier:
        if entry.withdraws is None:
            published[entry.happening.key] = entry
        else:
            published.pop(entry.happening.key, None)
    return published


def _withdrawal(id: str, entry: FeedEntry, now: datetime) -> NewFeedEntry:
    happening = replace(entry.happening, at=now)
    return NewFeedEntry(id=id, enrollment=entry.enrollment, happening=happening, withdraws=entry.id)
