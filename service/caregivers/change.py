"""Changing what a caregiver may see, and ending it: with one act, everywhere, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.access.caller import Caller
from service.access.store import caregivers as store
from service.access.store.caregivers import Actor, CaregiverChange, Evidence, StoredCaregiver
from service.caregivers.listing import ListedCaregiver, status_of
from service.caregivers.rules import inviter_of, lock_own_caregiver, require_acceptable, require_inviter
from service.outreach.queue import end_queue
from service.persons.store import forget_contacts, lock_person
from service.platform import errors
from service.platform.logs import log
from service.publishing.service import Service

ENDED = "This caregiver was ended. Invite them again."
AT_ONCE = 50
#: Caregivers that are ended in one look.


def change_caregiver(
    service: Service, caller: Caller, caregiver: str, changes: Mapping[str, Any], evidence: Evidence | None
) -> ListedCaregiver:
    """Changes what a caregiver may see, from now on.

    Args:
        service: the process.
        caller: the patient, or staff.
        caregiver: the id.
        changes: `name`, or fields of `CaregiverGrants`; what is left out stays.
        evidence: that of staff.

    Raises:
        Forbidden: a caregiver changes nothing.
        NotFound: the caller has no such caregiver.
        Conflict: it was ended.
        Refused: a field has a value that is not accepted.
    """
    require_inviter(caller)
    with service.database.writing() as connection:
        before, stored = lock_own_caregiver(connection, caller, caregiver)
        now = service.clock()
        if status_of(before, now) == "ended":
            raise errors.Conflict(ENDED)
        named = {name: value for name, value in changes.items() if name != "name"}
        grants = replace(before.grants, **named)
        require_acceptable(service, connection, caller, stored, grants, evidence)
        after = replace(
            before, name=changes.get("name", before.name), grants=grants, evidence=evidence or before.evidence
        )
        if after != before:
            store.update_caregiver(connection, after)
            store.expire_tokens_of(connection, after.id, grants.until)
            _record(connection, after, "changed", inviter_of(caller), caller.name, now)
        recorded = store.changes_of(connection, [after.id])[after.id]
    return ListedCaregiver(after, stored.journey, status_of(after, now), recorded)


def end_caregiver(service: Service, caller: Caller, caregiver: str) -> ListedCaregiver:
    """Ends a caregiver: from the next request on the token is unknown, and nothing more is sent. A repeat does nothing.

    Raises:
        NotFound: the caller has no such caregiver.
    """
    with service.database.writing() as connection:
        locked, stored = lock_own_caregiver(connection, caller, caregiver)
        now = service.clock()
        by: Actor = "caregiver" if caller.caregiver is not None else inviter_of(caller)
        ended = _end(connection, locked, by, caller.name, now)
        recorded = store.changes_of(connection, [ended.id])[ended.id]
    log().info("caregiver ended", caregiver=caregiver)
    return ListedCaregiver(ended, stored.journey, "ended", recorded)


def end_caregivers_over(service: Service) -> int:
    """Ends some of the caregivers whose grants are over by now; returns how many."""
    now = service.clock()
    with service.database.reading() as connection:
        over = store.caregivers_over(connection, now, AT_ONCE)
    for caregiver in over:
        with service.database.writing() as connection:
            locked = store.lock_caregiver(connection, caregiver)
            if locked is not None and not locked.grants.is_in_force(now):
                _end(connection, locked, "service", "until", now)
    return len(over)


def _end(
    connection: Connection, caregiver: StoredCaregiver, by: Actor, reporter: str, now: datetime
) -> StoredCaregiver:
    if caregiver.ended_at is not None:
        return caregiver
    ended = replace(caregiver, ended_at=now, invitation=None)
    store.update_caregiver(connection, ended)
    store.revoke_tokens_of(connection, ended.id, now)
    _record(connection, ended, "ended", by, reporter, now)
    if ended.person is not None:
        lock_person(connection, ended.person)  # the sender locks it before it hands over a message
        end_queue(connection, ended.person, now)
        forget_contacts(connection, ended.person)
    return ended


def _record(
    connection: Connection,
    caregiver: StoredCaregiver,
    kind: store.ChangeKind,
    by: Actor,
    reporter: str,
    at: datetime,
) -> None:
    change = CaregiverChange(kind=kind, by=by, reporter=reporter, at=at, grants=caregiver.grants)
    store.add_change(connection, caregiver, change)
