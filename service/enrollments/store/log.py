"""SQL of the log (events and retractions by arrival) and of the history (lines, which are never changed)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from journeys.engine import Arrival, Event, State
from journeys.engine.events import arrival_from_stored
from service.enrollments.store.checkpoints import events_since, last_checkpoint
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import Prepared, Target
from service.platform.database.tables import events, records


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry of the log to store, with its decision."""

    position: int
    arrival: Arrival
    request_digest: str
    revision: int
    decision: bytes
    outcome: str | None


@dataclass(frozen=True, slots=True)
class IgnoredEvent:
    """An event that the fold ignores, and the reason by track."""

    enrollment: str
    uid: str
    type: str
    occurred_at: datetime
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of the log."""

    position: int
    uid: str
    reporter: str
    external_id: str | None
    request_digest: str
    revision: int
    arrival: Arrival
    decision: bytes
    retracted_at: datetime | None

    @property
    def is_event(self) -> bool:
        """Whether the entry is an event rather than a retraction."""
        return isinstance(self.arrival, Event)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a history; `at` is a day or a time, as text."""

    revision: int
    kind: str
    item: str
    at: str
    data: Mapping[str, Any]


_LOG = (
    select(
        events.c.position,
        events.c.uid,
        events.c.reporter,
        events.c.external_id,
        events.c.request_digest,
        events.c.revision,
        events.c.payload,
        events.c.decision,
        events.c.retracted_at,
    )
    .where(events.c.enrollment == bindparam("enrollment"))
    .order_by(events.c.position)
)
_LOG_UNTIL = _LOG.where(events.c.position < bindparam("length"))
_OF_UID = _LOG.where(events.c.uid == bindparam("uid"))
_OF_EXTERNAL_ID = _LOG.where(
    events.c.reporter == bindparam("reporter"), events.c.external_id == bindparam("external_id")
)
_NAMED = _LOG.where(
    events.c.entry == "event", or_(events.c.uid == bindparam("name"), events.c.external_id == bindparam("name"))
)
_AMONG = select(events.c.external_id).where(
    events.c.enrollment == bindparam("enrollment"),
    events.c.reporter == bindparam("reporter"),
    events.c.external_id.in_(bindparam("ids", expanding=True)),
)
_INSERT_ENTRY = Prepared(insert(events))
_INSERT_RECORD = Prepared(insert(records))
_REVISED = Prepared(
    update(events)
    .where(
        events.c.enrollment == bindparam("of"),
        events.c.uid == bindparam("the_uid"),
        events.c.entry == "event",
    )
    .values(
        revised_revision=func.coalesce(events.c.revised_revision, bindparam("since_revision")),
        outcome=bindparam("to"),
    )
)
_IGNORED = (
    select(events.c.enrollment, events.c.uid, events.c.payload, events.c.occurred_at, records.c.payload.label("record"))
    .join_from(
        events,
        records,
        and_(
            records.c.enrollment == events.c.enrollment,
            records.c.item == events.c.uid,
            records.c.kind == "event",
        ),
    )
    .where(
        events.c.outcome == "ignored", events.c.retracted_at.is_(None), events.c.enrollment == bindparam("enrollment")
    )
    .order_by(events.c.position)
)
_CHANGED_SETTINGS = (
    select(records)
    .where(records.c.enrollment == bindparam("enrollment"), records.c.kind == "settings")
    .order_by(records.c.revision, records.c.sequence)
)
_WITH_IGNORED = (
    select(events.c.enrollment)
    .where(events.c.outcome == "ignored", events.c.retracted_at.is_(None))
    .distinct()
    .order_by(events.c.enrollment)
)
_RETRACTED = Prepared(
    update(events)
    .where(events.c.enrollment == bindparam("of"), events.c.uid == bindparam("the_uid"), events.c.entry == "event")
    .values(retracted_at=bindparam("at"))
)
_HISTORY = (
    select(records)
    .where(
        records.c.enrollment == bindparam("enrollment"),
        records.c.revision <= bindparam("revision"),
        or_(
            records.c.revision > bindparam("after_revision"),
            and_(
                records.c.revision == bindparam("after_revision"),
                records.c.sequence > bindparam("after_sequence"),
            ),
        ),
    )
    .order_by(records.c.revision, records.c.sequence)
    .limit(bindparam("count"))
)


def read_log(connection: Connection, enrollment: str, length: int | None = None) -> list[LogEntry]:
    """The log by arrival; with `length`, only its first entries."""
    if length is None:
        rows = connection.execute(_LOG, {"enrollment": enrollment})
    else:
        rows = connection.execute(_LOG_UNTIL, {"enrollment": enrollment, "length": length})
    return [_logged(row) for row in rows]


class LongFold(Exception):
    """More entries would have to be folded than a transaction may hold up others for."""


class LogReader:
    """The arrivals of an enrollment, read when they are first needed and only once; and its checkpoints.

    `most` is the number of entries that may be read at once (None: any number).
    """

    def __init__(self, connection: Connection, enrollment: str, length: int, most: int | None = None) -> None:
        self._connection = connection
        self._enrollment = enrollment
        self._length = length
        self._most = most
        self._arrivals: list[Arrival] | None = None

    def __call__(self) -> Sequence[Arrival]:
        """The arrivals so far, in order.

        Raises:
            LongFold: there are too many.
        """
        if self._most is not None and self._length > self._most:
            raise LongFold
        if self._arrivals is None:
            self._arrivals = [entry.arrival for entry in read_log(self._connection, self._enrollment)]
        return self._arrivals

    def last(self, before: datetime) -> State | None:
        """The last checkpoint that precedes an instant, or None."""
        return last_checkpoint(self._connection, self._enrollment, before)

    def events_since(self, checkpoint: State) -> list[Event]:
        """The active events that follow a checkpoint.

        Raises:
            LongFold: there are too many.
        """
        limit = self._length if self._most is None else self._most + 1
        events = events_since(self._connection, self._enrollment, checkpoint, limit)
        if self._most is not None and len(events) > self._most:
            raise LongFold
        return events


def find_entries(connection: Connection, enrollment: str, uid: str) -> list[LogEntry]:
    """The event with a uid and its retractions."""
    return [_logged(row) for row in connection.execute(_OF_UID, {"enrollment": enrollment, "uid": uid})]


def find_events(connection: Connection, enrollment: str, name: str) -> list[LogEntry]:
    """The events with a uid or a reporter's id: the same id of several reporters names several events."""
    return [_logged(row) for row in connection.execute(_NAMED, {"enrollment": enrollment, "name": name})]


def find_by_external_id(connection: Connection, enrollment: str, reporter: str, external_id: str) -> LogEntry | None:
    """The event with a reporter's id, or None."""
    values = {"enrollment": enrollment, "reporter": reporter, "external_id": external_id}
    row = connection.execute(_OF_EXTERNAL_ID, values).first()
    return _logged(row) if row is not None else None


def ids_among(connection: Connection, enrollment: str, reporter: str, external_ids: Sequence[str]) -> set[str]:
    """Those of some ids under which a reporter has already reported an event."""
    values = {"enrollment": enrollment, "reporter": reporter, "ids": external_ids}
    return set(connection.execute(_AMONG, values).scalars())


def append(target: Target, enrollment: str, entries: Iterable[NewEntry]) -> None:
    """Stores entries of the log."""
    _INSERT_ENTRY.run_many(target, [_row(enrollment, entry) for entry in entries])


def _row(enrollment: str, entry: NewEntry) -> dict[str, Any]:
    arrival = entry.arrival
    is_event = isinstance(arrival, Event)
    return {
        "enrollment": enrollment,
        "position": entry.position,
        "entry": "event" if is_event else "retraction",
        "uid": arrival.uid,
        "reporter": arrival.reporter,
        "external_id": arrival.id if isinstance(arrival, Event) else None,
        "request_digest": entry.request_digest,
        "occurred_at": arrival.at if isinstance(arrival, Event) else arrival.arrived_at,
        "arrived_at": arrival.arrived_at,
        "revision": entry.revision,
        "payload": seal(arrival.to_stored()),
        "decision": entry.decision,
        "outcome": entry.outcome,
    }


def mark_revised(target: Target, enrollment: str, revised: Iterable[tuple[str, int, str]]) -> None:
    """Stores, for events by uid, the revision that changed their result, and their outcome since."""
    _REVISED.run_each(
        target,
        [
            {"of": enrollment, "the_uid": uid, "since_revision": revision, "to": outcome}
            for uid, revision, outcome in revised
        ],
    )


def with_ignored(connection: Connection) -> list[str]:
    """The ids of enrollments with events that the fold ignores."""
    return list(connection.execute(_WITH_IGNORED).scalars())


def list_ignored(connection: Connection, enrollment: str) -> list[IgnoredEvent]:
    """The events of an enrollment that the fold ignores, by arrival."""
    return [
        IgnoredEvent(
            row.enrollment,
            row.uid,
            unseal(row.payload)["type"],
            row.occurred_at,
            unseal(row.record)["data"].get("why", {}),
        )
        for row in connection.execute(_IGNORED, {"enrollment": enrollment})
    ]


def mark_retracted(target: Target, enrollment: str, uid: str, at: datetime | None) -> None:
    """Stores when an event was retracted or replaced; None: it takes part again (its replacement was retracted)."""
    _RETRACTED.run(target, {"of": enrollment, "the_uid": uid, "at": at})


def append_records(target: Target, enrollment: str, recorded_at: datetime, lines: Sequence[HistoryLine]) -> None:
    """Stores lines at the end of a history, in order."""
    if not lines:
        return
    rows: list[dict[str, Any]] = []
    sequence = 0
    for index, line in enumerate(lines):
        sequence = 0 if index and lines[index - 1].revision != line.revision else sequence
        rows.append(
            {
                "enrollment": enrollment,
                "revision": line.revision,
                "sequence": sequence,
                "kind": line.kind,
                "item": line.item,
                "recorded_at": recorded_at,
                "payload": seal({"at": line.at, "data": dict(line.data)}),
            }
        )
        sequence += 1
    _INSERT_RECORD.run_many(target, rows)


def read_records(
    connection: Connection, enrollment: str, revision: int, after: tuple[int, int], count: int
) -> list[tuple[tuple[int, int], HistoryLine]]:
    """A history up to a revision, each line with its position (revision, sequence), from after a position."""
    values = {
        "enrollment": enrollment,
        "revision": revision,
        "after_revision": after[0],
        "after_sequence": after[1],
        "count": count,
    }
    numbered = []
    for row in connection.execute(_HISTORY, values):
        payload = unseal(row.payload)
        line = HistoryLine(row.revision, row.kind, row.item, payload["at"], payload["data"])
        numbered.append(((row.revision, row.sequence), line))
    return numbered


def read_changed_settings(connection: Connection, enrollment: str) -> list[HistoryLine]:
    """The lines of a history that changed settings, in their order."""
    rows = connection.execute(_CHANGED_SETTINGS, {"enrollment": enrollment})
    return [HistoryLine(row.revision, row.kind, row.item, **unseal(row.payload)) for row in rows]


def _logged(row: Any) -> LogEntry:
    return LogEntry(
        position=row.position,
        uid=row.uid,
        reporter=row.reporter,
        external_id=row.external_id,
        request_digest=row.request_digest,
        revision=row.revision,
        arrival=arrival_from_stored(unseal(row.payload)),
        decision=row.decision,
        retracted_at=row.retracted_at,
    )
