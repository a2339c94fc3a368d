"""Enrolling: once for a key, at an entry point, with what is known."""

import threading

import pytest

from tests.service.clinic import CONTENT, DEFINITIONS, joining

PATH = "/v1/enrollments"


def test_a_patient_is_enrolled_at_an_entry_point(clinic):
    answer = clinic.post(PATH, clinic.phone, joining())
    assert answer.status == 201
    assert answer.headers["Location"] == f"/v1/enrollments/{answer['id']}"
    assert answer.headers["ETag"]
    person = answer["patient"]["person"]
    assert answer["patient"] == {"ref": "p1", "person": person, "locale": "en", "time_zone": "Europe/Madrid"}
    assert answer["now"]["state"]["disease"] == {
        "state": "surveillance.next_scan_later",
        "title": "Next scan in six months",
        "since": "2026-06-01T00:00:00Z",
        "precision": "day",
    }
    assert [piece["key"] for piece in answer["now"]["content"]] == ["follow-up-plan", "where-to-ask"]


def test_what_is_for_staff_is_for_staff_only(clinic):
    enrollment = clinic.enroll()
    for_staff = {"held", "waiting", "timers", "tasks"}
    assert for_staff <= clinic.read(enrollment, clinic.staff)["now"].keys()
    assert not for_staff & clinic.read(enrollment, clinic.phone)["now"].keys()


def test_the_same_key_and_body_give_the_same_enrollment(clinic):
    first = clinic.post(PATH, clinic.phone, joining())
    again = clinic.post(PATH, clinic.phone, dict(reversed(joining().items())))
    assert (again.status, again.headers["Idempotent-Replay"]) == (201, "true")
    assert again.data == first.data
    assert again.headers["ETag"] == first.headers["ETag"]


def test_the_same_key_with_another_body_is_a_conflict(clinic):
    clinic.enroll()
    answer = clinic.post(PATH, clinic.phone, joining(facts={}))
    assert (answer.status, answer["code"]) == (409, "conflict")


def test_a_replay_is_recognised_before_the_release_matters(clinic, tmp_path):
    """Also when the entry it named is no longer there."""
    clinic.enroll()
    definition = (DEFINITIONS / "follow_up.yaml").read_text().replace("in_follow_up:", "treated:")
    (tmp_path / "follow_up.yaml").write_text(definition)
    clinic.publish(tmp_path, CONTENT)
    assert clinic.post(PATH, clinic.phone, joining()).status == 201
    other = clinic.post(PATH, clinic.phone, joining(key="k2"))
    assert other.status == 422
    assert "treated" in other["errors"]["at.entry"][0]


def test_a_second_enrollment_takes_another_key(clinic):
    first, second = clinic.enroll(key="first"), clinic.enroll(key="second")
    assert first != second
    page = clinic.get("/v1/enrollments?patient_ref=p1&limit=1", clinic.phone)
    assert [item["id"] for item in page["items"]] == [first]
    rest = clinic.get(f"/v1/enrollments?patient_ref=p1&limit=1&cursor={page['next']}", clinic.phone)
    assert [item["id"] for item in rest["items"]] == [second]
    assert rest["next"] is None


def test_enrolling_at_once_makes_one_enrollment(clinic):
    """Twelve requests with one key: one enrolls, the others are replays."""
    answers = []
    phone = clinic.phone
    threads = [threading.Thread(target=lambda: answers.append(clinic.post(PATH, phone, joining()))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} == {201}
    assert len({answer["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replay" not in answer.headers for answer in answers) == 1


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"journey": "folow_up"}, "journey", "Did you mean 'follow_up'?"),
        ({"at": {"entry": "in_followup"}}, "at.entry", "Did you mean 'in_follow_up'?"),
        ({"at": {"entry": "in_follow_up", "occurred_at": "2026-07-01T10:00:00"}}, "at.occurred_at", "no offset"),
        ({"at": {"occurred_at": "2030-01-01"}}, "at.occurred_at", "future"),
        ({"facts": {"last_scan": "2026-01-01"}}, "facts.last_scan", "Did you mean 'last_scan_on'?"),
        ({"facts": {"last_scan_on": "soon"}}, "facts.last_scan_on", "a date such as"),
        ({"facts": {"pack_years": 1000}}, "facts.pack_years", "from 0 to 200"),
        ({"facts": {"stage_group": "I"}}, "facts.stage_edition", "reported together"),
        ({"facts": {"scan_result": "clear"}}, "facts.scan_result", "by staff"),
        ({"patient": {"ref": "p1", "locale": "english", "time_zone": "UTC"}}, "patient.locale", "such as 'en'"),
        ({"patient": {"ref": "p1", "locale": "en", "time_zone": "Mars/One"}}, "patient.time_zone", "IANA"),
        ({"patient": {"ref": "p1", "locale": "en"}}, "patient.time_zone", "required"),
        ({"patient": {"ref": "a\nb", "locale": "en", "time_zone": "UTC"}}, "patient.ref", "control"),
        ({"patient": "p1"}, "patient", "object"),
        ({"key": ""}, "key", "1 to 255"),
        ({"key": None}, "key", "required"),
        ({"extra": 1}, "extra", "Unknown field"),
        ({"facts": []}, "facts", "object"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_accepted(clinic, change, field, says):
    answer = clinic.post(PATH, clinic.phone, joining() | change)
    assert (answer.status, answer.type) == (422, "application/problem+json")
    assert says in answer["errors"][field][0]
    assert clinic.get("/v1/enrollments?patient_ref=p1", clinic.phone)["items"] == []


def test_every_mistake_is_named_at_once(clinic):
    body = joining(facts={"last_scan_on": "x", "pack_years": -1, "nothing": 1}, at={"entry": "nowhere"})
    errors = clinic.post(PATH, clinic.phone, body)["errors"]
    assert errors.keys() == {"facts.last_scan_on", "facts.pack_years", "facts.nothing", "at.entry"}


def test_a_corrected_body_succeeds_under_the_same_key(clinic):
    """What was refused is not stored."""
    assert clinic.post(PATH, clinic.phone, joining(facts={"pack_years": -1})).status == 422
    assert clinic.post(PATH, clinic.phone, joining(facts={"pack_years": 1})).status == 201


@pytest.mark.parametrize(("requested", "served"), [("es-US", "es"), ("es", "es"), ("fr", "en"), ("en-GB", "en")])
def test_a_locale_falls_back_and_the_answer_names_the_one_served(clinic, requested, served):
    body = joining() | {"patient": {"ref": "p1", "locale": requested, "time_zone": "UTC"}}
    now = clinic.post(PATH, clinic.phone, body)["now"]
    assert now["locale"] == served
    assert {piece["locale"] for piece in now["content"]} == {served}


def test_every_well_formed_tag_is_served_when_enrolling_and_when_reading(clinic):
    served = {"es-ES-u-co-trad": "es", "es-u-ms-metric": "es", "spa_mx": "es"}
    served |= dict.fromkeys(("en-US-u-mu-celsius", "en-x-private", "x-private", "i-klingon", "und"), "en")
    enrollment = clinic.enroll("p0")
    for number, (tag, locale) in enumerate(served.items(), start=1):
        body = joining(f"p{number}") | {"patient": {"ref": f"p{number}", "locale": tag, "time_zone": "UTC"}}
        assert clinic.post(PATH, clinic.phone, body)["now"]["locale"] == locale, tag
        assert clinic.get(f"/v1/enrollments/{enrollment}/view?locale={tag}", clinic.phone)["locale"] == locale, tag
