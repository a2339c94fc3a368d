"""The ledger over HTTP: default no, recorded in any order, receipts, and who may grant."""

import pytest

from journeys.permission import ConsentText, Request, is_allowed
from service.http import permission as routes
from service.permission.record import read_ledger
from service.platform.database.tables import persons
from tests.service.clinic import START

ME = "/v1/me/permissions"
TEXT = {"key": "messages", "version": "1", "locale": "en"}
APPROVED = ConsentText("messages", "1", "d" * 64, "en")


@pytest.fixture(autouse=True)
def approved(monkeypatch):
    """There is one approved consent text."""

    def find(connection, key, version, locale, at):
        return APPROVED if (key, version, locale) == ("messages", "1", "en") else None

    monkeypatch.setattr(routes, "find_approved_text", lambda service: find)


@pytest.fixture
def own(clinic):
    clinic.enroll()
    return clinic.token_of_patient("p1")


def granting(**more) -> dict:
    return {"kind": "grant", "method": "app", "purpose": "treatment", "channel": "email", "text": TEXT} | more


def allows(clinic, token, purpose="treatment", channel="email", at=None) -> bool:
    from service.access.tokens import recognise

    entries = read_ledger(clinic.service, recognise(clinic.service, token), None).entries
    return is_allowed([each.entry for each in entries], Request(purpose, channel), at or clinic.clock())


def test_nothing_is_allowed_until_it_is_granted_and_a_later_revocation_ends_it(clinic, own):
    assert clinic.get(ME, own)["entries"] == []
    assert not allows(clinic, own)
    receipt = clinic.post(ME, own, granting())
    assert receipt.status == 201, receipt.data
    assert receipt["text"] == {"key": "messages", "version": "1", "digest": "d" * 64, "locale": "en"}
    assert (receipt["by"], receipt["sequence"]) == ("patient", 1)
    assert allows(clinic, own)
    assert not allows(clinic, own, channel="sms")
    clinic.clock.pass_by(minutes=1)
    assert clinic.post(ME, own, {"kind": "revoke", "method": "app"})["sequence"] == 2
    assert not allows(clinic, own)
    assert [entry["kind"] for entry in clinic.get(ME, own)["entries"]] == ["grant", "revoke"]


def test_what_was_said_first_but_arrives_last_decides_nothing_later(clinic, own):
    clinic.post(ME, own, {"kind": "revoke", "method": "app", "occurred_at": "2026-06-20T00:00:00Z"})
    clinic.post(ME, own, granting(occurred_at="2026-06-10T00:00:00Z"))
    assert not allows(clinic, own)
    clinic.post(ME, own, granting(occurred_at="2026-06-20T00:00:00Z"))
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


def test_apps_and_families_can_grant_nothing(clinic):
    enrollment = clinic.enroll()
    person = clinic.read(enrollment, clinic.staff)["patient"]["person"]
    for token in (clinic.phone, clinic.token_of_family(enrollment)):
        assert clinic.post(f"{ME}?person={person}", token, granting()).status == 403


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (granting(text={"key": "messages", "version": "2", "locale": "en"}), "text"),  # never approved
        ({"kind": "grant", "method": "app", "purpose": "treatment"}, "text"),
        (granting(until="2026-01-01"), "until"),
        (granting(occurred_at="2026-07-02T00:00:00Z"), "occurred_at"),
        (granting(purpose="everything"), "purpose"),
        (granting(purpose="share:"), "purpose"),
        (granting(channel="fax"), "channel"),
        (granting(purpose="marketing"), "authorization"),
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


def test_marketing_needs_every_element_of_an_authorization(clinic, own):
    elements = {
        "information": "which guides you read",
        "discloser": "the clinic",
        "recipient": "the programme",
        "purpose": "to tell you of products",
        "expires": "2027-01-01",
        "signed_by": "A. Ruiz",
        "signed_on": "2026-07-01",
        "right_to_revoke": "You can revoke this at any time.",
    }
    missing = {name: value for name, value in elements.items() if name != "expires"}
    assert clinic.post(ME, own, granting(purpose="marketing", authorization=missing)).status == 422
    assert clinic.post(ME, own, granting(purpose="marketing", authorization=elements)).status == 201
    assert allows(clinic, own, purpose="marketing")


def test_the_ledger_has_an_end_for_grants_and_none_for_revocations(clinic, own, monkeypatch):
    from service.permission import record

    monkeypatch.setattr(record, "LONGEST_LEDGER", 2)
    assert [clinic.post(ME, own, granting()).status for _ in range(3)] == [201, 201, 422]
    assert clinic.post(ME, own, {"kind": "revoke", "method": "app"}).status == 201
    assert not allows(clinic, own, at=START)
