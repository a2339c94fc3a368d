"""A bundle about one patient is accepted; every other file is refused with the reason."""

import json

import pytest

from journeys.interop.fhir import read_bundle
from journeys.interop.fhir.bundle import open_bundle
from journeys.primitives.errors import NotABundle
from tests.interop.fhir.sample import DIAGNOSED, SUSPECTED, bundle, concept, patient, read


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON"),
        (b"{", "line 1, column 2"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"resourceType": "Bundle", "total": NaN}', "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"[" * 200_000, "nested deeper"),
        (b'{"a":' * 200_000, "nested deeper"),
        (b'{"total": ' + b"9" * 5_000 + b"}", "not JSON"),
    ],
)
def test_bytes_that_are_no_bundle_are_refused(data: bytes, why: str):
    with pytest.raises(NotABundle, match=why):
        read_bundle(data)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "resourceType 'Bundle'"),
        ({"resourceType": "Patient"}, "resourceType 'Bundle'"),
        ({"resourceType": ["Bundle"]}, "resourceType 'Bundle'"),
        ({"resourceType": "Bundle", "entry": {}}, "not a list"),
        ({"resourceType": "Bundle"}, "no Patient"),
        ({"resourceType": "Bundle", "entry": [None, 1, {}, {"resource": []}]}, "no Patient"),
        ({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}, "needs an id"),
        ({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "a b"}}]}, "needs an id"),
        ({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": 5}}]}, "needs an id"),
        (bundle(patient(id="p-2")), "2 Patients"),
    ],
)
def test_values_that_are_no_bundle_about_one_patient_are_refused(sent: dict, why: str):
    with pytest.raises(NotABundle, match=why):
        open_bundle(sent)


def test_a_deep_bundle_is_refused():
    deep: object = 1
    for _ in range(100):
        deep = [deep]
    with pytest.raises(NotABundle, match="deeper"):
        read(bundle(SUSPECTED | {"extension": deep}))


def test_a_byte_order_mark_is_no_mistake():
    assert read_bundle(b"\xef\xbb\xbf" + json.dumps(bundle()).encode())["resourceType"] == "Bundle"


def test_a_patient_without_an_id_has_that_of_its_urn():
    sent = bundle()
    sent["entry"][0] = {"fullUrl": "urn:uuid:77", "resource": {"resourceType": "Patient"}}
    assert open_bundle(sent).patient_ref == "77"


def test_the_same_patient_twice_is_one():
    assert read(bundle(patient(), SUSPECTED)).counts.duplicates == 1


@pytest.mark.parametrize(
    ("spoken", "locale"),
    [
        ([{"language": {"coding": [{"code": "es-US"}]}}], "es-US"),
        ([{"language": "en"}, {"language": {"coding": [{"code": "es"}]}, "preferred": True}], "es"),
        ([{"language": {"coding": [{"code": "<script>"}]}}], None),
        ([{"language": {"coding": 5}}], None),
        ([{"language": {"coding": [5, {}]}}], None),
        ([5, {}], None),
        ({"language": "es"}, None),
        (None, None),
    ],
)
def test_the_preferred_language_is_read(spoken: object, locale: str | None):
    assert read(bundle(whose=patient(communication=spoken))).language == locale


@pytest.mark.parametrize(
    "reference",
    ["Patient/p-1", "urn:uuid:p-1", "https://hospital.example/fhir/Patient/p-1", "Patient/p-1/_history/3"],
)
def test_references_of_every_form_mean_the_patient(reference: str):
    assert read(bundle(SUSPECTED | {"subject": {"reference": reference}})).counts.mapped == 1


@pytest.mark.parametrize("subject", [None, {}, {"reference": 5}, {"reference": "Patient/p-2"}, {"display": "p-1"}, []])
def test_what_is_not_about_the_patient_is_not_mapped(subject: object):
    ingested = read(bundle(SUSPECTED | {"subject": subject}))
    assert (ingested.counts.mapped, ingested.counts.unmapped) == (0, 2)


def test_contained_and_referenced_medications_are_found():
    medication = {"resourceType": "Medication", "id": "m", "code": concept("600")}
    base = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "category": [concept("610")],
        "subject": {"reference": "Patient/p-1"},
        "authoredOn": "2020-03-01",
    }
    referring = base | {"id": "m1", "medicationReference": {"reference": "#m"}, "contained": [medication]}
    two = base | {"id": "m2", "medicationReference": {"reference": "Medication/m"}, "authoredOn": "2020-03-02"}
    assert [(report.rule, report.sources) for report in read(bundle(referring, two, medication)).reports] == [
        ("drug", ("MedicationRequest/m1",)),
        ("drug", ("MedicationRequest/m2",)),
    ]


def test_nothing_of_who_the_patient_is_gets_out():
    whose = patient(address=[{"city": "Secretville"}], telecom=[{"value": "555"}], birthDate="1950-01-01")
    read_once = read(bundle(SUSPECTED, DIAGNOSED, whose=whose))
    assert "ecret" not in repr((read_once.record, read_once.ingested, read_once.counts))
