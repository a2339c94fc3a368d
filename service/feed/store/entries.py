"""SQL of published entries. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from journeys.feed.cloud_event import cloud_event
from journeys.feed.happening import STAFF_KINDS, Happening, Kind
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import InsertIgnoring, Prepared
from service.platform.database.tables import enrollments, feed_counter, feed_entries

TYPES, WITHDRAWN = "journeys.", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeedEntry:
    """An entry to publish. `withdraws` is the id of an earlier entry of the same happening, which it takes back."""

    id: str
    enrollment: str
    happening: Happening
    withdraws: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """A published entry, with what says who may read it. `person` is None in enrollments of earlier versions."""

    position: int
    id: str
    enrollment: str
    journey: str
    patient_ref: str
    person: str | None
    happening: Happening
    withdraws: str | None
    published_at: datetime

    @property
    def type(self) -> str:
        """The type of its CloudEvent."""
        return f"{TYPES}{self.happening.kind}" if self.withdraws is None else f"{TYPES}{WITHDRAWN}"

    @property
    def source(self) -> str:
        """The source of its CloudEvent."""
        return f"/v1/journeys/{self.journey}"

    @property
    def data(self) -> Mapping[str, str]:
        """The data of its CloudEvent."""
        if self.withdraws is None:
            return self.happening.data
        return {"withdraws": self.withdraws, "type": f"{TYPES}{self.happening.kind}"}

    def to_cloud_event(self) -> dict[str, Any]:
        """Its CloudEvent, the same to every reader."""
        return cloud_event(
            id=self.id,
            event_type=self.type,
            source=self.source,
            subject=self.enrollment,
            time=self.happening.at,
            data=self.data,
        )


_COUNTER = 1
_MAKE_COUNTER = InsertIgnoring(feed_counter)
_LOCKED_COUNTER = Prepared(select(feed_counter.c.position).with_for_update())
_SET_COUNTER = Prepared(update(feed_counter).values(position=bindparam("to")))
_LAST_POSITION = Prepared(select(feed_counter.c.position))
_INSERT = Prepared(insert(feed_entries))
_ENTRIES = select(*feed_entries.c, enrollments.c.journey, enrollments.c.patient_ref, enrollments.c.person).join_from(
    feed_entries, enrollments
)
_OF_ENROLLMENT = Prepared(
    _ENTRIES.where(feed_entries.c.enrollment == bindparam("enrollment")).order_by(feed_entries.c.position)
)
_AFTER = (
    _ENTRIES.where(feed_entries.c.position > bindparam("after"))
    .order_by(feed_entries.c.position)
    .limit(bindparam("count"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFilter:
    """Which entries a reader may see; None: all of them."""

    patient_ref: str | None = None
    journey: str | None = None
    enrollments: Set[str] | None = None
    for_staff: bool = True

    def limit(self, entries: Select[Any]) -> Select[Any]:
        """The statement, limited to these entries."""
        if self.patient_ref is not None:
            entries = entries.where(enrollments.c.patient_ref == self.patient_ref)
        if self.journey is not None:
            entries = entries.where(enrollments.c.journey == self.journey)
        if self.enrollments is not None:
            entries = entries.where(feed_entries.c.enrollment.in_(sorted(self.enrollments)))
        if not self.for_staff:
            entries = entries.where(feed_entries.c.kind.not_in(STAFF_KINDS))
        return entries


EVERYTHING = FeedFilter()


def lock_position(connection: Connection) -> int:
    """The last position; nobody else publishes before this transaction ends."""
    _MAKE_COUNTER.run(connection, {"id": _COUNTER, "position": 0})
    return int(_LOCKED_COUNTER.first(connection, {}).position)


def last_position(connection: Connection) -> int:
    """The position of the last entry; 0 where there is none."""
    row = _LAST_POSITION.first(connection, {})
    return int(row.position) if row is not None else 0


def add_entries(connection: Connection, entries: Iterable[NewFeedEntry], position: int, now: datetime) -> int:
    """Stores entries after a position that is locked; returns the last position."""
    rows = [
        {
            "position": number,
            "id": entry.id,
            "enrollment": entry.enrollment,
            "kind": entry.happening.kind,
            "withdraws": entry.withdraws,
            "at": entry.happening.at,
            "published_at": now,
            "payload": seal(
                {
                    "key": entry.happening.key,
                    "data": dict(entry.happening.data),
                    "origin": entry.happening.origin,
                }
            ),
        }
        for number, entry in enumerate(entries, position + 1)
    ]
    _INSERT.run_many(connection, rows)
    _SET_COUNTER.run(connection, {"to": position + len(rows)})
    return position + len(rows)


def entries_of_enrollment(connection: Connection, enrollment: str) -> list[FeedEntry]:
    """Every entry about an enrollment, in order."""
    return [_entry(row) for row in _OF_ENROLLMENT.all(connection, {"enrollment": enrollment})]


def find_entry(connection: Connection, entry: str, visible: FeedFilter = EVERYTHING) -> FeedEntry | None:
    """An entry by its id, or None where there is none that the reader may see."""
    statement = visible.limit(_ENTRIES.where(feed_entries.c.id == bindparam("id")))
    row = connection.execute(statement, {"id": entry}).first()
    return _entry(row) if row is not None else None


def entries_after(
    connection: Connection, position: int, count: int, visible: FeedFilter = EVERYTHING
) -> list[FeedEntry]:
    """The entries that a reader may see from after a position, in order."""
    rows = connection.execute(visible.limit(_AFTER), {"after": position, "count": count})
    return [_entry(row) for row in rows]


def _entry(row: Any) -> FeedEntry:
    payload = unseal(row.payload)
    kind: Kind = row.kind
    return FeedEntry(
        position=row.position,
        id=row.id,
        enrollment=row.enrollment,
        journey=row.journey,
        patient_ref=row.patient_ref,
        person=row.person,
        happening=Happening(kind, payload["key"], row.at, payload["data"], payload["origin"]),
        withdraws=row.withdraws,
        published_at=row.published_at,
    )
