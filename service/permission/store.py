"""SQL of the permission ledger, whose rows are never changed. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from journeys.permission import PermissionEntry
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import PreparedForMany
from service.platform.database.tables import permission_entries


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry of the ledger with its place in the person's sequence, and when it was recorded (UTC)."""

    entry: PermissionEntry
    sequence: int
    recorded_at: datetime


_OF_PERSON = PreparedForMany(
    select(permission_entries).order_by(permission_entries.c.sequence), permission_entries.c.person
)
_COUNT_GRANTS = select(func.count()).where(
    permission_entries.c.person == bindparam("person"), permission_entries.c.kind == "grant"
)
_INSERT = insert(permission_entries)


def list_entries(connection: Connection, person: str) -> list[RecordedEntry]:
    """The ledger of a person in the order of recording."""
    return query_entries(connection, [person])()[person]


def query_entries(connection: Connection, persons: Collection[str]) -> Callable[[], dict[str, list[RecordedEntry]]]:
    """A function that fetches the ledger of each person in the order of recording; see `Prepared.send`."""
    groups = _OF_PERSON.send_groups(connection, persons)
    return lambda: {person: [_recorded(row) for row in rows] for person, rows in groups().items()}


def count_grants(connection: Connection, person: str) -> int:
    """The number of grants in the ledger of a person, in force or not."""
    return int(connection.execute(_COUNT_GRANTS, {"person": person}).scalar_one())


def add_entry(connection: Connection, person: str, recorded: RecordedEntry) -> None:
    """Stores a new entry."""
    entry = recorded.entry
    connection.execute(
        _INSERT,
        {
            "person": person,
            "sequence": recorded.sequence,
            "id": entry.id,
            "kind": entry.kind,
            "occurred_at": entry.occurred_at,
            "recorded_at": recorded.recorded_at,
            "payload": seal(entry.to_stored()),
        },
    )


def _recorded(row: Any) -> RecordedEntry:
    entry = PermissionEntry.from_stored(row.id, row.kind, row.occurred_at, unseal(row.payload))
    return RecordedEntry(entry, row.sequence, row.recorded_at)
