"""Turns FHIR R4 resources (plain dicts) into reports of a journey by a declared mapping; no I/O, no clock."""

from journeys.interop.fhir.bundle import Bundle, read_bundle
from journeys.interop.fhir.changes import REPORTER, Changes, NewEvent, changes_of
from journeys.interop.fhir.ingest import Enrolling, Ingested, Planned, events_of
from journeys.interop.fhir.mapping import FhirMapping, FhirMappingForm, read_mapping

__all__ = [
    "REPORTER",
    "Bundle",
    "Changes",
    "Enrolling",
    "FhirMapping",
    "FhirMappingForm",
    "Ingested",
    "NewEvent",
    "Planned",
    "changes_of",
    "events_of",
    "read_bundle",
    "read_mapping",
]
