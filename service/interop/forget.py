"""What bundles brought of patients who did not join is deleted, after a time. It reads no FHIR."""

from __future__ import annotations

from datetime import timedelta

from service.interop import unjoined
from service.platform.process import Process

#: The number of records that one transaction deletes: on SQLite nobody else writes meanwhile.
DELETED_AT_ONCE = 20


def delete_unjoined(process: Process, age: timedelta) -> int:
    """Deletes the records of patients who did not join and of whom nothing new came for so long; returns how many."""
    before, count = process.clock() - age, 0
    while True:
        with process.database.writing() as connection:
            deleted = unjoined.delete_unjoined(connection, before, DELETED_AT_ONCE)
        count += deleted
        if deleted < DELETED_AT_ONCE:
            return count
