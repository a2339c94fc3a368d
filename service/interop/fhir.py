"""Ingesting FHIR bundles: the patient is enrolled, and the log is made to agree with the bundle."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import wire_value
from journeys.engine import Arrival, Report, Result, State, active_events, refold
from journeys.engine.results import OUTCOMES
from journeys.interop.fhir import (
    REPORTER,
    Changes,
    FhirMapping,
    Ingested,
    NewEvent,
    changes_of,
    events_of,
    read_bundle,
    read_mapping,
)
from journeys.primitives.canonical import event_uid, time_text
from journeys.primitives.problems import Problem
from service.access.caller import Caller
from service.enrollments.content import ContentOptions
from service.enrollments.enroll import IncomingEnrollment, enroll, no_such_journey
from service.enrollments.read import ambiguous_enrollment
from service.enrollments.report import IncomingReport, IncomingRetraction, report, retract
from service.enrollments.requests import EnrollRequest, digest_of
from service.enrollments.store import enrollments, log
from service.enrollments.store.enrollments import StoredEnrollment
from service.publishing.service import Service
from service.publishing.store import approvals, releases

#: A health record reports as staff. It has no token, because only a command ingests.
CALLER = Caller(  # nosec B106 # only a command ingests, without a token
    token="", name=REPORTER, scopes=frozenset({"enroll", "report", "staff"}), by="staff"
)

WITHOUT_CONTENT = ContentOptions(content=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """The result of ingesting one bundle.

    `enrollment` is None where no entry of the bundle enrolls the patient. `read` is the sum of `mapped`, `unmapped`
    and `duplicates`, in entries; `after_end` counts the entries dated after the end. `outcomes` counts the
    current outcomes of the bundle's events; `passed` has each entered state and the end, in order, with its time;
    `state` is the current state by track.
    """

    file: str
    enrollment: str | None
    read: int
    mapped: int
    unmapped: int
    duplicates: int
    after_end: int = 0
    outcomes: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    passed: Sequence[tuple[str, str]] = ()
    state: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, in the order of the printed line."""
        return {
            "file": self.file,
            "enrollment": self.enrollment,
            "read": self.read,
            "mapped": self.mapped,
            "unmapped": self.unmapped,
            "duplicates": self.duplicates,
            "after_end": self.after_end,
            "outcomes": dict(self.outcomes),
            "passed": [{"state": state, "at": at} for state, at in self.passed],
            "state": dict(self.state),
        }


def load_mapping(service: Service, journey: str, data: bytes, file: str) -> tuple[FhirMapping | None, list[Problem]]:
    """The mapping in a file, checked against the newest release of its journey, or None, and the problems of the file.

    Raises:
        Refused: the journey was never published, or it accepts no patients now.
    """
    return read_mapping(data, file, _plan(service, journey))


def ingest_bundle(
    service: Service,
    mapping: FhirMapping,
    data: bytes,
    *,
    file: str,
    time_zone: str = "UTC",
    programme: str | None = None,
) -> IngestReport:
    """Enrolls the patient of a bundle if necessary, and reports the events that no earlier bundle brought.

    An event that a resource now describes differently is replaced; an event that it no longer describes is retracted.
    Ingesting the same bundle again changes nothing. An interrupted run is completed by the next one.

    Args:
        service: the process.
        mapping: as `load_mapping` returns it.
        data: the bytes of the bundle.
        file: the name of the file, for the report.
        time_zone: time zone of a new enrollment; a bundle has none.
        programme: programme of a new enrollment; the first of the journey by default.

    Raises:
        NotABundle: the file is not a bundle about one patient; nothing was done.
        Ambiguous: the patient has several enrollments in the journey, none of them under the mapping's key.
        Refused: the patient's release does not accept an event of the mapping.
    """
    plan = _plan(service, mapping.journey)
    ingested = events_of(read_bundle(data), mapping, plan, now=service.clock())
    enrollment = _enrolled(service, mapping, ingested, plan, time_zone, programme)
    counted = IngestReport(
        file=file,
        enrollment=enrollment,
        read=ingested.read,
        mapped=ingested.mapped,
        unmapped=ingested.unmapped,
        duplicates=ingested.duplicates,
    )
    if enrollment is None:
        return counted
    changes = changes_of(ingested, _log(service, enrollment))
    for event in _in_order(changes.new, plan):
        report(service, CALLER, _incoming(enrollment, event))
    for uid in changes.retracted_ids:
        _take_back(service, enrollment, uid)
    return _reported(service, counted, enrollment, ingested, changes)


def _plan(service: Service, journey: str) -> ReleasePlan:
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
    """The id of the patient's enrollment, created if an entry of the bundle enrolls the patient; or None."""
    with service.database.reading() as connection:
        earlier = enrollments.find_by_key(connection, mapping.journey, ingested.patient_ref, mapping.key)
        others = enrollments.ids_in_journey(connection, ingested.patient_ref, mapping.journey, None)
    if earlier is not None:
        return earlier.id
    if len(others) > 1:
        raise ambiguous_enrollment()
    if others:
        return others[0]
    joins = ingested.enrolling
    if joins is None:
        return None
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
    return enroll(service, CALLER, joining).id


def _log(service: Service, enrollment: str) -> list[Arrival]:
    with service.database.reading() as connection:
        return [entry.arrival for entry in log.read_log(connection, enrollment)]


def _in_order(new: Sequence[NewEvent], plan: ReleasePlan) -> list[NewEvent]:
    """New events in order of time, but the end first, so that a patient who has died is sent nothing."""
    return sorted(new, key=lambda event: event.planned.type not in plan.ends)


def _incoming(enrollment: str, event: NewEvent) -> IncomingReport:
    planned = event.planned
    body = {
        "id": event.id,
        "type": planned.type,
        "occurred_at": time_text(planned.at, planned.day),
        "facts": {name: wire_value(value) for name, value in planned.facts.items()},
        "replaces": event.replaces,
    }
    request = Report(
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
    digest = digest_of("fhir event", body)
    return IncomingReport(enrollment=enrollment, id=event.id, digest=digest, request=request, options=WITHOUT_CONTENT)


def _take_back(service: Service, enrollment: str, uid: str) -> None:
    reason = "entered_in_error"
    digest = digest_of("fhir retraction", {"event": uid, "reason": reason})
    incoming = IncomingRetraction(
        enrollment=enrollment, event=uid, reason=reason, digest=digest, options=WITHOUT_CONTENT
    )
    retract(service, CALLER, incoming)


def _reported(
    service: Service, counted: IngestReport, enrollment: str, ingested: Ingested, changes: Changes
) -> IngestReport:
    state, results = _folded(service, enrollment)
    ours = {event_uid(enrollment, REPORTER, event.id) for event in changes.new} | set(changes.standing_ids)
    counts = Counter(result.outcome for result in results if result.key in ours)
    return replace(
        counted,
        after_end=_after_end(ingested.dates, results, state),
        outcomes={outcome: counts[outcome] for outcome in OUTCOMES},
        passed=_passed(results),
        state={track: stays[-1].state for track, stays in state.tracks.items() if stays} if state else {},
    )


def _folded(service: Service, enrollment: str) -> tuple[State | None, list[Result]]:
    with service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
        assert stored is not None
        events = active_events(entry.arrival for entry in log.read_log(connection, enrollment))
        until = _until(stored, service.clock())
        return refold(service.library.releases(connection), stored.enrollment.release, events, until)


def _until(stored: StoredEnrollment, now: datetime) -> datetime:
    state = stored.enrollment.state
    return max(now, state.folded_to) if state is not None else now


def _after_end(dates: Sequence[datetime], results: Sequence[Result], state: State | None) -> int:
    if state is None or state.ended is None:
        return 0
    end = next(result.at for result in results if result.key == state.ended.event)
    return len(dates) - bisect_right(dates, end)


def _passed(results: Sequence[Result]) -> list[tuple[str, str]]:
    passed: list[tuple[str, str]] = []
    for result in results:
        for move in result.transitions:
            name = f"{move.track}.{move.end}" if move.end is not None else move.trigger
            if move.end is not None or (name, result.at_text) not in passed:
                passed.append((name, result.at_text))
    return passed
