"""A small journey, its mapping, and bundles made up for one test."""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from journeys.definition.reading import read_journey
from journeys.engine import (
    Arrival,
    Event,
    Joining,
    Report,
    Retraction,
    State,
    active_events,
    admit,
    admit_entry,
    refold,
)
from journeys.engine.machine import Release, make_release
from journeys.interop.fhir import (
    REPORTER,
    Changes,
    EntryCounts,
    FhirMapping,
    Ingested,
    PatientRecord,
    ResourceHistory,
    changes_of,
    count_entries,
    events_of,
    open_bundle,
    read_mapping,
    record_events,
)
from journeys.primitives.canonical import canonical, event_uid

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCT = "http://snomed.info/sct"
PATIENT = "p-1"

JOURNEY = b"""
journey: sample
title: {en: Sample}
locales: [en, es]
facts:
  stage: {type: choice, hold_until: told, values: [{I: [IA, IB]}, II]}
  edition: {type: choice, values: ["8", "9"]}
  operated_on: {type: date}
  sites: {type: set, values: [brain, bone]}
  smoking: {type: choice, values: [never, current]}
  own_words: {type: text, by: [patient]}
groups:
  staging: [stage, edition]
triggers:
  suspected: {by: [staff]}
  diagnosed: {by: [staff]}
  staged: {by: [staff], requires: [stage, edition]}
  treated: {by: [patient, staff]}
  operated: {by: [staff], requires: [operated_on]}
  asked: {by: [patient, staff]}
  told: {by: [staff]}
  patient_only: {by: [patient]}
ends:
  deceased: {by: [staff, family]}
entry:
  checking: {title: {en: Checking}, state: disease.checking}
  diagnosed: {title: {en: Diagnosed}, state: disease.known}
tracks:
  disease:
    title: {en: Disease}
    initial: checking
    states:
      checking:
        title: {en: Checking}
        on: {suspected: stay, diagnosed: known, staged: planned, treated: treatment}
        after: [{delay: P2W, to: overdue}]
      overdue:
        title: {en: Overdue}
        on: {diagnosed: known}
      known:
        title: {en: Known}
        hold_until: told
        on: {staged: planned, treated: treatment, operated: treatment}
      planned:
        title: {en: Planned}
        on: {treated: treatment, operated: treatment, diagnosed: stay}
      treatment:
        title: {en: Treatment}
        on: {treated: stay, operated: stay, staged: stay}
"""

MAPPING = """
journey: sample
told_after: P90D
death: deceased
systems:
  snomed: http://snomed.info/sct
enroll:
  suspicion: {entry: checking}
  diagnosis: {entry: diagnosed}
rules:
  suspicion:
    resource: Condition
    system: snomed
    codes: ["100"]
    verification: [provisional, confirmed]
    trigger: suspected
  diagnosis:
    resource: Condition
    system: snomed
    codes: ["200"]
    verification: [confirmed]
    trigger: diagnosed
  stage:
    resource: Condition
    system: snomed
    codes: ["301", "302"]
    trigger: staged
    facts:
      stage: {of_code: {"301": I, "302": II}}
      edition: declined
  session:
    resource: Procedure
    system: snomed
    codes: ["400"]
    status: [in-progress, completed]
    reason: {system: snomed, codes: ["200", "301", "302"]}
    trigger: treated
  operation:
    resource: Procedure
    system: snomed
    codes: ["500"]
    status: [completed]
    at: end
    trigger: operated
    facts:
      operated_on: {date: start}
      sites: [bone, brain]
  drug:
    resource: MedicationRequest
    system: snomed
    codes: ["600"]
    status: [active]
    category: {system: snomed, codes: ["610"]}
    trigger: treated
  smoking:
    resource: Observation
    system: snomed
    codes: ["700"]
    status: [final]
    trigger: asked
    facts:
      smoking: {of_value: {"701": never, "702": current}, system: snomed}
"""


@dataclass(frozen=True)
class Journey:
    """A release and a mapping of it."""

    release: Release
    mapping: FhirMapping


@lru_cache
def release() -> Release:
    journey, problems = read_journey(JOURNEY, "sample.yaml")
    assert journey is not None
    assert problems == []
    return make_release(journey)


@lru_cache
def mapping(text: str = MAPPING) -> FhirMapping:
    sample_mapping, problems = read_mapping(text.encode(), "sample.fhir.yaml", release().plan)
    assert problems == []
    assert sample_mapping is not None
    return sample_mapping


def made(journey: str, mapping_text: str) -> Journey:
    """Another journey with its mapping."""
    read_definition, problems = read_journey(journey.encode(), "sample.yaml")
    assert read_definition is not None, problems
    of_journey = make_release(read_definition)
    read_text, problems = read_mapping(mapping_text.encode(), "sample.fhir.yaml", of_journey.plan)
    assert read_text is not None, problems
    return Journey(of_journey, read_text)


# --- resources, in the shapes in which they occur -------------------------------------------------------------


def concept(*codes: str) -> dict[str, Any]:
    return {"coding": [{"system": SCT, "code": code, "display": "made up"} for code in codes], "text": "made up"}


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": PATIENT, "name": [{"family": "Secret"}]} | more


def condition(id: str, code: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": id,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": concept(code),
        "subject": {"reference": f"Patient/{PATIENT}"},
        "onsetDateTime": at,
        "recordedDate": at,
    } | more


def procedure(id: str, code: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Procedure",
        "id": id,
        "status": "completed",
        "code": concept(code),
        "subject": {"reference": f"urn:uuid:{PATIENT}"},
        "performedPeriod": {"start": start} | ({"end": end} if end else {}),
        "reasonReference": [{"reference": "Condition/d"}],
    } | more


def drug(id: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": concept("600"),
        "category": [concept("610")],
        "subject": {"reference": f"Patient/{PATIENT}"},
        "authoredOn": at,
    } | more


def observation(id: str, at: str, value: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": concept("700"),
        "subject": {"reference": f"Patient/{PATIENT}"},
        "effectiveDateTime": at,
        "valueCodeableConcept": concept(value),
    } | more


def bundle(*resources: Any, whose: dict[str, Any] | None = None) -> dict[str, Any]:
    entries = [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources]
    entries.insert(0, {"fullUrl": f"urn:uuid:{PATIENT}", "resource": whose or patient()})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


SUSPECTED = condition("s", "100", "2020-01-01T08:00:00Z")
DIAGNOSED = condition("d", "200", "2020-02-01T08:00:00+00:00")
STAGED = condition("st", "301", "2020-02-10")
SESSION = procedure("c1", "400", "2020-03-01T08:00:00+01:00")


def course(**patient_has: Any) -> dict[str, Any]:
    """A whole course, of resources that a test may change."""
    return copy.deepcopy(bundle(SUSPECTED, DIAGNOSED, STAGED, SESSION, whose=patient(**patient_has)))


class Reading:
    """What follows from one bundle, and what became of its entries."""

    def __init__(
        self,
        resource_bundle: dict[str, Any],
        record: PatientRecord | None = None,
        now: datetime = NOW,
        journey: "Journey | None" = None,
    ) -> None:
        journey = journey or Journey(release(), mapping())
        opened = open_bundle(resource_bundle, PATIENT)
        self.record = (record or PatientRecord(opened.patient_ref)).with_bundle(opened, journey.mapping, now)
        self.ingested: Ingested = events_of(
            self.record, journey.mapping, journey.release.plan, now=now, bundle=opened
        )  # fmt: skip
        self.counts: EntryCounts = count_entries(opened, self.record, self.ingested)
        self.reports = self.ingested.reports
        self.enrolling = self.ingested.enrolling
        self.language = self.ingested.language

    @property
    def counted(self) -> tuple[int, int, int, int]:
        """The entries read, mapped, unmapped and duplicates."""
        counts = self.counts
        return counts.read, counts.mapped, counts.unmapped, counts.duplicates

    @property
    def codes(self) -> dict[str, str]:
        """By resource the code that says what became of it."""
        return {verdict.name: verdict.code for verdict in self.counts.verdicts}


def read(resource_bundle: dict[str, Any], *, now: datetime = NOW) -> Reading:
    return Reading(resource_bundle, now=now)


class Log:
    """A record and the log of an enrollment that bundles are ingested into."""

    def __init__(self, journey: Journey | None = None) -> None:
        self.journey = journey or Journey(release(), mapping())
        self.plan = self.journey.release.plan
        self.arrivals: list[Arrival] = []
        self.record: PatientRecord | None = None

    def ingest(self, resource_bundle: dict[str, Any], *, now: datetime = NOW) -> tuple[int, int, int]:
        """How many events were new, gone and kept."""
        reading = Reading(resource_bundle, self.record, now, self.journey)
        ingested = reading.ingested
        self.record = from_storage(record_events(reading.record, ingested))
        joins = ingested.enrolling
        if not self.arrivals and joins is not None:
            joining = Joining(joins.entry, {}, REPORTER, "staff", joins.at, joins.day)
            self.arrivals.append(admit_entry(self.plan, "e", joining, now))
        if not self.arrivals:
            return 0, 0, 0
        changes = changes_of(ingested, self.arrivals)
        self.apply(changes, now)
        return len(changes.new), len(changes.retracted_ids), len(changes.standing)

    def apply(self, changes: Changes, now: datetime) -> None:
        plan = self.plan
        if changes.beginning is not None:
            joins, id = changes.beginning.enrolling, changes.beginning.id
            begun = admit_entry(
                plan, "e", Joining(joins.entry, {}, REPORTER, "staff", joins.at, joins.day), now
            )  # fmt: skip
            self.arrivals.append(replace(begun, id=id, uid=uid(id), replaces=changes.beginning.replaces))
        for new in changes.new:
            planned = new.planned
            report = Report(
                new.id,
                planned.type,
                REPORTER,
                "staff",
                planned.at,
                planned.day,
                0,
                planned.facts,
                planned.told,
                new.replaces,
            )
            self.arrivals.append(admit(plan, "e", report, now))
        for id in changes.retracted_ids:
            self.arrivals.append(Retraction(id, "entered_in_error", REPORTER, now))

    def retract(self, event: Event, reporter: str = "a nurse") -> None:
        self.arrivals.append(Retraction(event.uid, "wrong_patient", reporter, NOW))

    def report(self, trigger: str, day: datetime, reporter: str = "a nurse") -> None:
        """An event of a day that somebody else reports."""
        sent = Report(f"{reporter} {len(self.arrivals)}", trigger, reporter, "staff", day, day=True)
        self.arrivals.append(admit(self.plan, "e", sent, NOW))

    @property
    def events(self) -> Sequence[Event]:
        return [event for event in active_events(self.arrivals) if event.kind == "reported"]

    def ids(self) -> set[str]:
        """The ids of the active events."""
        return {event.id for event in self.events}

    def reported(self) -> list[tuple[str, str]]:
        """The active events, by time."""
        return sorted((event.at_text, event.type) for event in self.events)

    def fold(self) -> State:
        """The state, as if the patient had been enrolled once: a corrected beginning has another id."""
        of_journey = self.journey.release
        events = [
            replace(event, uid="begin") if event.kind == "enrolled" else event for event in active_events(self.arrivals)
        ]
        state, _ = refold({of_journey.id: of_journey}, of_journey.id, events, NOW)
        assert state is not None
        return state

    def state(self) -> bytes:
        """The canonical state."""
        return canonical(self.fold().to_stored())

    def leaf(self) -> str:
        return self.fold().tracks["disease"][-1].state


def from_storage(record: PatientRecord) -> PatientRecord:
    """The record after a round through its stored form."""
    sources = [
        ResourceHistory.from_stored(json.loads(json.dumps(source.to_stored()))) for source in record.sources.values()
    ]
    return replace(record, sources={source.name: source for source in sources})


def uid(id: str) -> str:
    return event_uid("e", REPORTER, id)
