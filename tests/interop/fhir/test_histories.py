"""Bundles of every type: what a history answers orders versions, and references find their target by every address."""

import itertools
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from journeys.interop.fhir.bundle import open_bundle
from tests.interop.fhir.sample import DIAGNOSED, SESSION, SUSPECTED, Log, bundle, concept, drug, observation, read
from tests.interop.fhir.test_record import IN_ERROR, deletion, ingested, treated

BASE = "https://clinic.example/fhir"


def answered(number: int, resource: dict[str, Any] | None, *, response: bool = True) -> dict[str, Any]:
    """An entry of a history; None deletes `MedicationRequest/m`. The resource itself says nothing of its version."""
    url = f"{BASE}/MedicationRequest/m"
    entry: dict[str, Any] = {"fullUrl": url, "request": {"method": "PUT" if resource else "DELETE", "url": url}}
    if response:
        entry["response"] = {"lastModified": f"2020-10-0{number}T00:00:00Z", "etag": f'W/"{number}"'}
    return entry | ({"resource": resource} if resource else {})


def sent(*entries: dict[str, Any], kind: str = "history") -> dict[str, Any]:
    return bundle(SUSPECTED) | {"type": kind, "entry": [*bundle(SUSPECTED)["entry"], *entries]}


HISTORY = [answered(number, drug("m", f"2020-05-0{number}")) for number in (1, 2, 3)]


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_the_answer_of_a_history_orders_versions_that_say_nothing_of_it(order: tuple[int, ...]):
    entries = [HISTORY[index] for index in order]
    assert treated(ingested(sent(*entries))) == ["2020-05-03"]
    assert treated(ingested(*(sent(entry) for entry in entries))) == ["2020-05-03"]


@pytest.mark.parametrize("order", [*itertools.permutations(range(4))])
def test_a_deletion_in_a_history_counts_at_its_place(order: tuple[int, ...]):
    entries = [*HISTORY[:2], answered(3, None), answered(4, drug("m", "2020-05-09"))]
    assert treated(ingested(sent(*(entries[index] for index in order)))) == ["2020-05-09"]
    assert treated(ingested(*(sent(entries[index]) for index in order if index < 3))) == []


@pytest.mark.parametrize("response", [None, 5, {"etag": 5}, {"etag": 'W/"x"', "lastModified": "soon"}])
def test_an_answer_that_cannot_be_read_says_nothing(response: object):
    assert read(sent(HISTORY[0] | {"response": response})).codes["MedicationRequest/m"] == "reported"


def test_a_version_says_itself_when_it_was_updated():
    old = answered(9, drug("m", "2020-05-01", meta={"versionId": "1", "lastUpdated": "2020-10-01T00:00:00Z"}))
    new = answered(1, drug("m", "2020-05-02", meta={"versionId": "2", "lastUpdated": "2020-10-02T00:00:00Z"}))
    assert treated(ingested(sent(new, old))) == ["2020-05-02"]


@pytest.mark.parametrize("url", [f"{BASE}/MedicationRequest/m", "MedicationRequest?identifier=urn:a|5", None])
def test_a_deletion_with_the_resource_in_it_deletes(url: str | None):
    entry = {"request": {"method": "DELETE", "url": url}, "resource": drug("m", "2020-05-01")}
    assert treated(ingested(bundle(SUSPECTED, drug("m", "2020-05-01")), sent(entry))) == []


@pytest.mark.parametrize(
    "kind", ["transaction", "batch", "collection", "history", "searchset", "message", "document", 5]
)
def test_the_type_of_a_bundle_decides_nothing(kind: object):
    header = {"resourceType": "MessageHeader", "focus": [{"reference": "Patient/p-1"}]}
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    entries = [{"resource": header}, {"resource": outcome, "search": {"mode": "outcome"}}, {"resource": DIAGNOSED}]
    log = ingested(sent(*entries) | {"type": kind})
    assert [trigger for _, trigger in log.reported()] == ["suspected", "diagnosed"]


# --- addresses -------------------------------------------------------------------------------------------------

WITHOUT_ID = {key: value for key, value in DIAGNOSED.items() if key != "id"}
REASON = {"identifier": [{"system": "urn:clinic", "value": "7"}]}


@pytest.mark.parametrize(
    ("entry", "reference"),
    [
        ({"fullUrl": "urn:uuid:11", "resource": WITHOUT_ID}, "urn:uuid:11"),
        ({"fullUrl": "urn:uuid:11", "resource": DIAGNOSED}, "urn:uuid:11"),
        ({"fullUrl": "urn:uuid:11", "resource": DIAGNOSED}, "Condition/d"),
        ({"fullUrl": f"{BASE}/Condition/d", "resource": WITHOUT_ID}, f"{BASE}/Condition/d"),
        ({"fullUrl": f"{BASE}/Condition/d/_history/2", "resource": WITHOUT_ID}, "Condition/d"),
        ({"fullUrl": f"{BASE}/Condition/d", "resource": DIAGNOSED}, f"{BASE}/Condition/d/_history/4"),
        ({"resource": WITHOUT_ID | REASON}, "Condition?identifier=urn:clinic|7"),
        ({"resource": WITHOUT_ID | REASON}, f"{BASE}/Condition?identifier=urn%3Aclinic%7C7"),
    ],
)
def test_a_reason_is_resolved_by_every_address_also_in_another_bundle(entry: dict[str, Any], reference: str):
    session = {"resource": SESSION | {"reasonReference": [{"reference": reference}]}}
    for pieces in ([[entry, session]], [[entry], [session]], [[session], [entry]]):
        assert len(treated(ingested(*(sent(*piece) for piece in pieces)))) == 1


@pytest.mark.parametrize("kind", [{}, {"type": "Condition"}])
def test_a_reason_is_resolved_by_an_identifier(kind: dict[str, str]):
    reason = {"identifier": {"system": "urn:clinic", "value": "7"}} | kind
    session = SESSION | {"reasonReference": [reason]}
    assert read(bundle(SUSPECTED, session)).codes["Procedure/c1"] == "reason_unresolved"
    assert len(treated(ingested(bundle(SUSPECTED, session), bundle(DIAGNOSED | REASON)))) == 1
    other = bundle(SUSPECTED, session, observation("d", "2020-01-01", "701", **REASON, code=concept("999")))
    assert treated(ingested(other)) == []


def test_an_identifier_of_several_resources_resolves_nothing():
    session = SESSION | {"reasonReference": [{"reference": "Condition?identifier=urn:clinic|7"}]}
    twins = bundle(
        SUSPECTED, session, DIAGNOSED | REASON, DIAGNOSED | REASON | {"id": "d2", "onsetDateTime": "2020-02-03"}
    )
    assert read(twins).codes["Procedure/c1"] == "reason_unresolved"


def test_an_identifier_is_only_a_digest_in_the_record():
    session = SESSION | {"reasonReference": [{"reference": "Condition?identifier=urn:clinic|Secret"}]}
    logical = SESSION | {"id": "c2", "reasonReference": [{"identifier": {"system": "urn:clinic", "value": "Secret"}}]}
    assert "ecret" not in repr(read(bundle(SUSPECTED, session, logical)).record)


@pytest.mark.parametrize(
    "subject",
    [
        {"identifier": {"system": "urn:mrn", "value": "5"}},
        {"reference": "Patient?identifier=urn:mrn|5"},
        {"reference": "Patient/other"},
        {"display": "the patient"},
    ],
)
def test_a_subject_that_is_not_a_reference_to_the_patient_is_explained(subject: dict[str, Any]):
    assert read(bundle(SUSPECTED | {"subject": subject})).codes["Condition/s"] == "another_patient"


def test_resources_of_another_patient_change_nothing():
    other = DIAGNOSED | {"id": "d2", "subject": {"reference": "Patient/p-2"}}
    for sources in ([bundle(SUSPECTED, other)], [bundle(SUSPECTED), bundle(other)], [bundle(other), bundle(SUSPECTED)]):
        assert [trigger for _, trigger in ingested(*sources).reported()] == ["suspected"]


# --- results ---------------------------------------------------------------------------------------------------

RESULTS = [
    observation("w", "2020-01-05", "701", status="preliminary"),
    observation("w", "2020-01-05", "702", status="final"),
    observation("w", "2020-01-05", "701", status="final"),  # corrected
]


def smoking(log: Log) -> list[object]:
    return [event.facts["smoking"] for event in log.events if event.type == "asked"]


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
@pytest.mark.parametrize("last", [{}, {"status": "cancelled"}, {"status": "entered-in-error"}])
def test_a_result_that_was_corrected_is_the_last_in_any_order(order: tuple[int, ...], last: dict[str, Any]):
    versions = [result | {"meta": {"versionId": str(number)}} for number, result in enumerate(RESULTS)]
    versions[2] |= last
    log = ingested(bundle(SUSPECTED), *(bundle(versions[index]) for index in order))
    assert smoking(log) == ([] if last else ["never"])
    assert smoking(ingested(bundle(SUSPECTED, *(versions[index] for index in order)))) == smoking(log)


def test_a_refuted_reason_reports_nothing_and_still_is_a_reason():
    """A treatment that took place did so; its own resource says whether it was an error."""
    log = ingested(bundle(SUSPECTED, DIAGNOSED, SESSION), bundle(DIAGNOSED | IN_ERROR))
    assert [trigger for _, trigger in log.reported()] == ["suspected", "treated"]


def test_the_patient_in_the_deletions_of_a_history_is_named_by_the_caller():
    deletions = {"resourceType": "Bundle", "type": "history", "entry": [deletion("Condition/d")]}
    assert open_bundle(deletions, "p-1").patient_ref == "p-1"


# --- time ------------------------------------------------------------------------------------------------------


def contained_reasons(count: int) -> list[dict[str, Any]]:
    contained = [{"resourceType": "Condition", "id": f"x{number}"} for number in range(count)]
    return [SESSION | {"contained": contained, "reasonReference": [{"reference": f"#x{n}"} for n in range(count)]}]


def ambiguous_reasons(count: int) -> list[dict[str, Any]]:
    reason = {"reasonReference": [{"reference": "Condition?identifier=urn:clinic|7"}]}
    reasons = [DIAGNOSED | REASON | {"id": f"r{number}"} for number in range(count // 8)]
    return [*reasons, *(SESSION | reason | {"id": f"s{number}"} for number in range(count // 8))]


def versions(count: int) -> list[dict[str, Any]]:
    return [drug("m", f"20{10 + n % 10}-05-01", meta={"versionId": str(n)}) for n in range(count // 8)]


@pytest.mark.long
@pytest.mark.parametrize("resources", [contained_reasons, ambiguous_reasons, versions])
def test_time_is_in_proportion_to_the_resources(resources: Callable[[int], list[dict[str, Any]]]):
    def seconds(count: int) -> float:
        sent = bundle(SUSPECTED, *resources(count))
        begin = process_time()
        ingested(sent)
        return process_time() - begin

    seconds(500)
    short, long = min(seconds(500) for _ in range(3)), min(seconds(8_000) for _ in range(2))
    assert long < 60 * short, (short, long)  # 16 times as many; quadratic would be 256
