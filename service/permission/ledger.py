"""The ledger of a person, to which entries are added that were checked before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.permission import PermissionEntry
from service.permission.store import RecordedEntry, add_entry, count_grants
from service.persons.store import StoredPerson, update_person
from service.platform import errors

MOST_GRANTS = 1_000
LEDGER_FULL = "The ledger of this person is full. Nothing was changed; what was recorded stays in force."


def add_to_ledger(connection: Connection, person: StoredPerson, entry: PermissionEntry, now: datetime) -> RecordedEntry:
    """Records an entry with the next `sequence` of a locked person. A revocation also needs the person's queue cleared.

    Raises:
        TooMany: the ledger holds as many grants as are accepted; revocations do not count, and are always recorded.
    """
    if entry.kind == "grant" and count_grants(connection, person.id) >= MOST_GRANTS:
        raise errors.TooMany(LEDGER_FULL)
    recorded = RecordedEntry(entry, person.sequence + 1, now)
    update_person(connection, replace(person, sequence=recorded.sequence))
    add_entry(connection, person.id, recorded)
    return recorded
