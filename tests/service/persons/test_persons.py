"""Persons: one for a patient, whatever the journeys; what is known of them, and from whom."""

import pytest
from sqlalchemy import select, update

from service.enrollments.enroll import IncomingEnrollment, enroll
from service.enrollments.requests import EnrollRequest, digest_of
from service.interop.fhir import CALLER
from service.persons.introduce import make_missing_persons
from service.platform.database.tables import contacts, enrollments, persons
from tests.service.clinic import joining

ME = "/v1/me/preferences"


def person_of(clinic, enrollment: str) -> str:
    return clinic.read(enrollment, clinic.staff)["patient"]["person"]


def read_person(clinic, patient: str) -> dict:
    answer = clinic.get(ME, clinic.token_of_patient(patient))
    assert answer.status == 200, answer.data
    return answer.json


def enroll_from_record(clinic, patient: str, time_zone: str = "UTC") -> str:
    request = EnrollRequest(
        key="record",
        journey="follow_up",
        patient_ref=patient,
        locale="en",
        time_zone=time_zone,
        facts={"last_scan_on": "2026-01-15"},
        entry="in_follow_up",
    )
    incoming = IncomingEnrollment(
        identity=("follow_up", patient, "record"), digest=digest_of("x", patient), request=request, of_record=True
    )
    return enroll(clinic.service, CALLER, incoming).id


def test_two_enrollments_of_a_patient_share_a_person(clinic):
    first, second, other = clinic.enroll(key="k1"), clinic.enroll(key="k2"), clinic.enroll("p2")
    assert person_of(clinic, first) == person_of(clinic, second) != person_of(clinic, other)


def test_the_reference_is_not_in_the_table_of_persons_as_text(clinic):
    clinic.enroll("patient-with-a-name")
    with clinic.service.database.reading() as connection:
        (row,) = connection.execute(select(persons.c.reference_digest, persons.c.id)).all()
    assert "patient-with-a-name" not in str(row)


def enroll_with(clinic, key: str, locale: str, time_zone: str, patient: str = "p1") -> None:
    body = joining(patient, key) | {"patient": {"ref": patient, "locale": locale, "time_zone": time_zone}}
    assert clinic.post("/v1/enrollments", clinic.phone, body).status == 201


def test_what_the_person_says_outweighs_apps_and_a_later_app_an_earlier_one(clinic):
    enroll_with(clinic, "k1", "en", "Europe/Madrid")
    enroll_with(clinic, "k2", "es", "America/Chicago")
    known = read_person(clinic, "p1")
    assert (known["language"], known["time_zone"], known["time_zone_from"]) == ("es", "America/Chicago", "app")
    own = clinic.token_of_patient("p1")
    clinic.call("PUT", ME, own, json={"time_zone": "Pacific/Apia", "language": "en"})
    enroll_with(clinic, "k3", "es", "Europe/Madrid")
    known = read_person(clinic, "p1")
    assert (known["language"], known["language_from"]) == ("en", "person")
    assert (known["time_zone"], known["time_zone_from"]) == ("Pacific/Apia", "person")


def test_a_record_knows_no_time_zone_and_replaces_nothing(clinic):
    enroll_from_record(clinic, "p1")
    known = read_person(clinic, "p1")
    assert (known["time_zone"], known["time_zone_from"]) == (None, None)
    assert known["language_from"] == "record"
    enroll_with(clinic, "k1", "es", "Europe/Madrid")
    assert read_person(clinic, "p1")["time_zone"] == "Europe/Madrid"
    enroll_with(clinic, "k1", "es", "Europe/Madrid", "p2")
    enroll_from_record(clinic, "p2")
    known = read_person(clinic, "p2")
    assert (known["language"], known["time_zone"]) == ("es", "Europe/Madrid")


def test_persons_of_earlier_versions_are_made_and_a_zone_that_only_a_record_gave_is_not_kept(clinic):
    first, second = clinic.enroll(key="k1"), clinic.enroll(key="k2")
    of_record = enroll_from_record(clinic, "p9")
    with clinic.service.database.writing() as connection:
        connection.execute(update(enrollments).values(person=None))
        connection.execute(persons.delete())
    assert make_missing_persons(clinic.service, CALLER.name) == 3
    assert make_missing_persons(clinic.service, CALLER.name) == 0
    assert person_of(clinic, first) == person_of(clinic, second) != person_of(clinic, of_record)
    assert read_person(clinic, "p1")["time_zone"] == "Europe/Madrid"
    assert read_person(clinic, "p9")["time_zone"] is None


def test_preferences_are_replaced_as_a_whole_but_language_and_zone_stay(clinic):
    clinic.enroll()
    own = clinic.token_of_patient("p1")
    chosen = {
        "channels": ["push", "email"],
        "quiet": {"start": "20:30", "end": "07:15"},
        "paused_until": "2026-08-01T00:00:00Z",
        "language": "es",
    }
    answer = clinic.call("PUT", ME, own, json=chosen)
    assert answer.status == 200, answer.data
    assert answer.json | chosen == answer.json == clinic.get(ME, own).json
    answer = clinic.call("PUT", ME, own, json={})
    assert (answer["channels"], answer["quiet"], answer["paused_until"]) == ([], None, None)
    assert (answer["language"], answer["time_zone"]) == ("es", "Europe/Madrid")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"quiet": {"start": "08:00", "end": "08:00"}}, "quiet"),
        ({"quiet": {"start": "8:00", "end": "09:00"}}, "quiet.start"),
        ({"quiet": {"start": "24:00", "end": "09:00"}}, "quiet.start"),
        ({"quiet": {"start": "21:00"}}, "quiet.end"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"channels": ["email", "email"]}, "channels"),
        ({"channels": ["webhook"]}, "channels.0"),
        ({"channels": "email"}, "channels"),
        ({"paused_until": "soon"}, "paused_until"),
        ({"paused_until": "2026-08-01"}, "paused_until"),
        ({"topics_off": ["smoking"]}, "topics_off"),
        ({"sequence": 5}, "sequence"),
    ],
)
def test_what_cannot_be_preferred_is_refused_by_name(clinic, body, wrong):
    clinic.enroll()
    before = read_person(clinic, "p1")
    answer = clinic.call("PUT", ME, clinic.token_of_patient("p1"), json=body)
    assert (answer.status, list(answer["errors"])) == (422, [wrong]), answer.data
    assert read_person(clinic, "p1") == before


def test_a_contact_is_added_once_masked_and_removed(clinic):
    clinic.enroll()
    own = clinic.token_of_patient("p1")
    body = {"channel": "email", "address": "ana.ruiz@example.org"}
    for _ in range(2):
        (contact,) = clinic.post("/v1/me/contacts", own, body)["contacts"]
    assert (contact["address"], contact["verified_by"], contact["status"]) == ("a…@example.org", "word", "good")
    with clinic.service.database.reading() as connection:
        (row,) = connection.execute(select(contacts)).all()
    assert "ana" not in row.address_digest
    other = clinic.call("DELETE", f"/v1/me/contacts/{contact['id']}", clinic.token_of_patient("p2"))
    assert other.status == 404
    assert clinic.call("DELETE", f"/v1/me/contacts/{contact['id']}", own)["contacts"] == []


def test_an_address_is_in_no_error_and_no_log(clinic, logs):
    clinic.enroll()
    own = clinic.token_of_patient("p1")
    for address in ("canary@example", "canary@example.org\r\nBcc: x@example.org", {"canary": 1}):
        answer = clinic.post("/v1/me/contacts", own, {"channel": "email", "address": address})
        assert answer.status == 422
        assert b"canary" not in answer.data
    assert "canary" not in str(logs)


def test_who_may_read_and_set_whose_preferences(clinic):
    enrollment = clinic.enroll()
    person, other = person_of(clinic, enrollment), person_of(clinic, clinic.enroll("p2"))
    of_staff = clinic.get(f"{ME}?person={person}", clinic.staff)
    assert of_staff.json == clinic.get(ME, clinic.token_of_patient("p1")).json
    assert clinic.get(ME, clinic.staff).status == 422  # staff name the person
    assert clinic.get(f"{ME}?person={other}", clinic.token_of_patient("p1")).status == 404
    assert clinic.get(f"{ME}?person=none", clinic.staff).status == 404
    assert clinic.get(ME, clinic.token_of_patient("p3")).status == 404
    assert clinic.get(f"{ME}?person={person}", clinic.phone).status == 403
    caregiver = clinic.token_of_family(enrollment)
    assert clinic.get(f"{ME}?person={person}", caregiver).status == 404
    assert clinic.get(ME, caregiver)["person"] not in (person, other)


def test_a_repeated_contact_is_no_contact_too_many(clinic, monkeypatch):
    from service.persons import own as own_data

    monkeypatch.setattr(own_data, "MOST_CONTACTS", 1)
    clinic.enroll()
    own = clinic.token_of_patient("p1")
    bodies = [
        {"channel": "email", "address": address} for address in ("a@example.org", "a@example.org", "b@example.org")
    ]
    assert [clinic.post("/v1/me/contacts", own, body).status for body in bodies] == [200, 200, 422]


@pytest.mark.parametrize("status", ["bad", "paused"])
def test_a_contact_that_is_named_again_is_good_again(clinic, status):
    clinic.enroll()
    own = clinic.token_of_patient("p1")
    body = {"channel": "email", "address": "a@example.org"}
    (before,) = clinic.post("/v1/me/contacts", own, body)["contacts"]
    with clinic.service.database.writing() as connection:
        connection.execute(update(contacts).values(status=status))
    (contact,) = clinic.post("/v1/me/contacts", own, body)["contacts"]
    assert contact["status"] == "good"
    assert contact["id"] != before["id"], "what was received for the old one counts no more"
