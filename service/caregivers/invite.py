"""Inviting a caregiver: the patient, or staff with evidence, get a code once, which they hand over themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.outreach.verification import INVITATION_LIFE, invitation_code_of, parts_of_invitation_code
from journeys.permission.caregivers import CaregiverGrants
from journeys.primitives.errors import Refused
from journeys.primitives.problems import counted
from service.access.caller import Caller
from service.access.store import caregivers as store
from service.access.store.caregivers import CaregiverChange, Evidence, Invitation, StoredCaregiver
from service.caregivers.rules import inviter_of, require_acceptable, require_inviter
from service.enrollments.read import load_visible
from service.enrollments.store import enrollments
from service.platform import errors
from service.platform.process import Process
from service.publishing.service import Service

MOST_AT_ONCE, MOST_IN_ALL = 20, 200
FULL = (
    f"An enrollment can have {counted(MOST_AT_ONCE, 'caregiver')} at a time, and {MOST_IN_ALL} in all. "
    "End another first."
)
WHICH_ENROLLMENT = "This field is required: name the enrollment that the caregiver is to see."


@dataclass(frozen=True, slots=True, kw_only=True)
class CaregiverRequest:
    """Who is invited to what: `enrollment` may be left out by a patient who has one; `evidence` is that of staff."""

    enrollment: str | None
    name: str
    grants: CaregiverGrants
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """An invited caregiver, the code, which is stored nowhere, and until when (UTC) it is accepted."""

    caregiver: StoredCaregiver
    code: str
    useful_until: datetime


def invite_caregiver(service: Service, caller: Caller, request: CaregiverRequest) -> Invited:
    """Invites a caregiver to an enrollment.

    Raises:
        Forbidden: a caregiver invites nobody.
        NotFound: the enrollment does not exist, or is not the caller's.
        Refused: a field has a value that is not accepted.
        TooMany: the enrollment has as many caregivers as are accepted.
    """
    require_inviter(caller)
    with service.database.writing() as connection:
        stored = load_visible(connection, caller, request.enrollment or _only_enrollment(connection, caller))
        caller.disclose(stored)
        require_acceptable(service, connection, caller, stored, request.grants, request.evidence)
        counts = store.count_caregivers(connection, stored.id)
        if counts.all - counts.ended >= MOST_AT_ONCE or counts.all >= MOST_IN_ALL:
            raise errors.TooMany(FULL)
        now, code = service.clock(), invitation_code_of(service.new_secret())
        caregiver = StoredCaregiver(
            id=service.new_id(),
            enrollment=stored.id,
            name=request.name,
            grants=request.grants,
            invited_by=inviter_of(caller),
            invited_at=now,
            evidence=request.evidence,
            invitation=invitation_of(service, connection, code),
        )
        store.add_caregiver(connection, caregiver)
        change = CaregiverChange(
            kind="invited", by=inviter_of(caller), reporter=caller.name, at=now, grants=request.grants
        )
        store.add_change(connection, caregiver, change)
    return Invited(caregiver, code, now + INVITATION_LIFE)


def invitation_of(process: Process, connection: Connection, code: str) -> Invitation | None:
    """What is stored of a code, as it was typed; None where it cannot be a code."""
    parts = parts_of_invitation_code(code)
    if parts is None:
        return None
    selector, secret = parts
    digest_of = process.digests.digest_of
    return Invitation(
        selector_digest=digest_of(connection, "caregiver selector", selector),
        code_digest=digest_of(connection, "caregiver code", f"{selector} {secret}"),
    )


def _only_enrollment(connection: Connection, caller: Caller) -> str:
    if caller.patient_ref is None:
        raise Refused({"enrollment": [WHICH_ENROLLMENT]})
    rows = enrollments.list_of_patient(connection, caller.patient_ref, caller.journey, caller.enrollments, "", 2)
    if len(rows) != 1:
        raise Refused({"enrollment": [WHICH_ENROLLMENT]})
    return rows[0].id
