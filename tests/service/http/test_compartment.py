"""A17: whatever a route forgets to check, no answer leaves that speaks of somebody outside the caller's compartment."""

from types import SimpleNamespace

import pytest

from service.access.caller import Caller
from service.http.compartment import is_outside
from tests.service.clinic import joining

READS = ("", "/content", "/history", "/explain")


@pytest.fixture
def forgetful(monkeypatch):
    """A service in which every enrollment is taken for everybody's."""
    monkeypatch.setattr(Caller, "may_see", lambda *_: True)


@pytest.mark.usefixtures("forgetful")
def test_an_answer_about_another_patient_is_an_error_and_an_alert(clinic, logs):
    theirs = clinic.enroll("p2")
    token = clinic.token_of_patient("p1")
    for path in READS:
        answer = clinic.get(f"/v1/enrollments/{theirs}{path}", token)
        assert (answer.status, answer.type) == (500, "application/problem+json"), path
        assert "p2" not in answer.data.decode()
        assert "ETag" not in answer.headers
    assert clinic.report(theirs, token, "asked_for_help").status == 500
    event = {"enrollment": theirs, "id": "x", "type": "asked_for_help", "occurred_at": "2026-06-20"}
    assert clinic.post("/v1/events", token, {"events": [event]}).status == 500
    alerts = [line for line in logs if line["event"] == "outside the compartment"]
    assert [line["log_level"] for line in alerts] == ["error"] * (len(READS) + 2)
    assert all(line["token"] and line["route"].startswith("/v1/") for line in alerts)
    assert clinic.get(f"/v1/enrollments/{theirs}", clinic.staff).status == 200


@pytest.mark.usefixtures("forgetful")
def test_a_token_for_one_journey_is_held_to_it(clinic):
    enrollment = clinic.enroll("p1")
    assert clinic.get(f"/v1/enrollments/{enrollment}", clinic.token_of_patient("p1", "nsclc")).status == 500
    assert clinic.get(f"/v1/enrollments/{enrollment}", clinic.token_of_patient("p1", "follow_up")).status == 200


def test_an_answer_about_another_enrollment_than_the_address_names_is_an_error_for_everybody(clinic, monkeypatch):
    first, second = clinic.enroll("p1"), clinic.enroll("p2")
    from service.enrollments.store import enrollments

    load = enrollments.load
    monkeypatch.setattr(enrollments, "load", lambda connection, _: load(connection, second))
    assert clinic.get(f"/v1/enrollments/{first}", clinic.staff).status == 500
    assert clinic.get(f"/v1/enrollments/{second}", clinic.staff).status == 200


def test_lists_hold_nobody_else(clinic, monkeypatch):
    clinic.enroll("p1"), clinic.enroll("p2")
    from service.enrollments.store import enrollments

    token = clinic.token_of_patient("p1")
    assert len(clinic.get("/v1/me/enrollments", token)["items"]) == 1
    listed = enrollments.list_all
    monkeypatch.setattr(enrollments, "list_of_patient", lambda connection, *_: listed(connection, "", 10))
    assert clinic.get("/v1/me/enrollments", token).status == 500


def test_who_speaks_of_an_enrollment_must_note_it():
    """A route that names an enrollment and notes none is outside: who writes an answer cannot forget."""
    caller = Caller("t", "n", frozenset(), "patient", "p1", disclosed=[])
    assert is_outside(caller, "e1")
    assert not is_outside(caller, None)
    caller.disclose(SimpleNamespace(id="e1", patient_ref="p1", journey="nsclc", is_sandbox=False))
    assert not is_outside(caller, "e1")
    assert not is_outside(caller, None)
    assert is_outside(caller, "e2")


def test_what_is_refused_is_no_business_of_it(clinic):
    answer = clinic.post("/v1/enrollments", clinic.phone, joining("p1") | {"x": 1})
    assert answer.status == 422
    assert clinic.get("/v1/enrollments/id999999", clinic.token_of_patient("p1")).status == 404
