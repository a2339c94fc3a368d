"""Who may change the caregivers of an enrollment, and what may be granted to them."""

from __future__ import annotations

from sqlalchemy import Connection

from journeys.content.catalogue import triggers_of_family
from journeys.definition.compiler import ReleasePlan
from journeys.permission.caregivers import CaregiverGrants, problems_of_grants
from journeys.primitives.errors import Refused
from service.access.caller import Caller
from service.access.store import caregivers as store
from service.access.store.caregivers import Evidence, Inviter, StoredCaregiver
from service.enrollments.read import fold_to_now, load_visible
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.views import View
from service.platform import errors
from service.publishing.service import Service

ONLY_INVITERS = "Only the patient, or staff for the patient, may change what a caregiver sees."
EVIDENCE_NEEDED = "This field is required of staff: say how the patient said so, and where the document is kept."
UNTIL_NEEDED = "This field is required of staff: what staff grant has an end."
NO_EVIDENCE = "Only staff send evidence. The patient's own token is the evidence."


def require_inviter(caller: Caller) -> None:
    """Raises Forbidden where a caregiver calls."""
    if caller.caregiver is not None:
        raise errors.Forbidden(ONLY_INVITERS)


def inviter_of(caller: Caller) -> Inviter:
    """Whether the patient or staff call."""
    return "patient" if caller.patient_ref is not None else "staff"


def require_acceptable(
    service: Service,
    connection: Connection,
    caller: Caller,
    stored: StoredEnrollment,
    grants: CaregiverGrants,
    evidence: Evidence | None,
) -> None:
    """Checks grants against the release that the patient sees, and the evidence of staff.

    Raises:
        Refused: a field has a value that is not accepted.
    """
    now = service.clock()
    plan = told_plan(service, connection, stored)
    problems = problems_of_grants(grants, topics=plan.journey.topics, triggers=triggers_of_family(plan), now=now)
    if inviter_of(caller) == "staff":
        if evidence is None:
            problems["evidence"] = EVIDENCE_NEEDED
        if grants.until is None:
            problems["until"] = UNTIL_NEEDED
    elif evidence is not None:
        problems["evidence"] = NO_EVIDENCE
    if problems:
        raise Refused({name: [problem] for name, problem in problems.items()})


def told_plan(service: Service, connection: Connection, stored: StoredEnrollment) -> ReleasePlan:
    """The plan of the release in which the patient sees an enrollment."""
    now = service.clock()
    told = View(fold_to_now(service, connection, stored, now).stored, False, now)
    return service.library.releases(connection)[told.release].plan


def lock_own_caregiver(
    connection: Connection, caller: Caller, caregiver: str
) -> tuple[StoredCaregiver, StoredEnrollment]:
    """A caregiver of an enrollment that the caller may see, locked; a caregiver who calls has only themselves.

    Raises:
        NotFound: there is none.
    """
    if caller.caregiver is not None and caller.caregiver.id != caregiver:
        raise errors.NotFound
    locked = store.lock_caregiver(connection, caregiver)
    if locked is None:
        raise errors.NotFound
    try:
        stored = load_visible(connection, caller, locked.enrollment)
    except errors.NotFound:
        raise errors.NotFound from None
    caller.disclose(stored)
    return locked, stored
