"""Turns FHIR R4 resources (plain dicts) into reports of a journey by a declared mapping; no I/O, no clock."""

from journeys.interop.fhir.bundle import MAX_BUNDLE_BYTES, Bundle, open_bundle, read_bundle
from journeys.interop.fhir.changes import REPORTER, Changes, NewBeginning, NewEvent, changes_of
from journeys.interop.fhir.counts import EntryCounts, count_entries
from journeys.interop.fhir.ingest import DEATH, Enrolling, Ingested, Planned, events_of, record_events
from journeys.interop.fhir.mapping import FhirMapping, FhirMappingForm, read_mapping
from journeys.interop.fhir.record import PatientRecord, ResourceHistory
from journeys.interop.fhir.verdicts import EntryVerdict

__all__ = [
    "DEATH",
    "MAX_BUNDLE_BYTES",
    "REPORTER",
    "Bundle",
    "Changes",
    "Enrolling",
    "EntryCounts",
    "EntryVerdict",
    "FhirMapping",
    "FhirMappingForm",
    "Ingested",
    "NewBeginning",
    "NewEvent",
    "PatientRecord",
    "Planned",
    "ResourceHistory",
    "changes_of",
    "count_entries",
    "events_of",
    "open_bundle",
    "read_bundle",
    "read_mapping",
    "record_events",
]
