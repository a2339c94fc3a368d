"""Enrolling a patient in a journey, once for a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from journeys.engine import Enrollment, Event, admit_entry
from journeys.primitives.errors import CallerError, Refused
from journeys.primitives.problems import did_you_mean
from service.access.caller import Caller
from service.effects.store import work
from service.enrollments.answers import EnrollmentAnswer, enrollment_part, now_part, remember, see, unnoted
from service.enrollments.content import Asked
from service.enrollments.read import fold_to_now
from service.enrollments.requests import EnrollRequest
from service.enrollments.steps import Passed, arrive, decide
from service.enrollments.store import enrollments, log
from service.enrollments.store.enrollments import Stored
from service.enrollments.store.log import Entry
from service.platform import errors
from service.platform.database.payload import seal
from service.publishing.service import Service
from service.publishing.store import approvals
from service.publishing.store import releases as publishing
from service.publishing.store.releases import Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A patient to enroll. `place` is (journey, patient ref, key) where they can be read, for recognising a replay.

    `of_record`: a health record says so; that is kept also while nothing of the journey was ever approved.
    """

    place: tuple[str, str, str] | None
    digest: str
    request: EnrollRequest | CallerError
    asked: Asked = field(default_factory=Asked)
    of_record: bool = False


def enroll(service: Service, caller: Caller, joining: Joining) -> EnrollmentAnswer:
    """The new enrollment, or the one that the same body made before.

    Raises:
        Conflict: the key was used with another body.
        TooMany: the patient has as many as are accepted.
        Refused: the journey does not accept it; nothing is stored.
    """
    with service.database.writing() as connection:
        now = service.clock()
        before = enrollments.find_by_key(connection, *joining.place) if joining.place else None
        if before is not None:
            return _again(service, connection, caller, before, joining, now)
        if isinstance(joining.request, CallerError):
            raise joining.request
        if enrollments.count_of_patient(connection, joining.request.patient_ref) >= service.limits.enrollments:
            raise errors.TooMany(errors.ENROLLMENTS_LIMIT.format(service.limits.enrollments))
        stored, event, passed = _begin(service, connection, caller, joining, joining.request, now)
        # Two at once: the unique key lets one in, and the other answers as if it had come later.
        if not enrollments.add(connection, passed.stored):
            taken = enrollments.find_by_key(connection, stored.journey, stored.patient_ref, stored.key)
            assert taken is not None
            return _again(service, connection, caller, taken, joining, now)
        decision = decide(stored.enrollment, passed, event, service.library.releases(connection), masked=False)
        entry = Entry(
            position=0,
            arrival=event,
            external_id=event.id,
            request_digest=joining.digest,
            revision=passed.stored.enrollment.revision,
            decision=seal(decision),
            outcome=str(decision["outcome"]),
        )
        log.append(connection, stored.id, entry)
        log.append_records(connection, stored.id, now, passed.records)
        for step in passed.steps:
            work.act(connection, stored.id, step.effects, now)
        seen = see(service, connection, caller, passed.stored, joining.asked, now)
        given = unnoted(service, caller, seen, now)
        work.log_shown(connection, stored.id, given)
        body = enrollment_part(seen, now_part(connection, caller, seen))
    remember(service, stored.id, given)
    return EnrollmentAnswer(body, seen.view.tag)


def open_publication(
    service: Service, connection: Connection, journey: str, now: datetime, *, of_record: bool = False
) -> tuple[Publication, int]:
    """The publication that new enrollments of a journey get, and the revision of what stands for it.

    `of_record`: where none was ever active, the newest; its patients are given nothing until it is approved.

    Raises:
        Refused: when it was never published, or nobody can join it now.
    """
    drafts = service.library.rules.drafts
    found = None if drafts else publishing.open_publication(connection, journey, now)
    if found is not None:
        return found
    newest = publishing.newest_publication(connection, journey)
    stands = approvals.in_force(connection, journey)
    if newest is not None and stands is not None and (drafts or (of_record and stands.release is None)):
        return newest, stands.revision
    known = publishing.journeys_published(connection)
    text = errors.NO_SUCH_JOURNEY.format(did_you_mean(journey, known)) if newest is None else errors.NOT_OPEN
    raise Refused({"journey": [text]})


def _begin(
    service: Service,
    connection: Connection,
    caller: Caller,
    joining: Joining,
    request: EnrollRequest,
    now: datetime,
) -> tuple[Stored, Event, Passed]:
    publication, standing = open_publication(service, connection, request.journey, now, of_record=joining.of_record)
    releases = service.library.releases(connection)
    plan = releases[publication.release].plan
    programme = _programme(publication, request.programme)
    enrollment = service.new_id()
    event = admit_entry(
        plan,
        enrollment,
        entry=request.entry,
        facts=request.facts,
        reporter=caller.name,
        by=caller.by,
        at=request.at or now,
        day=request.day,
        now=now,
    )
    stored = Stored(
        enrollment=Enrollment(enrollment, publication.release),
        journey=request.journey,
        patient_ref=request.patient_ref,
        key=request.key,
        locale=request.locale,
        time_zone=request.time_zone,
        told=None,
        request_digest=joining.digest,
        log_length=1,
        created_at=now,
        failures=0,
        standing=standing,
        programme=programme,
    )
    return stored, event, arrive(releases, stored, event, now, tuple)


def _programme(publication: Publication, asked: str | None) -> str | None:
    """The programme asked for, or the first of the journey; None where there is none.

    Raises:
        Refused: there is no such programme.
    """
    keys = [key for key, _ in publication.programmes]
    if asked is not None and asked not in keys:
        message = errors.NO_SUCH_PROGRAMME.format(did_you_mean(asked, keys)) if keys else errors.NO_PROGRAMMES
        raise Refused({"programme": [message]})
    return asked or next(iter(keys), None)


def _again(
    service: Service,
    connection: Connection,
    caller: Caller,
    before: Stored,
    joining: Joining,
    now: datetime,
) -> EnrollmentAnswer:
    if before.request_digest != joining.digest:
        raise errors.Conflict(errors.KEY_REUSED)
    passed = fold_to_now(service, connection, before, now)
    seen = see(service, connection, caller, passed.stored, joining.asked, now)
    given = unnoted(service, caller, seen, now)
    work.log_shown(connection, before.id, given)
    body = enrollment_part(seen, now_part(connection, caller, seen))
    return EnrollmentAnswer(body, seen.view.tag, is_replay=True)
