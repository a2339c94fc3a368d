"""From FHIR R4 resources, as plain dicts, to reports of a journey by a declared mapping; no I/O, no clock."""

from journeys.fhir.bundle import Bundle, read_bundle
from journeys.fhir.changes import REPORTER, Changes, NewEvent, changes_of
from journeys.fhir.ingest import Enrolling, Ingested, Planned, events_of
from journeys.fhir.mapping import Mapping, read_mapping

__all__ = [
    "REPORTER",
    "Bundle",
    "Changes",
    "Enrolling",
    "Ingested",
    "Mapping",
    "NewEvent",
    "Planned",
    "changes_of",
    "events_of",
    "read_bundle",
    "read_mapping",
]
