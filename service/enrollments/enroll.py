"""Enrolling a patient in a journey, once for a key."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.engine import Enrollment, Event, Joining, admit_entry
from journeys.primitives.errors import CallerError, Refused
from journeys.primitives.problems import counted, did_you_mean
from service.access.caller import Caller
from service.effects.store.disclosures import record_disclosures
from service.effects.store.looks import forget_looks_of_person
from service.enrollments.answers import (
    EnrollmentAnswer,
    answer_enrollment,
    new_disclosures,
    remember_disclosures,
    view_for_caller,
)
from service.enrollments.content import ContentOptions
from service.enrollments.decisions import decide_event
from service.enrollments.read import fold_to_now
from service.enrollments.requests import EnrollRequest
from service.enrollments.save import store_step_results
from service.enrollments.steps import Advance, arrive
from service.enrollments.store import enrollments, log
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.store.log import NewEntry
from service.enrollments.store.sandboxes import count_of_patient
from service.enrollments.words import open_tasks_for_words
from service.persons.introduce import Introduction, person_of_enrollment
from service.platform import errors
from service.platform.database.payload import seal
from service.platform.time_zones import zone_of
from service.publishing.service import Service
from service.publishing.store import approvals, releases
from service.publishing.store.releases import Publication

IS_PATIENT = "This reference is a patient's. Use a reference of its own for a sandbox."
IS_SANDBOX = "This reference is that of a sandbox, which no patient can have."
NOT_OPEN = "This journey accepts no patients now: none of its releases is active and approved."


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingEnrollment:
    """A patient to enroll.

    `identity` is (journey, patient ref, key), by which a replay is recognised; None where the body has no such values.
    `of_record`: a health record says that the patient is in the journey; then the patient is enrolled even while no
    release is active.
    """

    identity: tuple[str, str, str] | None
    digest: str
    request: EnrollRequest | CallerError
    options: ContentOptions = field(default_factory=ContentOptions)
    of_record: bool = False


def enroll(service: Service, caller: Caller, incoming: IncomingEnrollment) -> EnrollmentAnswer:
    """The new enrollment, or the enrollment that the same body made before.

    Raises:
        Conflict: the key was used with another body.
        SandboxConflict: the reference of a sandbox is a patient's, or that of a patient a sandbox's.
        TooMany: the patient has as many enrollments as are accepted.
        Refused: the journey does not accept the patient; nothing is stored.
    """
    with service.database.writing() as connection:
        now = service.clock()
        earlier = enrollments.find_by_key(connection, *incoming.identity) if incoming.identity else None
        if earlier is not None:
            return _answer_replay(service, connection, caller, earlier, incoming, now)
        if isinstance(incoming.request, CallerError):
            raise incoming.request
        request = replace(incoming.request, sandbox=incoming.request.sandbox or caller.is_sandbox)
        stored = add_enrollment(service, connection, caller, replace(incoming, request=request), now)
        # The unique key lets one of two concurrent requests in; the other is answered as if it had come later.
        if stored is None:
            earlier = enrollments.find_by_key(connection, request.journey, request.patient_ref, request.key)
            assert earlier is not None
            return _answer_replay(service, connection, caller, earlier, incoming, now)
        view = view_for_caller(service, connection, caller, stored, incoming.options, now)
        disclosures = new_disclosures(service, caller, view)
        record_disclosures(connection, stored.id, disclosures)
        answer = answer_enrollment(connection, caller, view)
    remember_disclosures(service, stored.id, disclosures)
    return answer


def add_enrollment(
    service: Service, connection: Connection, caller: Caller, incoming: IncomingEnrollment, now: datetime
) -> StoredEnrollment | None:
    """The new enrollment, stored in the caller's transaction; None where there is one with its key.

    Raises:
        SandboxConflict, TooMany, Refused: see `enroll`.
    """
    request = incoming.request
    if isinstance(request, CallerError):
        raise request
    stored, event, advance = _begin(service, connection, caller, incoming, request, now)
    _require_room(service, connection, request)
    if not enrollments.add(connection, advance.stored):
        return None
    log.append(connection, stored.id, [_first_entry(service, connection, incoming.digest, stored, event, advance)])
    store_step_results(connection, advance, now)
    plan = service.library.releases(connection)[stored.enrollment.release].plan
    open_tasks_for_words(connection, plan, stored.id, [event], now)
    return advance.stored


def open_publication(
    service: Service, connection: Connection, journey: str, now: datetime, *, of_record: bool = False
) -> tuple[Publication, int]:
    """The publication that new enrollments of a journey get, and the revision of the journey's approval status.

    `of_record`: the newest publication where none was ever active; its patients see content once it is approved.

    Raises:
        Refused: the journey was never published, or accepts no patients now.
    """
    drafts = service.library.rules.drafts
    publication = None if drafts else releases.open_publication(connection, journey, now)
    if publication is not None:
        return publication
    newest = releases.newest_publication(connection, journey)
    in_force = approvals.in_force(connection, journey)
    if newest is not None and in_force is not None and (drafts or (of_record and in_force.release is None)):
        return newest, in_force.revision
    if newest is None:
        raise no_such_journey(journey, did_you_mean(journey, releases.journeys_published(connection)))
    raise Refused({"journey": [NOT_OPEN]})


def no_such_journey(journey: str, hint: str = "") -> Refused:
    """The error for a journey that was never published."""
    return Refused({"journey": [f"No journey with the key '{journey[:80]}' has been published.{hint}"]})


def _require_room(service: Service, connection: Connection, request: EnrollRequest) -> None:
    """Checks the enrollments of the patient; another request for the same new patient waits for this transaction."""
    most = service.limits.enrollments
    count = count_of_patient(connection, request.patient_ref)
    if count.all and (count.sandboxes > 0) != request.sandbox:
        raise errors.SandboxConflict(IS_PATIENT if request.sandbox else IS_SANDBOX)
    if count.all >= most:
        raise errors.TooMany(
            f"A patient can have {counted(most, 'enrollment')}, and this patient has reached that number."
        )


def _begin(
    service: Service,
    connection: Connection,
    caller: Caller,
    incoming: IncomingEnrollment,
    request: EnrollRequest,
    now: datetime,
) -> tuple[StoredEnrollment, Event, Advance]:
    """The enrollment before its first event, that event, and the enrollment after it."""
    publication, standing = open_publication(service, connection, request.journey, now, of_record=incoming.of_record)
    compiled = service.library.releases(connection)
    plan = compiled[publication.release].plan
    programme = checked_programme(publication, request.programme)
    enrollment = service.new_id()
    event = admit_entry(
        plan,
        enrollment,
        Joining(request.entry, request.facts, caller.name, caller.by, request.at or now, request.day),
        now,
        zone=zone_of(request.time_zone),
    )
    stored = StoredEnrollment(
        enrollment=Enrollment(enrollment, publication.release),
        journey=request.journey,
        patient_ref=request.patient_ref,
        key=request.key,
        locale=request.locale,
        time_zone=request.time_zone,
        request_digest=incoming.digest,
        log_length=1,
        created_at=now,
        failures=0,
        standing=standing,
        programme=programme,
        person=_person(service, connection, caller, incoming, request, now),
        clock=now if request.sandbox else None,
    )
    return stored, event, arrive(compiled, stored, [event], now, tuple)


def _person(
    service: Service,
    connection: Connection,
    caller: Caller,
    incoming: IncomingEnrollment,
    request: EnrollRequest,
    now: datetime,
) -> str:
    source = "record" if incoming.of_record else "staff" if caller.by == "staff" else "app"
    introduced = Introduction(
        reference=request.patient_ref, language=request.locale, time_zone=request.time_zone, source=source
    )
    person = person_of_enrollment(service, connection, introduced, now)
    forget_looks_of_person(connection, "messages", person)  # the language or the time zone may be another now
    return person


def _first_entry(
    service: Service, connection: Connection, digest: str, stored: StoredEnrollment, event: Event, advance: Advance
) -> NewEntry:
    compiled = service.library.releases(connection)
    decision = decide_event(stored.enrollment, advance.steps[-1], event, compiled, truth=True)
    return NewEntry(
        position=0,
        arrival=event,
        request_digest=digest,
        revision=advance.stored.enrollment.revision,
        decision=seal(decision.to_stored()),
        outcome=decision.outcome,
    )


def checked_programme(publication: Publication, requested: str | None) -> str | None:
    """The requested programme, or the first of the journey; None where the journey has none.

    Raises:
        Refused: the journey has no such programme.
    """
    keys = [key for key, _ in publication.programmes]
    if requested is None or requested in keys:
        return requested or next(iter(keys), None)
    if not keys:
        raise Refused({"programme": ["This journey has no programmes. Leave this field out."]})
    hint = did_you_mean(requested, keys)
    raise Refused({"programme": [f"Unknown programme '{requested[:80]}'.{hint}"]})


def _answer_replay(
    service: Service,
    connection: Connection,
    caller: Caller,
    earlier: StoredEnrollment,
    incoming: IncomingEnrollment,
    now: datetime,
) -> EnrollmentAnswer:
    is_sandbox = caller.is_sandbox or (isinstance(incoming.request, EnrollRequest) and incoming.request.sandbox)
    if earlier.is_sandbox != is_sandbox:
        raise errors.SandboxConflict(IS_SANDBOX if earlier.is_sandbox else IS_PATIENT)
    if earlier.request_digest != incoming.digest:
        raise errors.Conflict("Another body was sent with this enrollment key before. Nothing was changed.")
    stored = fold_to_now(service, connection, earlier, now).stored
    view = view_for_caller(service, connection, caller, stored, incoming.options, stored.present(now))
    record_disclosures(connection, earlier.id, new_disclosures(service, caller, view))
    return answer_enrollment(connection, caller, view, is_replay=True)
