"""A small journey, its mapping, and bundles made up for one test."""

import copy
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from journeys.definition.reading import read_journey
from journeys.engine import Arrival, Event, Joining, Report, Retraction, active_events, admit, admit_entry, refold
from journeys.engine.machine import Release, make_release
from journeys.interop.fhir import REPORTER, FhirMapping, Ingested, changes_of, events_of, read_mapping
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


def read(resource_bundle: dict[str, Any], *, now: datetime = NOW) -> Ingested:
    return events_of(resource_bundle, mapping(), release().plan, now=now)


class Log:
    """An enrollment's log that bundles are ingested into."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []

    def ingest(self, resource_bundle: dict[str, Any], *, now: datetime = NOW) -> tuple[int, int, int]:
        """How many events were new, gone and kept."""
        ingested = read(resource_bundle, now=now)
        plan = release().plan
        if not self.arrivals and ingested.enrolling is not None:
            joins = ingested.enrolling
            self.arrivals.append(
                admit_entry(
                    plan, "e", Joining(joins.entry, {}, REPORTER, "staff", joins.at, joins.day), now
                )
            )  # fmt: skip
        changes = changes_of(ingested, self.arrivals)
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
        for uid in changes.retracted_ids:
            self.arrivals.append(Retraction(uid, "entered_in_error", REPORTER, now))
        return len(changes.new), len(changes.retracted_ids), len(changes.standing_ids)

    def retract(self, event: Event, reporter: str = "a nurse") -> None:
        self.arrivals.append(Retraction(event.uid, "wrong_patient", reporter, NOW))

    @property
    def events(self) -> Sequence[Event]:
        return [event for event in active_events(self.arrivals) if event.kind == "reported"]

    def reported(self) -> list[tuple[str, str]]:
        """The active events, by time."""
        return sorted((event.at_text, event.type) for event in self.events)

    def state(self) -> bytes:
        """The canonical state."""
        enrollment, _ = refold({release().id: release()}, release().id, active_events(self.arrivals), NOW)
        assert enrollment is not None
        return canonical(enrollment.to_stored())

    def leaf(self) -> str:
        enrollment, _ = refold({release().id: release()}, release().id, active_events(self.arrivals), NOW)
        assert enrollment is not None
        return enrollment.tracks["disease"][-1].state


def uid(id: str) -> str:
    return event_uid("e", REPORTER, id)
