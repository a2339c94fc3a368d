"""What bundles brought of a patient: kept with every bundle, whatever it is, before anything is reported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from journeys.definition.compiler import ReleasePlan
from journeys.interop.fhir import Bundle, FhirMapping, Ingested, PatientRecord, events_of, record_events
from service.interop import store
from service.interop.store import StoredRecord
from service.publishing.service import Service

#: The number of records that one transaction deletes: on SQLite nobody else writes meanwhile.
DELETED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record with a bundle that has just arrived, and what follows from it."""

    stored: StoredRecord
    bundle: Bundle
    ingested: Ingested


def keep_bundle(service: Service, mapping: FhirMapping, plan: ReleasePlan, bundle: Bundle) -> KeptRecord:
    """Stores what a bundle brings, and returns what follows from the record."""
    now = service.clock()
    with service.database.writing() as connection:
        stored = _load(service, connection, mapping, bundle)
        bundle = replace(bundle, patient_ref=stored.record.patient_ref)
        record = _with_aliases(service, connection, mapping, bundle, stored)
        record = record.with_bundle(bundle, mapping, now)
        ingested = events_of(record, mapping, plan, now=now, bundle=bundle)
        store.save_record(connection, stored, record_events(record, ingested), now)
    return KeptRecord(replace(stored, record=record), bundle, ingested)


def read_again(service: Service, mapping: FhirMapping, plan: ReleasePlan, kept_record: KeptRecord) -> Ingested:
    """What follows from a record as it is stored now."""
    with service.database.reading() as connection:
        record = store.load_record(connection, kept_record.stored.id).record
    return events_of(record, mapping, plan, now=service.clock(), bundle=kept_record.bundle)


def delete_unjoined(service: Service, age: timedelta) -> int:
    """Deletes the records of patients who did not join and of whom nothing new came for so long; returns how many."""
    before, count = service.clock() - age, 0
    while True:
        with service.database.writing() as connection:
            deleted = store.delete_unjoined(connection, before, DELETED_AT_ONCE)
        count += deleted
        if deleted < DELETED_AT_ONCE:
            return count


def _load(service: Service, connection: Connection, mapping: FhirMapping, bundle: Bundle) -> StoredRecord:
    """The record of a bundle's patient, new if there is none, locked.

    A bundle without the Patient may name the patient by a `urn:uuid`: then that of the Patient with this `urn:uuid`.
    """
    names = (mapping.journey, bundle.patient_ref, mapping.key)
    stored = store.find_record(connection, *names, to_change=True)
    if stored is None:
        return store.add_record(connection, service.new_id(), *names, service.clock())
    if stored.same_as is not None and not bundle.patient_aliases:
        return store.load_record(connection, stored.same_as, to_change=True)
    return stored


def _with_aliases(
    service: Service, connection: Connection, mapping: FhirMapping, bundle: Bundle, stored: StoredRecord
) -> PatientRecord:
    """The record with what earlier bundles brought under another name of the patient, a `urn:uuid`."""
    record, now = stored.record, service.clock()
    for alias in sorted(bundle.patient_aliases - {bundle.patient_ref}):
        names = (mapping.journey, alias, mapping.key)
        other = store.find_record(connection, *names, to_change=True)
        other = other or store.add_record(connection, service.new_id(), *names, now)
        if other.same_as is None and not other.record.has_patient:
            record = replace(record, sources={**other.record.sources, **record.sources})
            store.join_record(connection, other, stored.id, now)
    return record
