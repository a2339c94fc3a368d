"""A dry run: what bundles would change, computed in memory. It stores nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

from sqlalchemy import Connection

from journeys.definition.compiler import ReleasePlan
from journeys.engine import Arrival, Retraction, active_events, admit, admit_entry, refold
from journeys.interop.fhir import (
    REPORTER,
    Bundle,
    Changes,
    FhirMapping,
    Ingested,
    PatientRecord,
    changes_of,
    count_entries,
    events_of,
    open_bundle,
    read_bundle,
    record_events,
)
from journeys.primitives.canonical import event_uid
from service.enrollments.store import enrollments
from service.interop import store
from service.interop.fhir import (
    MAX_ROUNDS,
    Agreement,
    find_enrollment,
    in_order,
    joining_of,
    plan_for_records,
    read_arrivals,
    report_of,
)
from service.interop.records import zone_of_patient
from service.interop.reports import IngestReport, counted_report, with_fold
from service.publishing.service import Service

#: The id of an enrollment that a dry run would make.
UNSAVED = "dry-run"


class Rehearsal:
    """Bundles that are ingested only in memory, one after the other, each after those before it."""

    def __init__(self, service: Service, mapping: FhirMapping, time_zone: str = "UTC") -> None:
        self._service = service
        self._time_zone = time_zone
        self._mapping = mapping
        self._plan = plan_for_records(service, mapping.journey)
        self._now = service.clock()
        self._records: dict[str, PatientRecord] = {}
        self._refs: dict[str, str] = {}  # of patients, by other names of them
        self._logs: dict[str, list[Arrival]] = {}

    def ingest(self, data: bytes, *, file: str, patient_ref: str | None = None) -> IngestReport:
        """The report that `ingest_bundle` would return, for an enrollment named `dry-run` where it would be new.

        Raises:
            NotABundle: the file is not a bundle about one patient.
            Ambiguous: the patient has several enrollments in the journey, none of them under the mapping's key.
            Refused: the release does not accept an event of the mapping.
        """
        bundle = open_bundle(read_bundle(data), patient_ref)
        record = self._record(bundle)
        bundle = replace(bundle, patient_ref=record.patient_ref)
        record = record.with_bundle(bundle, self._mapping, self._now)
        zone = self._zone(record.patient_ref)
        ingested = events_of(record, self._mapping, self._plan, now=self._now, zone=zone, bundle=bundle)
        self._records[record.patient_ref] = record_events(record, ingested)
        counts = count_entries(bundle, record, ingested)
        enrollment = find_enrollment(self._service, self._mapping, record.patient_ref)
        arrivals = self._log(enrollment, ingested, zone)
        joined = enrollment or (UNSAVED if arrivals else None)
        counted = counted_report(file, joined, counts, has_patient=record.has_patient)
        if not arrivals:
            return counted
        plan, agreement = self._plan_of(enrollment), Agreement({}, {})
        for _ in range(MAX_ROUNDS):
            changes = changes_of(ingested, arrivals)
            agreement = agreement.after(enrollment or UNSAVED, changes)
            if changes.is_empty:
                break
            arrivals += self._arrivals(enrollment or UNSAVED, changes, plan, zone)
        self._logs[record.patient_ref] = arrivals
        with self._service.database.reading() as connection:
            releases = self._service.library.releases(connection)
        fold = refold(releases, plan.id, active_events(arrivals), self._now)
        return with_fold(replace(counted, changes=agreement.counts), bundle, counts.dates, agreement.events, fold)

    def _record(self, bundle: Bundle) -> PatientRecord:
        """The record of a bundle's patient, with what came under other names of the patient (each a `urn:uuid`)."""
        aliases = sorted(bundle.patient_aliases - {bundle.patient_ref})
        may_be_alias, ref = not bundle.patient_aliases, bundle.patient_ref
        ref = self._refs.get(ref, ref) if may_be_alias else ref
        with self._service.database.reading() as connection:
            record = self._record_of(connection, ref, may_be_alias=may_be_alias)
            for alias in aliases:
                other = self._record_of(connection, alias, may_be_alias=False)
                record = record.with_alias(other)
                if not other.has_patient:
                    self._refs[alias] = record.patient_ref
        return record

    def _record_of(self, connection: Connection, ref: str, *, may_be_alias: bool) -> PatientRecord:
        """The record under a name; where that may be an alias, the record that it became part of."""
        if ref in self._records:
            return self._records[ref]
        stored = store.find_record(connection, self._mapping.journey, ref, self._mapping.key)
        if stored is not None and stored.same_as is not None and may_be_alias:
            stored = store.load_record(connection, stored.same_as)
            return self._records.get(stored.record.patient_ref, stored.record)
        return stored.record if stored is not None else PatientRecord(ref)

    def _log(self, enrollment: str | None, ingested: Ingested, zone: tzinfo) -> list[Arrival]:
        """The log so far; that of a patient who would join begins with it; empty where nobody joins."""
        rehearsed = self._logs.get(ingested.patient_ref)
        if rehearsed is not None:
            return rehearsed
        if enrollment is not None:
            return read_arrivals(self._service, enrollment)
        joins = ingested.enrolling
        return [admit_entry(self._plan, UNSAVED, joining_of(joins), self._now, zone=zone)] if joins is not None else []

    def _zone(self, patient_ref: str) -> tzinfo:
        with self._service.database.reading() as connection:
            return zone_of_patient(connection, self._mapping, patient_ref, self._time_zone)

    def _plan_of(self, enrollment: str | None) -> ReleasePlan:
        """The release that a patient was enrolled with, or would be."""
        if enrollment is None:
            return self._plan
        with self._service.database.reading() as connection:
            stored = enrollments.load(connection, enrollment)
            assert stored is not None
            return self._service.library.releases(connection)[stored.enrollment.release].plan

    def _arrivals(self, enrollment: str, changes: Changes, plan: ReleasePlan, zone: tzinfo) -> list[Arrival]:
        arrivals: list[Arrival] = []
        beginning = changes.beginning
        if beginning is not None:
            begun = admit_entry(plan, enrollment, joining_of(beginning.enrolling), self._now, zone=zone)
            uid = event_uid(enrollment, REPORTER, beginning.id)
            arrivals.append(replace(begun, id=beginning.id, uid=uid, replaces=beginning.replaces))
        new = in_order(changes.new, plan)
        arrivals += [admit(plan, enrollment, report_of(event), self._now, zone=zone) for event in new]
        arrivals += [Retraction(uid, "entered_in_error", REPORTER, self._now) for uid in changes.retracted_ids]
        return arrivals
