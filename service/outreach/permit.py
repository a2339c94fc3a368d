"""What a caller reports of a person's permission: a grant, or a revocation."""

from __future__ import annotations

from service.access.caller import Caller
from service.outreach.preferences import read_preferences
from service.outreach.revoke import PermissionReceipt, revoke
from service.outreach.topics import require_topics
from service.permission.ledger import add_to_ledger
from service.permission.record import SpokenEntry, entry_of_caller
from service.persons.own import require_person
from service.persons.store import lock_person
from service.publishing.service import Service


def record_permission(service: Service, caller: Caller, person: str | None, spoken: SpokenEntry) -> PermissionReceipt:
    """Records a grant, or a revocation that also clears the queue.

    Raises:
        Refused: a field has a value that is not accepted; nothing is recorded.
        TooMany: the ledger is full.
        NotFound, Forbidden: see `require_person`.
    """
    if spoken.topic is not None:
        require_topics(read_preferences(service, caller, person).topics, [spoken.topic], "topic")
    with service.database.writing() as connection:
        owner = lock_person(connection, require_person(service, connection, caller, person).id)
        assert owner is not None
        now = service.clock()
        entry = entry_of_caller(service, connection, caller, spoken, now)
        if entry.kind == "revoke":
            return revoke(connection, owner, entry, now)
        return PermissionReceipt(add_to_ledger(connection, owner, entry, now))
