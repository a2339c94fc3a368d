"""SQL of caregivers, of what was changed of each, and of whose tokens see what. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from journeys.permission.caregivers import CaregiverGrants
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import Prepared, PreparedForMany
from service.platform.database.tables import caregiver_changes, caregivers, tokens

ChangeKind = Literal["invited", "accepted", "changed", "ended"]
Inviter = Literal["patient", "staff"]
Actor = Literal["patient", "staff", "caregiver", "service"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How staff know that the patient wants a caregiver: how it was said, and where the document is kept."""

    method: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The code of an invitation: keyed digests of the part by which it is found and of its secret, and the tries."""

    selector_digest: str
    code_digest: str
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCaregiver:
    """A caregiver of the patient of one enrollment, from the invitation on.

    Attributes:
        id: random.
        enrollment: the id of the enrollment.
        name: what the inviter calls the caregiver.
        grants: what the patient shares.
        invited_by: who invited; `evidence` is set where it was staff.
        invited_at: when, UTC.
        person: the caregiver's own person; None before the invitation was accepted.
        accepted_at: when it was accepted, UTC.
        ended_at: when it was ended, UTC; None of one that ended by `until` alone.
        invitation: the code; None once it is of no use any more.
    """

    id: str
    enrollment: str
    name: str
    grants: CaregiverGrants
    invited_by: Inviter
    invited_at: datetime
    evidence: Evidence | None = None
    person: str | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    invitation: Invitation | None = None

    def is_active(self, at: datetime) -> bool:
        """Whether it was accepted, and neither ended nor is over at an instant (UTC)."""
        return self.accepted_at is not None and self.ended_at is None and self.grants.is_in_force(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaregiverChange:
    """What was done with a caregiver: by whom, when (UTC), and what the caregiver was granted from then on.

    `reporter` is the name of the token, `by` the kind of the actor; `service` ends what is over.
    """

    kind: ChangeKind
    by: Actor
    reporter: str
    at: datetime
    grants: CaregiverGrants


class CaregiverCount(NamedTuple):
    """How many caregivers an enrollment has, and how many of them were ended."""

    all: int
    ended: int


_ONE = Prepared(select(caregivers).where(caregivers.c.id == bindparam("id")))
_LOCKED = Prepared(select(caregivers).where(caregivers.c.id == bindparam("id")).with_for_update())
_OF_SELECTOR = Prepared(select(caregivers).where(caregivers.c.selector_digest == bindparam("digest")).with_for_update())
_OF_ENROLLMENTS = PreparedForMany(
    select(caregivers).order_by(caregivers.c.invited_at, caregivers.c.id), caregivers.c.enrollment
)
_OF_PERSONS = PreparedForMany(select(caregivers), caregivers.c.person)
_COUNT = select(func.count(), func.count(caregivers.c.ended_at)).where(
    caregivers.c.enrollment == bindparam("enrollment")
)
_OVER = (
    select(caregivers.c.id)
    .where(caregivers.c.until <= bindparam("now"), caregivers.c.ended_at.is_(None))
    .order_by(caregivers.c.until, caregivers.c.id)
    .limit(bindparam("count"))
)
_INSERT = insert(caregivers)
_CHANGING = ("person", "selector_digest", "code_digest", "tries", "accepted_at", "until", "ended_at", "payload")
_UPDATE = (
    update(caregivers)
    .where(caregivers.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in _CHANGING})
)
_CHANGES = PreparedForMany(
    select(caregiver_changes).order_by(caregiver_changes.c.number), caregiver_changes.c.caregiver
)
_LAST_NUMBER = select(func.max(caregiver_changes.c.number)).where(
    caregiver_changes.c.caregiver == bindparam("caregiver")
)
_ADD_CHANGE = insert(caregiver_changes)
_REVOKE = (
    update(tokens)
    .where(tokens.c.caregiver == bindparam("the_caregiver"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_EXPIRE = update(tokens).where(tokens.c.caregiver == bindparam("the_caregiver")).values(expires_at=bindparam("until"))


def find_caregiver(connection: Connection, caregiver: str) -> StoredCaregiver | None:
    """A caregiver by the id, or None."""
    row = _ONE.first(connection, {"id": caregiver})
    return _caregiver(row) if row is not None else None


def lock_caregiver(connection: Connection, caregiver: str) -> StoredCaregiver | None:
    """A caregiver whom nobody else changes before this transaction ends, or None."""
    row = _LOCKED.first(connection, {"id": caregiver})
    return _caregiver(row) if row is not None else None


def lock_invited(connection: Connection, selector_digest: str) -> StoredCaregiver | None:
    """The caregiver of an invitation by the digest of the first part of its code, locked, or None."""
    row = _OF_SELECTOR.first(connection, {"digest": selector_digest})
    return _caregiver(row) if row is not None else None


def caregivers_of(connection: Connection, enrollments: Collection[str]) -> dict[str, list[StoredCaregiver]]:
    """All caregivers of each enrollment, ended ones too, in the order of their invitations."""
    groups = _OF_ENROLLMENTS.groups(connection, list(enrollments))
    return {enrollment: [_caregiver(row) for row in rows] for enrollment, rows in groups.items()}


def query_caregivers(
    connection: Connection, persons: Collection[str]
) -> Callable[[], dict[str, StoredCaregiver | None]]:
    """A function that fetches the caregiver who each person is, if any; see `Prepared.send`."""
    groups = _OF_PERSONS.send_groups(connection, persons)
    return lambda: {person: next(map(_caregiver, rows), None) for person, rows in groups().items()}


def caregivers_over(connection: Connection, now: datetime, count: int) -> list[str]:
    """The ids of caregivers whose grants are over at an instant (UTC), and who were not ended yet."""
    return list(connection.execute(_OVER, {"now": now, "count": count}).scalars())


def count_caregivers(connection: Connection, enrollment: str) -> CaregiverCount:
    """How many caregivers an enrollment has."""
    return CaregiverCount(*connection.execute(_COUNT, {"enrollment": enrollment}).one())


def add_caregiver(connection: Connection, caregiver: StoredCaregiver) -> None:
    """Stores a new caregiver."""
    values = {
        "id": caregiver.id,
        "enrollment": caregiver.enrollment,
        "invited_by": caregiver.invited_by,
        "invited_at": caregiver.invited_at,
        **_changing(caregiver),
    }
    connection.execute(_INSERT, values)


def update_caregiver(connection: Connection, caregiver: StoredCaregiver) -> None:
    """Stores what has changed of a caregiver."""
    connection.execute(_UPDATE, {"the_id": caregiver.id, **_changing(caregiver)})


def add_change(connection: Connection, caregiver: StoredCaregiver, change: CaregiverChange) -> None:
    """Records what was done with a locked caregiver."""
    last = connection.execute(_LAST_NUMBER, {"caregiver": caregiver.id}).scalar()
    values = {
        "caregiver": caregiver.id,
        "number": (last or 0) + 1,
        "enrollment": caregiver.enrollment,
        "kind": change.kind,
        "by": change.by,
        "at": change.at,
        "payload": seal({"reporter": change.reporter, "grants": change.grants.to_stored()}),
    }
    connection.execute(_ADD_CHANGE, values)


def changes_of(connection: Connection, caregivers: Collection[str]) -> dict[str, list[CaregiverChange]]:
    """What was done with each caregiver, in order."""
    groups = _CHANGES.groups(connection, list(caregivers))
    return {caregiver: [_change(row) for row in rows] for caregiver, rows in groups.items()}


def revoke_tokens_of(connection: Connection, caregiver: str, now: datetime) -> None:
    """Revokes the tokens of a caregiver."""
    connection.execute(_REVOKE, {"the_caregiver": caregiver, "at": now})


def expire_tokens_of(connection: Connection, caregiver: str, until: datetime | None) -> None:
    """Sets the end of the tokens of a caregiver."""
    connection.execute(_EXPIRE, {"the_caregiver": caregiver, "until": until})


def _changing(caregiver: StoredCaregiver) -> dict[str, Any]:
    evidence, invitation = caregiver.evidence, caregiver.invitation
    payload = {
        "name": caregiver.name,
        "grants": caregiver.grants.to_stored(),
        "evidence": {"method": evidence.method, "document": evidence.document} if evidence is not None else None,
    }
    return {
        "person": caregiver.person,
        "selector_digest": invitation.selector_digest if invitation is not None else None,
        "code_digest": invitation.code_digest if invitation is not None else None,
        "tries": invitation.tries if invitation is not None else 0,
        "accepted_at": caregiver.accepted_at,
        "until": caregiver.grants.until,
        "ended_at": caregiver.ended_at,
        "payload": seal(payload),
    }


def _caregiver(row: Any) -> StoredCaregiver:
    payload = unseal(row.payload)
    evidence, selector = payload["evidence"], row.selector_digest
    return StoredCaregiver(
        id=row.id,
        enrollment=row.enrollment,
        name=payload["name"],
        grants=CaregiverGrants.from_stored(payload["grants"]),
        invited_by=row.invited_by,
        invited_at=row.invited_at,
        evidence=Evidence(**evidence) if evidence is not None else None,
        person=row.person,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
        invitation=Invitation(selector_digest=selector, code_digest=row.code_digest, tries=row.tries)
        if selector is not None
        else None,
    )


def _change(row: Any) -> CaregiverChange:
    payload = unseal(row.payload)
    grants = CaregiverGrants.from_stored(payload["grants"])
    return CaregiverChange(kind=row.kind, by=row.by, reporter=payload["reporter"], at=row.at, grants=grants)
