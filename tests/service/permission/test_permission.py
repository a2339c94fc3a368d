"""The ledger over HTTP: default no, recorded in any order, receipts, and who may grant."""

from datetime import timedelta
from pathlib import Path

import pytest

from journeys.permission import Request, is_allowed
from journeys.primitives.canonical import parse_time
from service.access.tokens import recognise
from service.permission import ledger
from service.permission.record import read_ledger
from service.platform.database.tables import persons
from tests.service.clinic import START

ME = "/v1/me/permissions"
TEXT = {"journey": "follow_up", "key": "may-we-write", "version": 1, "locale": "en"}
ADVERT = TEXT | {"key": "may-we-advertise"}
PURPOSES = {
    "may-we-write": "{purpose: [education, treatment], channels: [email]}",
    "may-we-advertise": "{purpose: marketing, channels: [email]}",
}
ELEMENTS = """information: which guides you read
discloser: the clinic
recipient: the programme
expires: in a year
right_to_revoke: You can revoke this at any time.
"""
AUTHORIZATION = {
    "information": "which guides you read",
    "discloser": "the clinic",
    "recipient": "the programme",
    "purpose": "to tell you of products",
    "expires": "2027-01-01",
    "signed_by": "A. Ruiz",
    "signed_on": "2026-07-01",
    "right_to_revoke": "You can revoke this at any time.",
}


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """A journey with consent texts."""
    return publish_sample(add_consent_texts)


def add_consent_texts(folder: Path) -> None:
    for key, grants in PURPOSES.items():
        text = folder / "content" / "follow_up" / "_texts" / key
        text.mkdir(parents=True)
        is_marketing = "marketing" in grants
        purpose = "marketing" if is_marketing else "education"
        (text / "piece.yaml").write_text(f"kind: consent\npurpose: {purpose}\ngrants: {grants}\n")
        for locale, words in (("en", "May we write to you?"), ("es", "¿Podemos escribirle a usted?")):
            elements = f"purpose: {words}\n{ELEMENTS}" if is_marketing else ""
            (text / f"{locale}.md").write_text(f"---\ntitle: {words}\nsummary: {words}\n{elements}---\n{words}\n")


@pytest.fixture
def own(clinic):
    clinic.enroll()
    return clinic.token_of_patient("p1")


def granting(**more) -> dict:
    return {"kind": "grant", "method": "app", "purpose": "treatment", "channel": "email", "text": TEXT} | more


def advertising(**more) -> dict:
    return granting(purpose="marketing", text=ADVERT, until="2027-01-01T00:00:00Z", **more)


def allows(clinic, token, purpose="treatment", channel="email", at=None) -> bool:
    entries = read_ledger(clinic.service, recognise(clinic.service, token), None).entries
    return is_allowed([each.entry for each in entries], Request(purpose, channel), at or clinic.clock())


def test_nothing_is_allowed_until_it_is_granted_and_a_later_revocation_ends_it(clinic, own):
    assert clinic.get(ME, own)["entries"] == []
    assert not allows(clinic, own)
    receipt = clinic.post(ME, own, granting())
    assert receipt.status == 201, receipt.data
    assert (receipt["text"]["key"], receipt["text"]["locale"]) == ("may-we-write", "en")
    assert (receipt["by"], receipt["sequence"]) == ("patient", 1)
    assert allows(clinic, own)
    assert not allows(clinic, own, channel="sms")
    clinic.clock.pass_by(minutes=1)
    assert clinic.post(ME, own, {"kind": "revoke", "method": "app"})["sequence"] == 2
    assert not allows(clinic, own)
    assert [entry["kind"] for entry in clinic.get(ME, own)["entries"]] == ["grant", "revoke"]


def test_what_was_said_first_but_arrives_last_decides_nothing_later(clinic, own):
    clinic.post(ME, own, {"kind": "revoke", "method": "app", "occurred_at": "2026-07-01T06:00:00Z"})
    assert clinic.post(ME, own, granting(occurred_at="2026-07-01T03:00:00Z")).status == 201
    assert not allows(clinic, own)
    assert clinic.post(ME, own, granting(occurred_at="2026-07-01T06:00:00Z")).status == 201
    assert not allows(clinic, own), "a revocation outweighs a grant of the same instant"


def test_a_receipt_is_read_again_also_as_a_fhir_consent(clinic, own):
    receipt = clinic.post(ME, own, granting(until="2027-07-01T00:00:00Z"))
    path = f"{ME}/{receipt['id']}"
    assert clinic.get(path, own).json | {"under_way": []} == receipt.json
    consent = clinic.get(f"{path}?format=fhir", own)
    assert consent.type == "application/fhir+json"
    assert (consent["resourceType"], consent["status"]) == ("Consent", "active")
    assert consent["provision"]["period"] == {"start": "2026-07-01T09:00:00Z", "end": "2027-07-01T00:00:00Z"}
    clinic.enroll("p2")
    assert clinic.get(path, clinic.token_of_patient("p2")).status == 404


def test_staff_record_a_grant_with_its_proof_for_a_person(clinic, own):
    person = clinic.get("/v1/me/preferences", own)["person"]
    without = clinic.post(f"{ME}?person={person}", clinic.staff, granting(method="paper"))
    assert (without.status, list(without["errors"])) == (422, ["evidence"])
    receipt = clinic.post(f"{ME}?person={person}", clinic.staff, granting(method="paper", evidence="file 17"))
    assert (receipt.status, receipt["by"]) == (201, "staff")
    assert allows(clinic, own)


def test_apps_grant_nothing_and_caregivers_only_for_themselves(clinic):
    enrollment = clinic.enroll()
    person = clinic.read(enrollment, clinic.staff)["patient"]["person"]
    caregiver = clinic.token_of_family(enrollment)
    assert clinic.post(f"{ME}?person={person}", clinic.phone, granting()).status == 403
    assert clinic.post(f"{ME}?person={person}", caregiver, granting()).status == 404
    receipt = clinic.post(ME, caregiver, granting())
    assert (receipt.status, receipt["by"]) == (201, "caregiver")
    assert clinic.get(ME, clinic.token_of_patient("p1"))["entries"] == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (granting(text=TEXT | {"version": 2}), "text"),  # never approved
        (granting(text=TEXT | {"locale": "fr"}), "text"),
        (granting(text=TEXT | {"key": "scan-due"}), "text"),  # a page
        (granting(text=TEXT | {"journey": "none"}), "text"),
        (granting(occurred_at="2026-06-20T00:00:00Z"), "text"),  # before it was signed
        (granting(occurred_at="2026-07-01"), "occurred_at"),  # a day has no place among instants
        (granting(until="2027-01-01"), "until"),
        (granting(topic="scans"), "topic"),
        (granting(purpose="support"), "purpose"),  # the text does not grant it
        (granting(purpose=None), "purpose"),
        (granting(channel="sms"), "channel"),
        ({"kind": "grant", "method": "app", "purpose": "treatment"}, "text"),
        (granting(until="2026-01-01T00:00:00Z"), "until"),
        (granting(occurred_at="2026-07-02T00:00:00Z"), "occurred_at"),
        (granting(purpose="everything"), "purpose"),
        (granting(purpose="share:"), "purpose"),
        (granting(channel="fax"), "channel"),
        (advertising(), "authorization"),
        (granting(purpose="marketing", text=ADVERT, authorization=AUTHORIZATION), "until"),
        (granting(method=""), "method"),
        (granting(kind="maybe"), "kind"),
        (granting(digest="x"), "digest"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name_and_records_nothing(clinic, own, body, wrong):
    answer = clinic.post(ME, own, body)
    assert (answer.status, list(answer["errors"])) == (422, [wrong]), answer.data
    assert clinic.get(ME, own)["entries"] == []
    with clinic.service.database.reading() as connection:
        assert connection.execute(persons.select()).one().sequence == 0


def test_marketing_needs_every_element_of_an_authorization_and_ends_when_it_expires(clinic, own):
    missing = {name: value for name, value in AUTHORIZATION.items() if name != "expires"}
    assert clinic.post(ME, own, advertising(authorization=missing)).status == 422
    receipt = clinic.post(ME, own, advertising(authorization=AUTHORIZATION))
    assert receipt.status == 201, receipt.data
    end = parse_time(receipt["until"])[0]
    assert allows(clinic, own, purpose="marketing", at=end - timedelta(seconds=1))
    assert not allows(clinic, own, purpose="marketing", at=end)


def test_the_ledger_has_an_end_for_grants_and_none_for_revocations(clinic, own, monkeypatch):
    monkeypatch.setattr(ledger, "MOST_GRANTS", 2)
    for _ in range(3):
        assert clinic.post(ME, own, {"kind": "revoke", "method": "app"}).status == 201
    assert [clinic.post(ME, own, granting()).status for _ in range(3)] == [201, 201, 422]
    assert clinic.post(ME, own, {"kind": "revoke", "method": "app"}).status == 201
    assert not allows(clinic, own, at=START)


def test_the_consent_texts_are_read_as_the_patient_reads_them(clinic, own):
    consents = clinic.get("/v1/journeys/follow_up/consents?locale=es-MX", own)["items"]
    assert [consent["key"] for consent in consents] == ["may-we-advertise", "may-we-write"]
    consent = consents[1]
    assert (consent["version"], consent["locale"], consent["title"]) == (1, "es", "¿Podemos escribirle a usted?")
    assert consent["grants"] == {"purposes": ["education", "treatment"], "channels": ["email"]}
    assert "<p>" in consent["html"]
    assert clinic.get("/v1/journeys/none/consents", own).status == 404
    assert clinic.get("/v1/journeys/follow_up/consents?programme=none", own).status == 404
