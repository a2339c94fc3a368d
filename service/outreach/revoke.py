"""Recording permission so that a revocation ends what waits in the queue, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.permission import PermissionEntry
from service.access.caller import Caller
from service.outreach.outbox import Outbox
from service.outreach.queue import clear_queue
from service.permission.record import SpokenEntry, add_to_ledger, entry_of_caller
from service.permission.store import RecordedEntry
from service.persons.own import require_person
from service.persons.store import StoredPerson, lock_person


@dataclass(frozen=True, slots=True)
class PermissionReceipt:
    """A recorded entry, and the ids of the messages that were under way when it was recorded: they may still arrive."""

    recorded: RecordedEntry
    under_way: tuple[str, ...] = ()


def revoke(
    outbox: Outbox, connection: Connection, person: StoredPerson, entry: PermissionEntry, now: datetime
) -> PermissionReceipt:
    """Records a revocation of a locked person, and ends the messages that may not go any more.

    The person's `sequence` in the database is one higher afterwards.
    """
    recorded = add_to_ledger(connection, person, entry, now)
    return PermissionReceipt(recorded, tuple(clear_queue(outbox, connection, person.id, now)))


def record_permission(outbox: Outbox, caller: Caller, person: str | None, spoken: SpokenEntry) -> PermissionReceipt:
    """Records what a caller reports of a person: a grant, or a revocation that also clears the queue.

    Raises:
        Refused: a field has a value that is not accepted; nothing is recorded.
        TooMany: the ledger is full.
        NotFound, Forbidden: see `require_person`.
    """
    service = outbox.service
    with service.database.writing() as connection:
        owner = lock_person(connection, require_person(service, connection, caller, person).id)
        assert owner is not None
        now = service.clock()
        entry = entry_of_caller(service, connection, caller, spoken, now)
        if entry.kind == "revoke":
            return revoke(outbox, connection, owner, entry, now)
        return PermissionReceipt(add_to_ledger(connection, owner, entry, now))
