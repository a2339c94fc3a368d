"""The caregivers of a patient, with what each may see and everything that was changed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from journeys.outreach.verification import INVITATION_LIFE, MOST_TRIES
from journeys.primitives.errors import Refused
from service.access.caller import Caller
from service.access.store import caregivers as store
from service.access.store.caregivers import CaregiverChange, StoredCaregiver
from service.enrollments.read import load_visible
from service.enrollments.store import enrollments
from service.publishing.service import Service

CaregiverStatus = Literal["invited", "lapsed", "active", "ended"]
WHICH_ENROLLMENT = "Staff name the enrollment whose caregivers are listed."
_MOST_ENROLLMENTS = 100


@dataclass(frozen=True, slots=True)
class ListedCaregiver:
    """A caregiver as the patient, staff or the caregiver read it.

    `lapsed`: the invitation was not accepted, and its code is not accepted any more.
    """

    caregiver: StoredCaregiver
    journey: str
    status: CaregiverStatus
    changes: Sequence[CaregiverChange]


def list_caregivers(service: Service, caller: Caller, enrollment: str | None) -> list[ListedCaregiver]:
    """The caregivers of an enrollment, or of all that the patient's token sees; a caregiver reads only themselves.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
        Refused: staff named none.
    """
    now = service.clock()
    with service.database.reading() as connection:
        if enrollment is not None:
            rows = [load_visible(connection, caller, enrollment)]
        elif caller.patient_ref is None:
            raise Refused({"enrollment": [WHICH_ENROLLMENT]})
        else:
            rows = enrollments.list_of_patient(
                connection, caller.patient_ref, caller.journey, caller.enrollments, "", _MOST_ENROLLMENTS
            )
        for row in rows:
            caller.disclose(row)
        journeys = {row.id: row.journey for row in rows}
        listed = [each for several in store.caregivers_of(connection, list(journeys)).values() for each in several]
        if caller.caregiver is not None:
            listed = [each for each in listed if each.id == caller.caregiver.id]
        changes = store.changes_of(connection, [each.id for each in listed])
    return [ListedCaregiver(each, journeys[each.enrollment], status_of(each, now), changes[each.id]) for each in listed]


def status_of(caregiver: StoredCaregiver, now: datetime) -> CaregiverStatus:
    """The status of a caregiver at an instant (UTC)."""
    if caregiver.ended_at is not None or not caregiver.grants.is_in_force(now):
        return "ended"
    if caregiver.accepted_at is not None:
        return "active"
    invitation = caregiver.invitation
    is_open = invitation is not None and invitation.tries < MOST_TRIES and now < caregiver.invited_at + INVITATION_LIFE
    return "invited" if is_open else "lapsed"
