"""Caregivers for tests: invited by the patient, who shares all that can be shared unless the test says otherwise."""

from datetime import datetime

from journeys.content.catalogue import triggers_of_family
from journeys.permission.caregivers import COURSE, REMINDED_OF, CaregiverGrants
from service.access.caller import Caller
from service.caregivers.accept import AcceptedInvitation, Introducing, accept_invitation
from service.caregivers.invite import CaregiverRequest, invite_caregiver
from service.enrollments.store import enrollments
from service.publishing.service import Service


def all_grants(service: Service, enrollment: str) -> CaregiverGrants:
    """All that the patient of an enrollment can share."""
    with service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
        plan = service.library.releases(connection)[stored.enrollment.release].plan
    return CaregiverGrants(
        sees=frozenset({COURSE, *plan.journey.topics}),
        reminded=frozenset(REMINDED_OF),
        may=frozenset(triggers_of_family(plan)),
    )


def patient_of(service: Service, enrollment: str) -> Caller:
    """The patient of an enrollment as a caller."""
    with service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
    ref = stored.patient_ref
    return Caller("", f"patient:{ref}", frozenset({"read", "report"}), "patient", patient_ref=ref)


def accepted_caregiver(
    service: Service, enrollment: str, *, until: datetime | None = None, **grants: object
) -> AcceptedInvitation:
    """A caregiver who accepted; `grants` are those that differ from `all_grants`."""
    granted = all_grants(service, enrollment)
    chosen = {name: frozenset(grants.get(name, getattr(granted, name))) for name in ("sees", "reminded", "may")}
    request = CaregiverRequest(enrollment=enrollment, name="aunt", grants=CaregiverGrants(**chosen, until=until))
    invited = invite_caregiver(service, patient_of(service, enrollment), request)
    return accept_invitation(service, invited.code, Introducing(language="en", time_zone="Europe/Madrid"))
