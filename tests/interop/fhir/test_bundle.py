"""A bundle about one patient is accepted; every other file is refused with the reason."""

import json
from typing import Any

import pytest

from journeys.interop.fhir import read_bundle
from journeys.interop.fhir.bundle import open_bundle
from journeys.primitives.errors import NotABundle
from tests.interop.fhir.sample import DIAGNOSED, SUSPECTED, bundle, concept, condition, patient, read


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


def test_of_several_patients_the_caller_names_one():
    other = condition("z", "200", "2020-02-02", subject={"reference": "Patient/p-2"})
    family = bundle(SUSPECTED, patient(id="p-2"), other)
    assert [open_bundle(family, ref).patient_ref for ref in ("p-1", "p-2")] == ["p-1", "p-2"]
    assert read(family).codes["Condition/z"] == "another_patient"
    assert read(family).codes["Patient/p-2"] == "no_rule"
    del family["entry"][2], family["entry"][0]
    with pytest.raises(NotABundle, match="2 patients"):
        open_bundle(family)
    assert open_bundle(family, "p-2").patient_ref == "p-2"
    with pytest.raises(NotABundle, match="'--patient' must name one of them"):
        open_bundle(family, "p-3")


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


NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"


def coding(code: str, system: str = "urn:ietf:bcp:47") -> list[dict[str, str]]:
    return [{"system": system, "code": code}]


def spoken(code: str, system: str = "urn:ietf:bcp:47", **more: bool) -> dict[str, Any]:
    """An element of `Patient.communication`."""
    return {"language": {"coding": coding(code, system)}} | more


@pytest.mark.parametrize(
    ("communication", "locale"),
    [
        ([{"language": {"coding": [{"code": "es-US"}]}}], "es-US"),
        *(
            ([spoken(code, preferred=True), spoken("en")], locale)
            for code, locale in (
                *(("es-419", "es-419"), ("ES", "es"), ("es_MX", "es-MX"), ("spa", "es")),
                ("es-ES-u-co-trad", "es-ES-u-co-trad"),
            )
        ),
        ([{"language": "en"}, {"language": {"coding": [{"code": "es"}]}, "preferred": True}], "es"),
        ([{"language": {"coding": [{"code": "<script>"}]}}], None),
        ([spoken("es-419", preferred=False), spoken("en-US", preferred=True)], "en-US"),
        ([spoken("fr", preferred=False), spoken("es_MX")], "fr"),
        ([{"language": {"text": "Spanish"}, "preferred": True}, spoken("en")], "en"),
        ([{"language": {"text": "Spanish"}, "preferred": True}], None),
        ([spoken("UNK", NULL_FLAVOR, preferred=True), spoken("es")], "es"),
        ([spoken("asked-unknown", "http://terminology.hl7.org/CodeSystem/data-absent-reason")], None),
        *(
            ([spoken(code, preferred=True), spoken("es")], "es")
            for code in ("und", "mul", "zxx", "132", "SP", "x-spanish")
        ),
        ([{"language": {"coding": [*coding("spa", "urn:iso:std:iso:639:-2"), *coding("es-419")]}}], "es-419"),
        ([{"language": {"coding": [*coding("132", "urn:clinic"), *coding("spa", "urn:clinic")]}}], "es"),
        ([{"language": {"coding": 5}}], None),
        ([{"language": {"coding": [5, {}]}}], None),
        ([5, {}], None),
        ({"language": "es"}, None),
        (None, None),
    ],
)
def test_the_preferred_language_is_read(communication: object, locale: str | None):
    assert read(bundle(whose=patient(communication=communication))).language == locale


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
    whose = patient(
        address=[{"city": "Secretville"}],
        telecom=[{"value": "555"}],
        birthDate="1950-01-01",
        identifier=[{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-64-5474"}],
    )
    read_once = read(bundle(SUSPECTED, DIAGNOSED, whose=whose))
    assert "ecret" not in repr((read_once.record, read_once.ingested, read_once.counts))
    # Of so few numbers as a country has people, a digest hides none.
    assert read_once.record.sources["Patient/p-1"].keys == frozenset()
