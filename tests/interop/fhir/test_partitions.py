"""However a record is cut into bundles, in any order and with repeats, the state and the active events are the same."""

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from journeys.definition.reading import read_journey
from journeys.engine.machine import make_release
from journeys.interop.fhir import read_mapping
from service.operations.verify import verify_all
from tests.folders import ROOT
from tests.interop.fhir.place import Place
from tests.interop.fhir.sample import (
    DIAGNOSED,
    SESSION,
    STAGED,
    SUSPECTED,
    Journey,
    Log,
    bundle,
    concept,
    condition,
    drug,
    observation,
    patient,
    procedure,
)

Entry = dict[str, Any]
NAMES = ("Austin_Franecki", "Gilbert_Wunsch", "Renato_Dare")
IS_FULL = os.environ.get("JOURNEYS_TEST_FAULTS") == "full"
#: Of each bundle, so that the long run has a thousand; and of each in a database.
PARTITIONS, STORED_PARTITIONS = (334, 20) if IS_FULL else (30, 1)
LUNG_CANCER = (ROOT / "definitions" / "nsclc.fhir.yaml").read_text()
#: The shipped diabetes journey has no mapping; this one is for the sample bundle only.
DIABETES = """
journey: diabetes
told_after: P90D
death: deceased
systems: {snomed: http://snomed.info/sct, loinc: http://loinc.org, rxnorm: http://www.nlm.nih.gov/research/umls/rxnorm}
enroll:
  diagnosis: {entry: just_told}
rules:
  diagnosis: {resource: Condition, system: snomed, codes: ["44054006"], trigger: diagnosis_confirmed}
  a1c:
    resource: Observation
    system: loinc
    codes: ["4548-4"]
    status: [final]
    trigger: a1c_done
    facts: {last_a1c_on: {date: start}}
  metformin:
    resource: MedicationRequest
    system: rxnorm
    codes: ["860975"]
    status: [active]
    reason: {system: snomed, codes: ["44054006"]}
    trigger: treatment_changed
    facts: {treatment_kind: tablets}
"""


@lru_cache
def shipped(name: str) -> Journey:
    """The shipped journey of the patient of a sample bundle."""
    key, text = ("diabetes", DIABETES) if name == "Renato_Dare" else ("nsclc", LUNG_CANCER)
    journey, _ = read_journey((ROOT / "definitions" / f"{key}.yaml").read_bytes(), f"{key}.yaml")
    assert journey is not None
    release = make_release(journey)
    mapping, problems = read_mapping(text.encode(), f"{key}.fhir.yaml", release.plan)
    assert mapping is not None, problems
    return Journey(release, mapping)


def ingest_all(pieces: list[list[Entry]], journey: Journey | None = None) -> Log:
    log = Log(journey)
    for entries in pieces:
        log.ingest({"resourceType": "Bundle", "entry": entries})
    return log


def partition(entries: list[Entry], chance: random.Random, most: int) -> list[list[Entry]]:
    """The entries shuffled, some of them repeated, in a random number of bundles."""
    shuffled = entries + chance.sample(entries, chance.randrange(len(entries) // 4 + 1))
    chance.shuffle(shuffled)
    cuts = sorted(chance.sample(range(1, len(shuffled)), chance.randrange(min(most, len(shuffled) - 1))))
    return [shuffled[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]


def assert_equal(cut: Log, complete: Log) -> None:
    assert cut.ids() == complete.ids()
    assert cut.reported() == complete.reported()
    assert cut.state() == complete.state()


def course() -> list[Entry]:
    """A course with references of every kind, twins, versions, errors, deletions and a death."""
    at = {"meta": {"versionId": "1", "lastUpdated": "2020-01-01T00:00:00Z"}}
    newer = {"meta": {"versionId": "2", "lastUpdated": "2020-06-01T00:00:00Z"}}
    in_error = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    medication = {"resourceType": "Medication", "id": "m", "code": concept("600")}
    referring = {**drug("m2", "2020-03-07"), "medicationReference": {"reference": "Medication/m"}}
    del referring["medicationCodeableConcept"]
    resources = [
        *(SUSPECTED, DIAGNOSED, STAGED, SESSION, medication, referring, drug("m1", "2020-03-05")),
        *(SESSION | {"id": "twin"}, SESSION | {"id": "later", "performedPeriod": {"start": "2020-04-01"}}),
        SESSION | {"id": "other", "reasonReference": [{"reference": "Condition/o"}]},
        *(condition("o", "999", "2019-01-01"), observation("w", "2020-01-01", "702", **at)),
        *(observation("w", "2020-01-01", "701", **newer), procedure("p", "500", "2020-04-01", "2020-04-02", **at)),
        *(procedure("p", "500", "2020-04-01", "2020-04-03", **newer), condition("e", "302", "2020-05-01", **at)),
        *(
            condition("e", "302", "2020-05-01", **newer) | in_error,
            procedure("x", "500", "2020-08-01", "2020-08-01", **at),
        ),
        condition("u", "301", "2020-02-20", **at),
        condition("u", "301", "soon", **newer),
    ]
    sent = bundle(*resources, whose=patient(deceasedDateTime="2021-01-01"))["entry"]
    request = {"method": "DELETE", "url": "Procedure/x"}
    return [*sent, {"request": request, "response": {"lastModified": "2020-09-01T00:00:00Z"}}]


@pytest.mark.parametrize("seed", range(20))
def test_a_course_in_random_bundles_ends_as_the_complete_bundle(seed: int):
    entries, chance = course(), random.Random(seed)
    assert_equal(ingest_all(partition(entries, chance, 25)), ingest_all([entries]))


def test_one_bundle_for_each_entry_forwards_and_backwards():
    entries = course()
    complete = ingest_all([entries])
    assert len(complete.events) == 11
    assert_equal(ingest_all([[entry] for entry in entries]), complete)
    assert_equal(ingest_all([[entry] for entry in reversed(entries)]), complete)


# --- the bundles that nobody on this project wrote -------------------------------------------------------------


@pytest.fixture(scope="module")
def entries_of(shared_data: Path) -> Callable[[str], list[Entry]]:
    return lambda name: json.loads(next((shared_data / "fhir").glob(f"{name}_*.json")).read_bytes())["entry"]


def by_type(entries: list[Entry]) -> Iterator[list[Entry]]:
    for kind in sorted({entry["resource"]["resourceType"] for entry in entries}):
        yield [entry for entry in entries if entry["resource"]["resourceType"] == kind]


@pytest.mark.long
def test_a_sample_bundle_by_type_page_and_chance(entries_of: Callable[[str], list[Entry]]):
    entries, chance = entries_of(NAMES[1]), random.Random(7)
    complete = ingest_all([entries], shipped(NAMES[1]))
    assert len(complete.events) > 100
    pages = [entries[begin : begin + 50] for begin in range(0, len(entries), 50)]
    for pieces in ([*by_type(entries)], [*by_type(entries)][::-1], pages[::-1]):
        assert_equal(ingest_all(pieces, shipped(NAMES[1])), complete)
    for _ in range(3):
        assert_equal(ingest_all(partition(entries, chance, 12), shipped(NAMES[1])), complete)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_many_partitions_of_each_sample_bundle(name: str, entries_of: Callable[[str], list[Entry]]):
    entries, chance = entries_of(name), random.Random(f"long {name}")
    complete = ingest_all([entries], shipped(name))
    assert len(complete.events) >= 7
    for _ in range(PARTITIONS):
        assert_equal(ingest_all(partition(entries, chance, 20), shipped(name)), complete)


def stored_ending(clinic: Place, pieces: list[list[Entry]]) -> tuple[bytes, list[str]]:
    """The state and the ids of the active events after some bundles, in a database that agrees with its log."""
    enrollments = {clinic.ingest({"resourceType": "Bundle", "entry": piece}).enrollment for piece in pieces}
    (enrollment,) = enrollments - {None}
    assert list(verify_all(clinic.service)) == []
    state = re.sub(rb"enrolled/[0-9]+", b"enrolled", clinic.state(str(enrollment)))  # a corrected beginning
    return state, [event.id for event in clinic.events(str(enrollment))]


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES[:2])
def test_partitions_of_a_sample_bundle_end_alike_in_a_database_that_verifies(
    clinic: Place, name: str, entries_of: Callable[[str], list[Entry]]
):
    text, chance = json.dumps(entries_of(name)), random.Random(f"stored {name}")
    id = next(entry["resource"]["id"] for entry in json.loads(text) if entry["resource"]["resourceType"] == "Patient")
    complete = stored_ending(clinic, [json.loads(text)])
    for number in range(STORED_PARTITIONS):
        entries = json.loads(text.replace(id, f"patient-{number}"))
        assert stored_ending(clinic, partition(entries, chance, 20)) == complete
