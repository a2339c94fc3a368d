"""What is kept of a record: the same resource under another id, versions, deletions, references, sets and aliases."""

import copy
from typing import Any

import pytest

from tests.interop.fhir.sample import (
    DIAGNOSED,
    JOURNEY,
    MAPPING,
    SESSION,
    STAGED,
    SUSPECTED,
    Journey,
    Log,
    bundle,
    concept,
    condition,
    course,
    drug,
    made,
    observation,
    patient,
    procedure,
    read,
)

IN_ERROR = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
DRUG = {key: value for key, value in drug("x", "2020-05-01").items() if key != "id"}


def export(resource: dict[str, Any], uuid: str | None, **more: Any) -> dict[str, Any]:
    """A bundle in which a resource without an id has a `urn:uuid` of this export, or nothing."""
    sent = copy.deepcopy(bundle(SUSPECTED))
    entry = {"resource": {key: value for key, value in resource.items() if key != "id"} | more}
    sent["entry"].append(entry | ({"fullUrl": f"urn:uuid:{uuid}"} if uuid is not None else {}))
    return sent


def deletion(name: str, at: str | None = None) -> dict[str, Any]:
    response = {"response": {"lastModified": at}} if at is not None else {}
    return {"request": {"method": "DELETE", "url": name}} | response


def version(number: int, **resource: Any) -> dict[str, Any]:
    return resource | {"meta": {"versionId": str(number), "lastUpdated": f"2020-10-0{number}T00:00:00Z"}}


def ingested(*bundles: dict[str, Any], journey: Journey | None = None) -> Log:
    log = Log(journey)
    for sent in bundles:
        log.ingest(sent)
    return log


def treated(log: Log) -> list[str]:
    return [at for at, trigger in log.reported() if trigger == "treated"]


# --- the same resource under another id (case 13) --------------------------------------------------------------


@pytest.mark.parametrize("uuids", [("1", "2"), ("1", None), (None, "2"), (None, None)])
def test_the_same_content_under_a_new_uuid_is_reported_once(uuids: tuple[str | None, str | None]):
    log = ingested(*(export(DRUG, uuid) for uuid in uuids))
    assert treated(log) == ["2020-05-01"]


def test_an_identifier_tells_that_an_amended_resource_is_the_same():
    named = DRUG | {"identifier": [{"system": "urn:clinic", "value": "7"}]}
    log = ingested(export(named, "1"), export(named, "2", authoredOn="2020-05-02"))
    assert treated(log) == ["2020-05-02"]
    assert [event.replaces is not None for event in log.events if event.type == "treated"] == [True]


def test_an_identifier_recognizes_a_resource_that_comes_under_a_new_id():
    first = drug("a1", "2020-05-01", identifier=[{"system": "urn:clinic", "value": "7"}])
    log = ingested(bundle(SUSPECTED, first), bundle(first | {"id": "b2", "authoredOn": "2020-05-02"}))
    assert treated(log) == ["2020-05-02"]


def test_an_identifier_that_several_resources_have_tells_nothing():
    order = {"identifier": [{"system": "urn:clinic", "value": "order"}]}
    sessions = [drug(f"m{number}", f"2020-05-0{number}", **order) for number in (1, 2, 3)]
    assert len(treated(ingested(bundle(SUSPECTED, *sessions)))) == 3


def test_an_identifier_of_another_type_or_system_tells_nothing():
    log = ingested(
        export(DRUG, "1", identifier=[{"system": "urn:a", "value": "7"}]),
        export(DRUG, "2", identifier=[{"system": "urn:b", "value": "7"}], authoredOn="2020-05-02"),
    )
    assert len(treated(log)) == 2


@pytest.mark.parametrize("id", ["a_b", "x" * 65, "Ω", "a/b"])
def test_an_id_that_fhir_does_not_accept_is_stable_all_the_same(id: str):
    log = ingested(bundle(SUSPECTED, drug(id, "2020-05-01")), bundle(drug(id, "2020-05-02")))
    assert treated(log) == ["2020-05-02"]
    diagnosed = condition(id, "200", "2020-02-01")
    session = SESSION | {"reasonReference": [{"reference": f"Condition/{id}"}]}
    is_resolvable = "/" not in id
    assert bool(treated(ingested(bundle(SUSPECTED, session), bundle(diagnosed)))) is is_resolvable


def test_an_older_version_does_not_win_by_arriving_later():
    old, new = version(1, **drug("m", "2020-05-01")), version(2, **drug("m", "2020-05-02"))
    for sent in ([old, new], [new, old], [new, old, new], [old, new, old]):
        log = ingested(bundle(SUSPECTED), *map(bundle, sent))
        assert treated(log) == ["2020-05-02"]


def test_a_version_number_alone_orders_versions():
    old = drug("m", "2020-05-01", meta={"versionId": "9"})
    new = drug("m", "2020-05-02", meta={"versionId": "10"})
    assert treated(ingested(bundle(SUSPECTED), bundle(new), bundle(old))) == ["2020-05-02"]


def test_a_new_version_that_no_rule_fits_arrives_before_the_old():
    old, new = version(1, **drug("m", "2020-05-01")), version(2, **drug("m", "2020-05-01"))
    new["medicationCodeableConcept"] = concept("999")
    assert treated(ingested(bundle(SUSPECTED), bundle(new), bundle(old))) == []


def test_a_resource_that_gets_the_code_of_a_rule_later_is_amended():
    recorded = {"recordedDate": "2020-02-01"}
    log = ingested(bundle(SUSPECTED, condition("d", "999", "2020-02-01", **recorded)))
    log.ingest(bundle(condition("d", "200", "2020-02-01", **recorded)))
    assert [event.told for event in log.events] == [True, False]


SUBSETTED = {"meta": {"tag": [{"code": "SUBSETTED"}]}}


@pytest.mark.parametrize("left_out", ["code", "subject", "onsetDateTime", "verificationStatus", "meta"])
def test_what_a_server_left_out_takes_nothing_back(left_out: str):
    part = {key: value for key, value in (DIAGNOSED | SUBSETTED).items() if key != left_out}
    log = ingested(course(), bundle(part))
    assert len(log.events) == 4
    assert log.ingest(course()) == (0, 0, 4)


def test_an_incomplete_version_that_is_in_error_takes_back():
    assert len(ingested(course(), bundle(DIAGNOSED | SUBSETTED | IN_ERROR)).events) == 3
    refuted = {"verificationStatus": {"coding": [{"code": "refuted"}]}}
    assert len(ingested(course(), bundle(DIAGNOSED | refuted)).events) == 3


# --- deletions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["MedicationRequest/m", "https://clinic.example/fhir/MedicationRequest/m", "MedicationRequest/m/_history/3"]
)
def test_a_deletion_retracts(name: str):
    sent = bundle(SUSPECTED, drug("m", "2020-05-01"))
    gone = bundle()
    gone["entry"].append(deletion(name))
    log = ingested(sent, gone)
    assert treated(log) == []
    assert log.ingest(gone) == (0, 0, 1)
    assert treated(ingested(sent, gone, sent)) == ["2020-05-01"]  # it was made again


def test_a_history_says_when_a_resource_was_deleted():
    first, again = version(1, **drug("m", "2020-05-01")), version(5, **drug("m", "2020-05-03"))
    deleted = deletion("MedicationRequest/m", "2020-10-03T00:00:00Z")
    for order in ([first, deleted], [deleted, first]):
        sent = bundle(SUSPECTED)
        sent["entry"] += [item if "request" in item else {"resource": item} for item in order]
        assert treated(ingested(sent)) == []
        assert treated(ingested(sent, bundle(again))) == ["2020-05-03"]
        assert treated(ingested(bundle(SUSPECTED, again), sent)) == ["2020-05-03"]


def test_a_deletion_without_a_time_comes_after_dated_versions():
    sent = bundle(SUSPECTED, version(1, **drug("m", "2020-05-01")))
    sent["entry"].append(deletion("MedicationRequest/m"))
    assert treated(ingested(sent)) == []


def test_a_deleted_reason_is_a_reason_no_more():
    gone = bundle()
    gone["entry"].append(deletion("Condition/d"))
    log = ingested(course(), gone)
    assert [trigger for _, trigger in log.reported()] == ["suspected", "staged"]


def test_a_deleted_patient_stays_dead():
    gone = bundle(SUSPECTED)
    gone["entry"][0] = deletion("Patient/p-1")
    log = ingested(course(deceasedDateTime="2021-01-01"), gone)
    assert ("2021-01-01", "deceased") in log.reported()


@pytest.mark.parametrize(
    "asks", [None, 5, {"method": "DELETE"}, {"method": "DELETE", "url": 5}, {"method": "GET", "url": "Condition/d"},
                {"method": "DELETE", "url": "Condition?code=5"}, {"method": "DELETE", "url": "/" * 100_000}],
)  # fmt: skip
def test_an_entry_that_asks_for_anything_else_deletes_nothing(asks: object):
    sent = course()
    sent["entry"].append({"request": asks})
    assert read(sent).counts.unmapped == 2
    assert len(ingested(course(), sent).events) == 4


# --- references ------------------------------------------------------------------------------------------------


def test_what_cannot_be_resolved_is_tried_again_and_says_so():
    log, session = Log(), read(bundle(SUSPECTED, SESSION))
    assert session.codes["Procedure/c1"] == "reason_unresolved"
    log.ingest(bundle(SUSPECTED, SESSION))
    assert treated(log) == []
    log.ingest(bundle(DIAGNOSED))
    assert len(treated(log)) == 1


def test_a_medication_may_arrive_later():
    referring = drug("m", "2020-05-01", medicationReference={"reference": "Medication/x"})
    del referring["medicationCodeableConcept"]
    medication = {"resourceType": "Medication", "id": "x", "code": concept("600")}
    assert read(bundle(SUSPECTED, referring)).codes["MedicationRequest/m"] == "code_unresolved"
    assert treated(ingested(bundle(SUSPECTED, referring), bundle(medication))) == ["2020-05-01"]


def test_a_reason_that_arrived_and_is_another_is_said():
    other = condition("d", "999", "2020-01-01")
    assert read(bundle(SUSPECTED, other, SESSION)).codes["Procedure/c1"] == "another_reason"


def test_a_bundle_without_the_patient_belongs_to_whom_its_resources_name():
    alone = bundle(SUSPECTED, DIAGNOSED)
    del alone["entry"][0]
    log = Log()
    log.ingest(alone)
    assert log.arrivals == []  # without the Patient nobody joins: death and language are not known
    log.ingest(bundle(whose=patient(deceasedDateTime="2020-02-02")))
    assert [trigger for _, trigger in log.reported()] == ["suspected", "diagnosed", "deceased"]


# --- values ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        {"valueCodeableConcept": concept("999")},
        {"valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "701"}]}},
        {"valueCodeableConcept": None, "valueString": "never"},
        {"valueCodeableConcept": None, "valueQuantity": {"value": 5}},
    ],
)
def test_a_value_outside_the_table_no_longer_fits(value: dict[str, Any]):
    log = ingested(bundle(SUSPECTED, observation("w", "2020-01-01", "701")))
    assert log.ingest(bundle(observation("w", "2020-01-01", "701", **value))) == (0, 1, 1)


@pytest.mark.parametrize("value", [None, 5, "text", {}, {"coding": 5}, {"text": "never"}])
def test_a_value_that_cannot_be_read_takes_nothing_back(value: object):
    log = ingested(bundle(SUSPECTED, observation("w", "2020-01-01", "701")))
    unreadable = bundle(observation("w", "2020-01-01", "701", valueCodeableConcept=value))
    assert read(unreadable).codes["Observation/w"] == "value_unreadable"
    assert log.ingest(unreadable) == (0, 0, 2)


SITES = """  sites:
    resource: Observation
    system: snomed
    codes: ["800"]
    status: [final]
    trigger: asked
    facts:
      sites: {of_value: {"801": [brain], "802": [bone], "803": []}, system: snomed}
"""


def finding(id: str, at: str, *values: str, **more: Any) -> dict[str, Any]:
    return observation(id, at, "", code=concept("800"), valueCodeableConcept=concept(*values)) | more


def sites(*bundles: dict[str, Any]) -> list[object]:
    log = ingested(*bundles, journey=made(JOURNEY.decode(), MAPPING + SITES))
    return [event.facts["sites"] for event in sorted(log.events, key=lambda event: event.at) if "sites" in event.facts]


BRAIN, BONE = finding("a", "2020-03-01", "801"), finding("b", "2020-03-02", "802")


def test_two_findings_of_one_set_add_up_in_any_order():
    for sent in ([bundle(SUSPECTED, BRAIN, BONE)], [bundle(SUSPECTED, BONE), bundle(BRAIN)]):
        assert sites(*sent) == [["brain"], ["bone", "brain"]]


def test_findings_of_one_time_and_of_one_resource_add_up():
    assert sites(bundle(SUSPECTED, BRAIN, BONE | {"effectiveDateTime": "2020-03-01"})) == [["bone", "brain"]]
    assert sites(bundle(SUSPECTED, finding("a", "2020-03-01", "801", "802"))) == [["bone", "brain"]]


def test_a_finding_in_error_is_taken_out_again():
    wrong = BRAIN | {"status": "entered-in-error"}
    assert sites(bundle(SUSPECTED, BRAIN, BONE), bundle(wrong)) == [["bone"]]


def test_an_empty_finding_begins_anew():
    nothing, later = finding("n", "2020-03-03", "803"), finding("l", "2020-03-04", "802")
    assert sites(bundle(SUSPECTED, BRAIN, nothing, later)) == [["brain"], [], ["bone"]]


def test_findings_of_different_rules_add_up():
    surgery = procedure("o", "500", "2020-04-01", "2020-04-01", reasonReference=None)
    assert sites(bundle(SUSPECTED, BRAIN, surgery)) == [["brain"], ["bone", "brain"]]


def test_of_other_resources_only_the_name_is_kept():
    other = condition("z", "999", "2020-01-01", note=[{"text": "Secret"}])
    goal = {"resourceType": "Goal", "id": "g", "subject": {"reference": "Patient/p-1"}}
    reading = read(bundle(STAGED | {"note": [{"text": "Secret"}]}, other, goal))
    assert set(reading.record.sources) == {"Patient/p-1", "Condition/st", "Condition/z"}
    assert reading.record.sources["Condition/z"].versions[0].excerpt == {"resourceType": "Condition"}
    assert "Secret" not in repr(reading.record)
