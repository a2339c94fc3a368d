"""Questions of a caregiver: those that they may answer, never a sensitive one, and nothing of what was declined."""

import pytest

KEYS = ["last_scan_on", "smokes"]


@pytest.fixture
def enrollment(clinic):
    """An enrollment of which both facts with a question are unknown."""
    return clinic.enroll(facts={})


def read(clinic, enrollment, token, part="items"):
    answer = clinic.get(f"/v1/enrollments/{enrollment}/questions", token)
    assert answer.status == 200, answer.data
    view = clinic.get(f"/v1/enrollments/{enrollment}/view", token)
    assert view[{"items": "questions"}.get(part, part)] == answer[part]
    return [question["key"] for question in answer[part]]


def send(clinic, enrollment, token, facts):
    body = {"id": f"daughter-{next(clinic.events)}", "occurred_at": clinic.clock().isoformat(), "facts": facts}
    return clinic.post(f"/v1/enrollments/{enrollment}/answers", token, body)


def test_who_may_answer_sees_the_questions_that_are_not_sensitive(clinic, enrollment):
    assert read(clinic, enrollment, clinic.token_of_patient("p1")) == KEYS
    assert read(clinic, enrollment, clinic.token_of_family(enrollment, sees=["course"], may=["answered"])) == KEYS[:1]
    assert read(clinic, enrollment, clinic.token_of_family(enrollment, sees=["course"], may=["asked_for_help"])) == []


def test_the_form_of_an_answer_has_the_same_facts(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment, sees=["course"], may=["answered"])
    forms = clinic.get(f"/v1/enrollments/{enrollment}/view", caregiver)["can_report"]
    (form,) = [form for form in forms if form["type"] == "answered"]
    assert KEYS[0] in [field["name"] for field in form["fields"]]


def test_what_the_patient_declined_stays_with_the_patient(clinic, enrollment):
    own = clinic.token_of_patient("p1")
    assert send(clinic, enrollment, own, {"last_scan_on": {"declined": True}}).status == 200
    assert read(clinic, enrollment, own, "declined") == KEYS[:1]
    caregiver = clinic.token_of_family(enrollment, sees=["course"], may=["answered"])
    assert read(clinic, enrollment, caregiver) == read(clinic, enrollment, caregiver, "declined") == []


def test_an_answer_of_a_caregiver_changes_what_both_see(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment, sees=["course"], may=["answered"])
    answer = send(clinic, enrollment, caregiver, {"last_scan_on": "2026-01-20"})
    assert (answer.status, answer["decision"]["outcome"]) == (200, "stayed")
    assert read(clinic, enrollment, caregiver) == []
    assert read(clinic, enrollment, clinic.token_of_patient("p1")) == KEYS[1:]


def test_who_may_not_answer_is_told_what_is_allowed(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment, sees=["course"], may=["asked_for_help"])
    answer = send(clinic, enrollment, caregiver, {"last_scan_on": "2026-01-20"})
    assert answer.status == 422
    assert answer["errors"]["type"] == ["The patient does not let this caregiver report this. Allowed: asked_for_help."]
