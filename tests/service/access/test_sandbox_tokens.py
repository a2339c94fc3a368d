"""Tokens for sandboxes alone: whatever they enroll is a sandbox, and no answer to them speaks of a patient."""

import pytest

from journeys.primitives.errors import Refused
from service.access.tokens import create_token
from service.http.access import OF_SANDBOXES, ROUTES
from service.http.compartment import is_outside
from tests.service.clinic import joining
from tests.service.http.every_route import calls_of_every_route

SCOPES = ("enroll", "report", "read", "staff", "sandbox")


@pytest.fixture
def developer(clinic) -> str:
    return clinic.token("developer", *SCOPES)


def test_whatever_it_enrolls_is_a_sandbox(clinic, developer):
    answer = clinic.post("/v1/enrollments", developer, joining("s1"))
    assert (answer.status, answer["sandbox"], answer["clock"]) == (201, True, "2026-07-01T09:00:00Z")
    again = clinic.post("/v1/enrollments", developer, joining("s1"))
    assert (again["id"], again.headers["Idempotent-Replay"]) == (answer["id"], "true")
    assert clinic.post(f"/v1/enrollments/{answer['id']}/clock", developer, {"advance": "P30D"}).status == 200
    assert clinic.report(answer["id"], developer, "recurrence_confirmed").status == 200
    (task,) = clinic.get(f"/v1/tasks?enrollment={answer['id']}&status=open", developer)["items"]
    assert clinic.post(f"/v1/tasks/{task['id']}/close", developer)["status"] == "closed"
    body = {"patient_ref": "s1", "expires_in": 3600}
    own = clinic.post("/v1/patient-tokens", developer, body)["token"]
    assert clinic.get(f"/v1/enrollments/{answer['id']}/view", own).status == 200
    listed = clinic.get("/v1/enrollments?journey=follow_up", developer)["items"]
    assert [item["id"] for item in listed] == [answer["id"]]
    assert clinic.call("DELETE", f"/v1/enrollments/{answer['id']}", developer).status == 200


def test_no_answer_to_it_speaks_of_a_patient(clinic, developer):
    """Every route, by the addresses with which others read and change a patient."""
    calls = calls_of_every_route(clinic)
    enrollment = clinic.get("/v1/enrollments?patient_ref=p1", clinic.staff)["items"][0]["id"]
    before = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff).data
    tried = set()
    for call in calls:
        if call.path == "/v1/caregivers/accept":
            continue  # which needs no token: the code says whose caregiver it is
        answer = call.send(clinic, developer)
        tried.add(call.path)
        if enrollment in call.address:
            assert answer.status in (403, 404), call
        if call.path == "/v1/tasks/{task}/close":
            assert answer.status == 404
        assert b'"p1"' not in answer.data and enrollment.encode() not in answer.data, call
    assert len(tried) > 30
    assert clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff).data == before


@pytest.mark.parametrize(
    "path",
    [
        "/v1/enrollments?patient_ref=p1",
        "/v1/enrollments?journey=follow_up",
        "/v1/enrollments?journey=follow_up&sandbox=false",
    ],
)
def test_its_lists_hold_no_patient(clinic, developer, path):
    clinic.enroll("p1")
    assert clinic.get(path, developer).json == {"items": [], "next": None}


def test_a_patient_is_to_it_like_nobody(clinic, developer):
    """Reports by the patient's reference, tokens, tasks without an enrollment."""
    clinic.enroll("p1")
    clinic.report(clinic.enroll("p2"), clinic.phone, "asked_for_help")

    def answers(patient):
        event = {"id": "e", "type": "asked_for_help", "occurred_at": "2026-07-01"}
        batch = {"events": [event | {"patient_ref": patient, "journey": "follow_up"}]}
        minting = {"patient_ref": patient, "expires_in": 3600}
        return [
            clinic.post("/v1/events", developer, batch).data,
            clinic.post("/v1/patient-tokens", developer, minting).data,
            clinic.get(f"/v1/enrollments?patient_ref={patient}", developer).data,
        ]

    assert answers("p1") == answers("no")
    clinic.enroll("p1", "k2")
    assert answers("p1") == answers("no"), "nor are several enrollments told from none"
    assert clinic.get("/v1/tasks", developer).status == 404
    refused = clinic.post("/v1/enrollments", developer, joining("p1"))
    assert (refused.status, refused["title"]) == (409, "Sandboxes and patients are kept apart.")


def test_an_app_does_not_get_a_sandbox_for_a_patient(clinic, developer):
    """The same body and key, by a token of either kind."""
    clinic.post("/v1/enrollments", developer, joining("s1"))
    answer = clinic.post("/v1/enrollments", clinic.phone, joining("s1"))
    assert (answer.status, answer["title"]) == (409, "Sandboxes and patients are kept apart.")


def test_the_last_check_of_an_answer_knows_sandboxes(clinic, developer, monkeypatch):
    from service.access.caller import Caller

    real, token = clinic.enroll("p1"), Caller("t", "n", frozenset(SCOPES), "staff", disclosed=[])
    with clinic.service.database.reading() as connection:
        from service.enrollments.store import enrollments

        token.disclose(enrollments.load(connection, real))
    assert is_outside(token, real)
    monkeypatch.setattr(Caller, "may_see", lambda *_: True)
    assert clinic.get(f"/v1/enrollments/{real}", developer).status == 500


@pytest.mark.parametrize(
    "scopes", [("sandbox",), ("sandbox", "admin"), ("sandbox", "read", "mint:any"), ("sandbox", "enroll", "admin")]
)
def test_it_has_a_scope_of_patients_and_no_other(clinic, scopes):
    with pytest.raises(Refused) as refused:
        create_token(clinic.service, name="developer", scopes=scopes)
    assert "scopes" in refused.value.fields


def test_a_name_is_of_one_kind(clinic, developer):
    with pytest.raises(Refused) as refused:
        create_token(clinic.service, name="developer", scopes=("enroll", "staff"))
    assert "name" in refused.value.fields
    assert create_token(clinic.service, name="developer", scopes=("read", "staff", "sandbox")).text


def test_what_speaks_of_all_patients_or_of_persons_is_closed_to_it(clinic, developer):
    closed = {name for name, access in ROUTES.items() if access.scopes and name not in OF_SANDBOXES}
    assert closed >= {"journeys.read_counts", "feed.read", "metrics.expose", "disclosures.list"}
    assert {name.partition(".")[0] for name in closed} == {
        "journeys",
        "feed",
        "metrics",
        "caregivers",
        "disclosures",
        "messages",
        "persons",
        "permission",
    }
    for path in (
        "/v1/journeys/follow_up/counts",
        "/v1/feed",
        "/v1/me/preferences?person=x",
        "/v1/me/permissions?person=x",
    ):
        answer = clinic.get(path, developer)
        assert (answer.status, answer["detail"]) == (403, "A token for sandboxes may not call this route.")
