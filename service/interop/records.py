"""What bundles brought of a patient: kept with every bundle, whatever it is, before anything is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from sqlalchemy import Connection

from journeys.definition.compiler import ReleasePlan
from journeys.interop.fhir import Bundle, FhirMapping, Ingested, events_of, record_events
from service.enrollments.store import enrollments
from service.interop import store
from service.interop.store import RecordChange, StoredRecord
from service.platform import errors
from service.platform.time_zones import zone_of
from service.publishing.service import Service

_MAX_ATTEMPTS = 20
#: How often a record is read again because another process has changed it meanwhile.


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record with a bundle that has just arrived, the patient's time zone, and what follows from it."""

    stored: StoredRecord
    bundle: Bundle
    zone: tzinfo
    ingested: Ingested


def keep_bundle(
    service: Service, mapping: FhirMapping, plan: ReleasePlan, bundle: Bundle, time_zone: str
) -> KeptRecord:
    """Stores what a bundle brings, and returns what follows from the record.

    A long record takes a second to read and to work out. Meanwhile nobody else has to wait: only the writing itself
    locks the record (and an SQLite database), and if another process was quicker, the record is read again.

    Raises:
        Unavailable: other processes change the record all the time; nothing was stored.
    """
    for _ in range(_MAX_ATTEMPTS):
        _make_missing(service, mapping, bundle)
        kept_record, change, joining = _work_out(service, mapping, plan, bundle, time_zone)
        in_order = sorted([change.stored, *joining], key=lambda stored: stored.id)  # so that no two processes deadlock
        with service.database.writing() as connection:
            if not all(store.lock_unchanged(connection, stored) for stored in in_order):
                continue
            now = service.clock()
            for alias in joining:
                store.join_record(connection, alias, change.stored.id, now)
            store.save_record(connection, change, now)
        return kept_record
    raise errors.Unavailable()


def read_again(service: Service, mapping: FhirMapping, plan: ReleasePlan, kept_record: KeptRecord) -> Ingested:
    """What follows from a record as it is stored now."""
    with service.database.reading() as connection:
        record = store.load_record(connection, kept_record.stored.id).record
    now, zone, bundle = service.clock(), kept_record.zone, kept_record.bundle
    return events_of(record, mapping, plan, now=now, zone=zone, bundle=bundle)


def zone_of_patient(connection: Connection, mapping: FhirMapping, patient_ref: str, time_zone: str) -> tzinfo:
    """The time zone of a patient's enrollment; of a patient without one, that with which bundles enroll."""
    by_key = enrollments.find_by_key(connection, mapping.journey, patient_ref, mapping.key)
    others = enrollments.ids_in_journey(connection, patient_ref, mapping.journey, None) if by_key is None else []
    enrollment = by_key or (enrollments.load(connection, others[0]) if len(others) == 1 else None)
    return enrollment.zone if enrollment is not None else zone_of(time_zone)


def _make_missing(service: Service, mapping: FhirMapping, bundle: Bundle) -> None:
    """Stores an empty record under each name of the bundle's patient that has none."""
    refs = sorted(bundle.patient_aliases | {bundle.patient_ref})
    with service.database.reading() as connection:
        missing = [ref for ref in refs if not store.has_record(connection, mapping.journey, ref, mapping.key)]
    if missing:
        with service.database.writing() as connection:
            for ref in missing:
                store.add_record(connection, service.new_id(), mapping.journey, ref, mapping.key, service.clock())


def _work_out(
    service: Service, mapping: FhirMapping, plan: ReleasePlan, bundle: Bundle, time_zone: str
) -> tuple[KeptRecord, RecordChange, Sequence[StoredRecord]]:
    """What follows from the record with a bundle, the change to store, and the records that become part of it."""
    with service.database.reading() as connection:
        stored = _load(connection, mapping, bundle)
        bundle = replace(bundle, patient_ref=stored.record.patient_ref)
        joining = _load_aliases(connection, mapping, bundle)
        zone = zone_of_patient(connection, mapping, bundle.patient_ref, time_zone)
    now, record = service.clock(), stored.record
    for alias in joining:
        record = record.with_alias(alias.record)
    record = record.with_bundle(bundle, mapping, now)
    ingested = events_of(record, mapping, plan, now=now, zone=zone, bundle=bundle)
    change = store.change_of(stored, record_events(record, ingested))
    return KeptRecord(replace(stored, record=record), bundle, zone, ingested), change, joining


def _load(connection: Connection, mapping: FhirMapping, bundle: Bundle) -> StoredRecord:
    """The record of a bundle's patient.

    A bundle without the Patient may name the patient by a `urn:uuid`: then that of the Patient with this `urn:uuid`.
    """
    stored = store.find_record(connection, mapping.journey, bundle.patient_ref, mapping.key)
    assert stored is not None  # it was made before
    if stored.same_as is not None and not bundle.patient_aliases:
        return store.load_record(connection, stored.same_as)
    return stored


def _load_aliases(connection: Connection, mapping: FhirMapping, bundle: Bundle) -> list[StoredRecord]:
    """What earlier bundles brought under other names of the patient, each a `urn:uuid`."""
    refs = sorted(bundle.patient_aliases - {bundle.patient_ref})
    aliases = [store.find_record(connection, mapping.journey, ref, mapping.key) for ref in refs]
    return [alias for alias in aliases if alias is not None and alias.same_as is None and not alias.record.has_patient]
