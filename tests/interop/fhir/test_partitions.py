"""However a record is cut into bundles, in any order and with repeats, the state and the active events are the same."""

import json
import os
import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from journeys.definition.reading import read_journey
from journeys.engine.machine import make_release
from journeys.interop.fhir import read_mapping
from tests.folders import ROOT
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
NAMES = ("Austin_Franecki", "Gilbert_Wunsch")
#: Of each bundle; 500 in `make faults`.
PARTITIONS = 500 if os.environ.get("JOURNEYS_TEST_FAULTS") == "full" else 40


@lru_cache
def lung_cancer() -> Journey:
    journey, _ = read_journey((ROOT / "definitions" / "nsclc.yaml").read_bytes(), "nsclc.yaml")
    assert journey is not None
    release = make_release(journey)
    mapping, problems = read_mapping(
        (ROOT / "definitions" / "nsclc.fhir.yaml").read_bytes(), "nsclc.fhir.yaml", release.plan
    )
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
    complete = ingest_all([entries], lung_cancer())
    assert len(complete.events) > 100
    pages = [entries[begin : begin + 50] for begin in range(0, len(entries), 50)]
    for pieces in ([*by_type(entries)], [*by_type(entries)][::-1], pages[::-1]):
        assert_equal(ingest_all(pieces, lung_cancer()), complete)
    for _ in range(3):
        assert_equal(ingest_all(partition(entries, chance, 12), lung_cancer()), complete)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_many_partitions_of_each_sample_bundle(name: str, entries_of: Callable[[str], list[Entry]]):
    entries, chance = entries_of(name), random.Random(f"long {name}")
    complete = ingest_all([entries], lung_cancer())
    for _ in range(PARTITIONS):
        assert_equal(ingest_all(partition(entries, chance, 20), lung_cancer()), complete)
