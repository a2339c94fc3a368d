"""Caregivers over HTTP: invited with a code, accepted once, changed, listed, and ended everywhere at once."""

import time
from dataclasses import replace

import pytest

from journeys.outreach.verification import MOST_TRIES
from service.access.tokens import recognise
from service.caregivers.change import end_caregivers_over
from service.platform import errors
from service.platform.database import open_database
from service.platform.database.tables import caregiver_changes, caregivers, contacts, persons
from service.platform.process import Process

ME, ACCEPT = "/v1/me/caregivers", "/v1/caregivers/accept"
INVITATION = {"name": "my daughter", "sees": ["course"], "reminded": ["education"], "may": ["asked_for_help"]}
EVIDENCE = {"method": "paper", "document": "file 17"}
UNTIL = "2026-12-01T00:00:00Z"


@pytest.fixture
def enrollment(clinic):
    return clinic.enroll()


@pytest.fixture
def patient(clinic, enrollment):
    return clinic.token_of_patient("p1")


def invite(clinic, token, **more):
    answer = clinic.post(ME, token, INVITATION | more)
    assert answer.status == 201, answer.data
    return answer


def accept(clinic, code, **more):
    return clinic.call("POST", ACCEPT, json={"code": code, "language": "es", "time_zone": "Europe/Madrid"} | more)


def rows(clinic, table):
    with clinic.service.database.reading() as connection:
        return connection.execute(table.select()).all()


def test_a_patient_invites_and_a_caregiver_accepts_once(clinic, enrollment, patient):
    invited = invite(clinic, patient)
    assert (invited["enrollment"], invited["useful_until"]) == (enrollment, "2026-07-08T09:00:00Z")
    clinic.clock.pass_by(days=6, hours=23)
    accepted = accept(clinic, invited["code"].lower().replace("-", " "))
    assert accepted.status == 201, accepted.data
    assert (accepted["caregiver"], accepted["enrollment"], accepted["expires_at"]) == (invited["id"], enrollment, None)
    assert clinic.read(enrollment, accepted["token"])["id"] == enrollment
    assert accept(clinic, invited["code"]).status == 422
    (listed,) = clinic.get(ME, patient)["items"]
    assert (listed["name"], listed["status"], listed["invited_by"]) == ("my daughter", "active", "patient")
    assert listed["grants"] == {key: INVITATION[key] for key in ("sees", "reminded", "may")} | {"until": None}
    assert [(change["kind"], change["by"]) for change in listed["changes"]] == [
        ("invited", "patient"),
        ("accepted", "caregiver"),
    ]


def test_a_caregiver_is_a_person_of_their_own(clinic, enrollment, patient):
    caregiver = accept(clinic, invite(clinic, patient)["code"])["token"]
    own, patients = (clinic.get("/v1/me/preferences", token).json for token in (caregiver, patient))
    assert own["person"] != patients["person"]
    assert (own["language"], own["time_zone"]) == ("es", "Europe/Madrid")
    address = {"channel": "email", "address": "daughter@example.org"}
    assert clinic.post("/v1/me/contacts", caregiver, address)["contacts"][0]["address"] == "d…@example.org"
    assert clinic.get("/v1/me/preferences", patient)["contacts"] == []


def test_wrong_codes_say_nothing_and_five_end_an_invitation(clinic, patient):
    code = invite(clinic, patient)["code"]
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    absent = accept(clinic, "0000-0000-0000-0000")
    for typed in (wrong, "abc", "0000-0000-0000-000Ü", *[wrong] * (MOST_TRIES - 1), code):
        answer = accept(clinic, typed)
        assert (answer.status, answer.headers, answer.data) == (absent.status, absent.headers, absent.data), typed
    assert absent.status == 422 and list(absent["errors"]) == ["code"]
    assert [item["status"] for item in clinic.get(ME, patient)["items"]] == ["lapsed"]


def test_a_fifth_try_may_be_right(clinic, patient):
    code = invite(clinic, patient)["code"]
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    for _ in range(MOST_TRIES - 1):
        assert accept(clinic, wrong).status == 422
    assert accept(clinic, code).status == 201


def test_a_code_ends_after_seven_days_with_its_end_and_with_the_caregiver(clinic, patient):
    late, over, ended = (invite(clinic, patient, until=until) for until in (UNTIL, "2026-07-03T00:00:00Z", UNTIL))
    assert clinic.call("DELETE", f"{ME}/{ended['id']}", patient)["status"] == "ended"
    assert accept(clinic, ended["code"]).status == 422
    clinic.clock.pass_by(days=3)
    assert accept(clinic, over["code"]).status == 422
    clinic.clock.pass_by(days=4)
    assert accept(clinic, late["code"]).status == 422


def test_codes_are_throttled_whoever_sends_them(clinic, patient):
    code = invite(clinic, patient)["code"]
    clinic.allow(patient_reports_per_minute=3)
    assert [accept(clinic, "0" * 16).status for _ in range(3)] == [422] * 3
    refused = accept(clinic, code)
    assert (refused.status, refused["code"]) == (429, "too-often")
    clinic.clock.pass_by(seconds=int(refused.headers["Retry-After"]))
    assert accept(clinic, code).status == 201


def test_no_code_and_no_name_is_stored_in_the_clear(clinic, patient):
    code = invite(clinic, patient)["code"]
    (row,) = rows(clinic, caregivers)
    texts = [str(value) for name, value in row._mapping.items() if name != "payload"]
    parts = (code, code.replace("-", ""), code[:4], "daughter")
    assert not [part for part in parts for text in texts if part in text]


def test_staff_invite_with_evidence_and_an_end(clinic, enrollment):
    body = INVITATION | {"enrollment": enrollment}
    for missing, wrong in ((body, ["evidence", "until"]), (body | {"evidence": EVIDENCE}, ["until"])):
        assert sorted(clinic.post(ME, clinic.staff, missing)["errors"]) == wrong
    assert list(clinic.post(ME, clinic.staff, INVITATION)["errors"]) == ["enrollment"]
    invited = clinic.post(ME, clinic.staff, body | {"evidence": EVIDENCE, "until": UNTIL})
    accepted = accept(clinic, invited["code"])
    assert accepted["expires_at"] == UNTIL
    patient = clinic.token_of_patient("p1")
    (listed,) = clinic.get(ME, patient)["items"]
    assert (listed["invited_by"], listed["evidence"]) == ("staff", EVIDENCE)
    assert clinic.get(f"{ME}?enrollment={enrollment}", clinic.staff)["items"] == [listed]
    assert list(clinic.get(ME, clinic.staff)["errors"]) == ["enrollment"]
    assert clinic.post(ME, patient, body | {"evidence": EVIDENCE})["errors"].keys() == {"evidence"}
    change = clinic.call("PATCH", f"{ME}/{listed['id']}", clinic.staff, json={"may": []})
    assert list(change["errors"]) == ["evidence"]
    change = clinic.call("PATCH", f"{ME}/{listed['id']}", clinic.staff, json={"may": [], "evidence": EVIDENCE})
    assert (change.status, change["grants"]["may"]) == (200, [])


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"sees": ["nothing"]}, "sees"),
        ({"sees": "course"}, "sees"),
        ({"reminded": ["marketing"]}, "reminded.0"),
        ({"may": ["left"]}, "may"),
        ({"may": ["scan_result_reported", "deceased"]}, "may"),
        ({"until": "2026-07-01T09:00:00Z"}, "until"),
        ({"until": "2027-01-01"}, "until"),
        ({"name": ""}, "name"),
        ({"role": "x"}, "role"),
        ({"enrollment": 3}, "enrollment"),
    ],
)
def test_what_cannot_be_shared_is_refused(clinic, patient, more, field):
    answer = clinic.post(ME, patient, INVITATION | more)
    assert (answer.status, list(answer["errors"])) == (422, [field])
    assert rows(clinic, caregivers) == []


def test_who_may_invite_list_change_and_end(clinic, enrollment, patient):
    invited = invite(clinic, patient)
    caregiver = accept(clinic, invited["code"])["token"]
    other = accept(clinic, invite(clinic, patient, name="a son")["code"])["token"]
    clinic.enroll("p2")
    stranger, path = clinic.token_of_patient("p2"), f"{ME}/{invited['id']}"
    for token, method, status in (
        (clinic.phone, "GET", 403),
        (clinic.phone, "DELETE", 403),
        (stranger, "PATCH", 404),
        (stranger, "DELETE", 404),
        (other, "PATCH", 403),
        (other, "DELETE", 404),
        (caregiver, "PATCH", 403),
        (caregiver, "POST", 403),
    ):
        at = ME if method in ("GET", "POST") else path
        body = {"json": INVITATION if method == "POST" else {}} if method in ("POST", "PATCH") else {}
        assert clinic.call(method, at, token, **body).status == status, (method, status)
    assert clinic.get(ME, stranger)["items"] == []
    assert clinic.get(f"{ME}?enrollment={enrollment}", stranger).status == 404
    assert clinic.post(ME, stranger, INVITATION | {"enrollment": enrollment}).status == 404
    assert [item["name"] for item in clinic.get(ME, caregiver)["items"]] == ["my daughter"]
    assert [item["name"] for item in clinic.get(ME, patient)["items"]] == ["my daughter", "a son"]
    assert clinic.call("DELETE", path, caregiver)["changes"][-1]["by"] == "caregiver"
    assert clinic.get(ME, caregiver).status == 401


def test_one_act_ends_a_caregiver_in_every_process_within_a_second(clinic, database_url, enrollment, patient):
    invited = invite(clinic, patient)
    caregiver = accept(clinic, invited["code"])["token"]
    clinic.post("/v1/me/contacts", caregiver, {"channel": "email", "address": "daughter@example.org"})
    view = f"/v1/enrollments/{enrollment}/view"
    tag = clinic.get(view, caregiver).headers["ETag"]
    elsewhere = open_database(database_url)
    try:
        other = Process(elsewhere, clinic.clock, str, str)
        assert recognise(other, caregiver).caregiver.id == invited["id"]
        begun = time.monotonic()
        ended = clinic.call("DELETE", f"{ME}/{invited['id']}", patient)
        with pytest.raises(errors.Unauthenticated):
            recognise(other, caregiver)
        assert time.monotonic() - begun < 1
    finally:
        elsewhere.engine.dispose()
    assert (ended["status"], ended["changes"][-1]["kind"]) == ("ended", "ended")
    assert clinic.get(view, caregiver).status == 401
    assert clinic.get(view, caregiver, headers={"If-None-Match": tag}).status == 401
    assert rows(clinic, contacts) == []
    again = clinic.call("DELETE", f"{ME}/{invited['id']}", patient)
    assert again.json == ended.json
    assert clinic.call("PATCH", f"{ME}/{invited['id']}", patient, json={"may": []}).status == 409


def test_a_change_counts_from_the_next_request_on(clinic, enrollment, patient):
    invited = invite(clinic, patient)
    caregiver = accept(clinic, invited["code"])["token"]
    assert clinic.read(enrollment, caregiver)["now"]["state"] != {}
    path = f"{ME}/{invited['id']}"
    changed = clinic.call("PATCH", path, patient, json={"sees": [], "until": "2026-07-02T00:00:00Z"})
    assert (changed["grants"]["sees"], changed["changes"][-1]["kind"]) == ([], "changed")
    assert clinic.read(enrollment, caregiver)["now"]["state"] == {}
    same = clinic.call("PATCH", path, patient, json={"sees": []})
    assert same["changes"] == changed["changes"]
    clinic.clock.pass_by(days=1)
    assert clinic.get(f"/v1/enrollments/{enrollment}", caregiver).status == 401
    assert [item["status"] for item in clinic.get(ME, patient)["items"]] == ["ended"]


def test_what_is_over_is_ended_with_its_contacts(clinic, patient):
    caregiver = accept(clinic, invite(clinic, patient, until="2026-07-02T00:00:00Z")["code"])["token"]
    clinic.post("/v1/me/contacts", caregiver, {"channel": "email", "address": "daughter@example.org"})
    assert end_caregivers_over(clinic.service) == 0
    clinic.clock.pass_by(days=1)
    assert end_caregivers_over(clinic.service) == 1
    assert end_caregivers_over(clinic.service) == 0
    assert rows(clinic, contacts) == []
    (listed,) = clinic.get(ME, patient)["items"]
    assert (listed["status"], listed["changes"][-1]["by"]) == ("ended", "service")


def test_there_is_a_limit_of_caregivers_at_a_time(clinic, patient, monkeypatch):
    from service.caregivers import invite as inviting

    monkeypatch.setattr(inviting, "MOST_AT_ONCE", 2)
    first = invite(clinic, patient)
    invite(clinic, patient)
    refused = clinic.post(ME, patient, INVITATION)
    assert (refused.status, refused["code"]) == (422, "too-many")
    clinic.call("DELETE", f"{ME}/{first['id']}", patient)
    invite(clinic, patient)


def test_a_patient_of_several_enrollments_names_one(clinic, patient):
    second = clinic.enroll("p1", "k2")
    assert list(clinic.post(ME, patient, INVITATION)["errors"]) == ["enrollment"]
    assert invite(clinic, patient, enrollment=second)["enrollment"] == second


def test_a_sandbox_is_deleted_with_its_caregivers(clinic):
    enrollment = clinic.enroll("s1", sandbox=True)
    token = clinic.token_of_patient("s1")
    caregiver = accept(clinic, invite(clinic, token)["code"])["token"]
    invite(clinic, token)
    assert clinic.get(f"/v1/enrollments/{enrollment}/view", caregiver).status == 200
    assert clinic.call("DELETE", f"/v1/enrollments/{enrollment}", clinic.phone).status == 200
    assert clinic.get(ME, caregiver).status == 401
    assert [rows(clinic, table) for table in (caregivers, caregiver_changes, persons)] == [[], [], []]


def test_two_who_accept_at_once_are_one_caregiver(clinic, patient):
    """The second waits for the first, and finds the code used."""
    from concurrent.futures import ThreadPoolExecutor

    from service.caregivers.accept import Introducing, accept_invitation

    code = invite(clinic, patient)["code"]
    service = replace(clinic.service, new_id=clinic.service.new_id)

    def attempt(_):
        try:
            return accept_invitation(service, code, Introducing(language="en"))
        except Exception as error:
            return type(error).__name__

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, range(4)))
    assert sorted(result for result in results if isinstance(result, str)) == ["Refused"] * 3
    assert len(rows(clinic, persons)) == 2
