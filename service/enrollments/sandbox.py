"""Moving the clock of a sandbox forward, and deleting a sandbox; an enrollment of a patient is left alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from journeys.primitives.canonical import time_text
from journeys.primitives.durations import Duration, parse_duration
from journeys.primitives.errors import Refused
from service.access.caller import Caller
from service.access.store.caregivers import caregivers_of
from service.access.store.tokens import revoke_of_patient
from service.enrollments.answers import EnrollmentAnswer, answer_enrollment, view_for_caller
from service.enrollments.content import ContentOptions
from service.enrollments.read import fold_to_now, load_visible, no_such_enrollment
from service.enrollments.save import store_advance
from service.enrollments.store import enrollments, sandboxes
from service.enrollments.store.enrollments import StoredEnrollment
from service.platform import errors
from service.publishing.service import Service

LONGEST = parse_duration("P10Y")
#: From when the sandbox was made; an advance fires every timer on its way.
EITHER = "Send 'advance' or 'to'."
BACKWARD = "This is before the clock of the sandbox, {}, which moves forward only."
TOO_FAR = "The clock of this sandbox can be moved to {} at the latest, ten years after it was made."
REAL = "This is the enrollment of a patient, which has no clock of its own. Make a sandbox with 'sandbox': true."

KEPT = "This is the enrollment of a patient, which is not deleted. Retract what was entered in error."


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMove:
    """Where a clock is to be moved: ahead by a duration longer than zero, or to an instant (UTC); one of the two."""

    advance: Duration | None = None
    to: datetime | None = None


def move_clock(service: Service, caller: Caller, enrollment: str, move: ClockMove) -> EnrollmentAnswer:
    """The sandbox at its new present, without content, with every timer fired that is due by then.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
        SandboxConflict: it is the enrollment of a patient.
        Refused: not one of the two ways, backward, or further than `LONGEST`.
    """
    if (move.advance is None) == (move.to is None):
        raise Refused({"body": [EITHER]})
    with service.database.writing() as connection:
        stored = enrollments.load_to_change(connection, enrollment)
        if stored is None or not caller.may_see(stored):
            raise no_such_enrollment()
        present = _moved_to(stored, move)
        advance = fold_to_now(service, connection, replace(stored, clock=present), service.clock())
        store_advance(connection, advance, present)
        view = view_for_caller(service, connection, caller, advance.stored, ContentOptions(content=False), present)
        return answer_enrollment(connection, caller, view)


def delete_sandbox(service: Service, caller: Caller, enrollment: str) -> None:
    """Deletes a sandbox with its log and its caregivers; with the last of its person also the person and the tokens.

    A patient who gets the same reference later is thus not read with a token of the sandbox.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
        SandboxConflict: it is the enrollment of a patient.
    """
    with service.database.writing() as connection:
        stored = enrollments.load_to_change(connection, enrollment)
        if stored is None or not caller.may_see(stored):
            raise no_such_enrollment()
        if not stored.is_sandbox:
            raise errors.SandboxConflict(KEPT)
        caregivers = caregivers_of(connection, [enrollment])[enrollment]
        sandboxes.delete_sandbox(connection, enrollment)
        for caregiver in caregivers:
            if caregiver.person is not None:
                sandboxes.delete_person(connection, caregiver.person)
        if stored.person is not None:
            sandboxes.lock_person_to_delete(connection, stored.person)
        if sandboxes.count_of_patient(connection, stored.patient_ref).all == 0:
            if stored.person is not None:
                sandboxes.delete_person(connection, stored.person)
            revoke_of_patient(connection, stored.patient_ref, service.clock())
    caller.disclose(stored)


def require_sandbox_of(service: Service, patient_ref: str) -> None:
    """Raises NotFound where a reference is of no sandbox."""
    with service.database.reading() as connection:
        if sandboxes.count_of_patient(connection, patient_ref).sandboxes == 0:
            raise no_such_enrollment()


def require_own_sandbox(service: Service, caller: Caller, enrollment: str | None) -> None:
    """Raises NotFound where a caller for sandboxes alone names no sandbox; other callers may name what they want."""
    if caller.is_sandbox:
        with service.database.reading() as connection:
            load_visible(connection, caller, enrollment or "")


def _moved_to(stored: StoredEnrollment, move: ClockMove) -> datetime:
    """The new present of a sandbox."""
    if stored.clock is None:
        raise errors.SandboxConflict(REAL)
    name = "to" if move.to is not None else "advance"
    present = move.to or (move.advance.after(stored.clock) if move.advance is not None else stored.clock)
    latest = LONGEST.after(stored.created_at)
    if present < stored.clock:
        raise Refused({name: [BACKWARD.format(time_text(stored.clock))]})
    if present > latest:
        raise Refused({name: [TOO_FAR.format(time_text(latest))]})
    return present
