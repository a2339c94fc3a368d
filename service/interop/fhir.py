"""Ingesting FHIR bundles: what they bring is kept, the patient is enrolled, and the log is made to agree with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import wire_value
from journeys.engine import Arrival, Joining, Report, Result, State, active_events, refold
from journeys.interop.fhir import (
    REPORTER,
    Changes,
    Enrolling,
    FhirMapping,
    Ingested,
    NewEvent,
    Planned,
    changes_of,
    count_entries,
    open_bundle,
    read_bundle,
    read_mapping,
)
from journeys.primitives.canonical import event_uid, time_text
from journeys.primitives.errors import CallerError, Refused
from journeys.primitives.problems import Problem
from service.access.caller import Caller
from service.enrollments.content import ContentOptions
from service.enrollments.enroll import IncomingEnrollment, enroll, no_such_journey
from service.enrollments.read import ambiguous_enrollment
from service.enrollments.report import IncomingReport, IncomingRetraction, begin_anew, retract
from service.enrollments.requests import EnrollRequest, digest_of
from service.enrollments.store import enrollments, log
from service.enrollments.together import report_all
from service.interop import store
from service.interop.deaths import follow_up_death
from service.interop.records import KeptRecord, keep_bundle, read_again
from service.interop.reports import IngestReport, counted_report, with_fold
from service.platform import errors
from service.publishing.service import Service
from service.publishing.store import approvals, releases

#: A health record reports as staff. It has no token, because only a command ingests.
CALLER = Caller(  # nosec B106 # only a command ingests, without a token
    token="", name=REPORTER, scopes=frozenset({"enroll", "report", "staff"}), by="staff"
)

WITHOUT_CONTENT = ContentOptions(content=False)
MAX_ROUNDS = 4
#: How often the log is compared with the record; more than twice only where another process changes one of them.


@dataclass(frozen=True, slots=True)
class Agreement:
    """The events that are both in the log and in the record, by uid, and the number of changes that it took."""

    events: Mapping[str, Planned]
    counts: Mapping[str, int]

    def after(self, enrollment: str, changes: Changes) -> Agreement:
        """The agreement after some more changes."""
        added = {event_uid(enrollment, REPORTER, event.id): event.planned for event in changes.new}
        replaced = sum(event.replaces is not None for event in changes.new)
        made = {
            "new": len(changes.new) - replaced,
            "replaced": replaced,
            "retracted": len(changes.retracted_ids),
        }
        counts = {name: self.counts.get(name, 0) + count for name, count in made.items()}
        return Agreement({**changes.standing, **added}, counts)


def load_mapping(service: Service, journey: str, data: bytes, file: str) -> tuple[FhirMapping | None, list[Problem]]:
    """The mapping in a file, checked against the newest release of its journey, or None, and the problems of the file.

    Raises:
        Refused: the journey was never published, or it accepts no patients now.
    """
    return read_mapping(data, file, plan_for_records(service, journey))


def ingest_bundle(
    service: Service,
    mapping: FhirMapping,
    data: bytes,
    *,
    file: str,
    patient_ref: str | None = None,
    time_zone: str = "UTC",
    programme: str | None = None,
) -> IngestReport:
    """Keeps what a bundle brings of its patient, enrolls the patient if necessary, and reports what follows.

    What follows is decided by all bundles of the patient together, so that it does not depend on how a record was cut
    into bundles. An event that a resource now describes differently is replaced; an event that no longer follows is
    retracted. Ingesting the same bundle again changes nothing. An interrupted run is completed by the next one.

    Args:
        service: the process.
        mapping: as `load_mapping` returns it.
        data: the bytes of the bundle.
        file: the name of the file, for the report.
        patient_ref: the id of the patient of a bundle that names none.
        time_zone: time zone of a new enrollment; a bundle has none.
        programme: programme of a new enrollment; the first of the journey by default.

    Raises:
        NotABundle: the file is not a bundle about one patient; nothing was done.
        Ambiguous: the patient has several enrollments in the journey, none of them under the mapping's key.
        Refused: the patient's release does not accept an event of the mapping; all others were reported.
    """
    plan = plan_for_records(service, mapping.journey)
    record = keep_bundle(service, mapping, plan, open_bundle(read_bundle(data), patient_ref), time_zone)
    enrollment = _enrolled(service, mapping, record.ingested, plan, time_zone, programme)
    counts = count_entries(record.bundle, record.stored.record, record.ingested)
    counted = counted_report(file, enrollment, counts, has_patient=record.stored.record.has_patient)
    if enrollment is None:
        return counted
    if record.stored.enrollment != enrollment:
        with service.database.writing() as connection:
            store.set_enrollment(connection, record.stored.id, enrollment)
    agreement = _agree(service, mapping, plan, record, enrollment)
    follow_up_death(service, enrollment, record.ingested, plan)
    fold = _folded(service, enrollment)
    return with_fold(replace(counted, changes=agreement.counts), record.bundle, counts.dates, agreement.events, fold)


def _agree(service: Service, mapping: FhirMapping, plan: ReleasePlan, record: KeptRecord, enrollment: str) -> Agreement:
    """Makes the log of an enrollment agree with the record."""
    ingested = record.ingested
    agreement, refusals = Agreement({}, {}), list[Refused]()
    tried: Changes | None = None
    for turn in range(MAX_ROUNDS):
        arrivals = read_arrivals(service, enrollment)
        if turn:
            ingested = read_again(service, mapping, plan, record)
        changes = changes_of(ingested, arrivals)
        if changes.is_empty or changes == tried:
            agreement = agreement.after(enrollment, replace(changes, new=(), retracted_ids=()))
            break
        # What another process has reported meanwhile follows from a newer record: that is read after the log.
        tried = changes if turn else replace(changes, retracted_ids=())
        agreement = agreement.after(enrollment, tried)
        refusals = _apply(service, enrollment, tried, plan)
    if refusals:
        raise refusals[0]
    return agreement


def _apply(service: Service, enrollment: str, changes: Changes, plan: ReleasePlan) -> list[Refused]:
    """Makes every change that the patient's release accepts; returns the refusals.

    A conflict means that another process has just made the change: the next comparison shows what is left.
    """
    refusals: list[Refused] = []
    beginning = changes.beginning
    if beginning is not None:
        joining = joining_of(beginning.enrolling)
        begin_anew(
            service, CALLER, enrollment=enrollment, joining=joining, id=beginning.id, replaces=beginning.replaces
        )
    incoming = [_incoming(enrollment, event) for event in in_order(changes.new, plan)]
    for outcome in report_all(service, CALLER, incoming):
        if isinstance(outcome, Refused):
            refusals.append(outcome)
        elif isinstance(outcome, CallerError) and not isinstance(outcome, errors.Conflict):
            raise outcome
    for uid in changes.retracted_ids:
        with suppress(errors.Conflict):
            _take_back(service, enrollment, uid)
    return refusals


def plan_for_records(service: Service, journey: str) -> ReleasePlan:
    """The release by which records are read: the one in force, else the newest.

    Raises:
        Refused: the journey was never published.
    """
    with service.database.reading() as connection:
        in_force = approvals.in_force(connection, journey)
        newest = releases.newest_publication(connection, journey)
        if newest is None:
            raise no_such_journey(journey)
        release = in_force.release if in_force is not None and in_force.release is not None else newest.release
        return service.library.releases(connection)[release].plan


def _enrolled(
    service: Service, mapping: FhirMapping, ingested: Ingested, plan: ReleasePlan, time_zone: str, programme: str | None
) -> str | None:
    """The id of the patient's enrollment, created if a resource of the record enrolls the patient; or None."""
    earlier = find_enrollment(service, mapping, ingested.patient_ref)
    joins = ingested.enrolling
    if earlier is not None or joins is None:
        return earlier
    request = EnrollRequest(
        key=joins.key,
        journey=mapping.journey,
        patient_ref=ingested.patient_ref,
        locale=ingested.language or plan.journey.locales[0],
        time_zone=time_zone,
        programme=programme,
        entry=joins.entry,
        at=joins.at,
        day=joins.day,
    )
    body = {"key": request.key, "entry": request.entry, "at": time_text(joins.at, joins.day)}
    identity = (mapping.journey, ingested.patient_ref, joins.key)
    digest = digest_of("fhir enrollment", body)
    joining = IncomingEnrollment(
        identity=identity, digest=digest, request=request, options=WITHOUT_CONTENT, of_record=True
    )
    try:
        return enroll(service, CALLER, joining).id
    except errors.Conflict:  # another process has just enrolled the patient, from another bundle
        return find_enrollment(service, mapping, ingested.patient_ref)


def find_enrollment(service: Service, mapping: FhirMapping, patient_ref: str) -> str | None:
    """The id of a patient's enrollment under the mapping's key, else of the only one in the journey; or None.

    Raises:
        Ambiguous: the patient has several, none of them under the key.
    """
    with service.database.reading() as connection:
        earlier = enrollments.find_by_key(connection, mapping.journey, patient_ref, mapping.key)
        others = enrollments.ids_in_journey(connection, patient_ref, mapping.journey, None)
    if earlier is None and len(others) > 1:
        raise ambiguous_enrollment()
    return earlier.id if earlier is not None else next(iter(others), None)


def read_arrivals(service: Service, enrollment: str) -> list[Arrival]:
    """The log of an enrollment."""
    with service.database.reading() as connection:
        return [entry.arrival for entry in log.read_log(connection, enrollment)]


def in_order(new: Sequence[NewEvent], plan: ReleasePlan) -> list[NewEvent]:
    """New events in order of time, but the end first, so that a patient who has died is sent nothing."""
    return sorted(new, key=lambda event: event.planned.type not in plan.ends)


def joining_of(joins: Enrolling) -> Joining:
    """How the patient joins, as the engine takes it."""
    return Joining(joins.entry, {}, CALLER.name, CALLER.by, joins.at, joins.day)


def report_of(event: NewEvent) -> Report:
    """A new event as the engine takes it."""
    planned = event.planned
    return Report(
        id=event.id,
        type=planned.type,
        reporter=CALLER.name,
        by=CALLER.by,
        at=planned.at,
        day=planned.day,
        facts=planned.facts,
        told=planned.told,
        replaces=event.replaces,
    )


def _incoming(enrollment: str, event: NewEvent) -> IncomingReport:
    planned = event.planned
    body = {
        "id": event.id,
        "type": planned.type,
        "occurred_at": time_text(planned.at, planned.day),
        "facts": {name: wire_value(value) for name, value in planned.facts.items()},
        "replaces": event.replaces,
    }
    digest = digest_of("fhir event", body)
    return IncomingReport(
        enrollment=enrollment, id=event.id, digest=digest, request=report_of(event), options=WITHOUT_CONTENT
    )


def _take_back(service: Service, enrollment: str, uid: str) -> None:
    reason = "entered_in_error"
    digest = digest_of("fhir retraction", {"event": uid, "reason": reason})
    incoming = IncomingRetraction(
        enrollment=enrollment, event=uid, reason=reason, digest=digest, options=WITHOUT_CONTENT
    )
    retract(service, CALLER, incoming)


def _folded(service: Service, enrollment: str) -> tuple[State | None, list[Result]]:
    with service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
        assert stored is not None
        events = active_events(entry.arrival for entry in log.read_log(connection, enrollment))
        state = stored.enrollment.state
        until = max(service.clock(), state.folded_to) if state is not None else service.clock()
        return refold(service.library.releases(connection), stored.enrollment.release, events, until)
