"""Surveys over HTTP: permission, whole answers, two tabs, retraction, caregivers, thanks, and what is never stored."""

import pytest

from service.enrollments.store import sandboxes
from tests.service.clinic import joining

WHOLE = {"pack_years": 3, "clear": "in_part", "used": True}
DECLINED = {"declined": True}
NOT_OPEN = "No survey of this name can be answered now. Accepted: {}. Leave this field out of other answers."


def test_a_survey_with_measures_comes_with_permission_to_measure_alone(surveyed):
    assert list(surveyed.questions()) == ["smokes"]
    surveyed.allow()
    asked = surveyed.questions()
    assert list(asked) == ["smokes", "page_help"]
    survey = asked["page_help"]
    assert survey["survey"] == {"purpose": "We count the answers.", "thanks": "A page for you."}
    assert (survey["why"], survey["offers"]) == ("We change what does not help.", ["answer", "decline", "later"])
    assert [field["name"] for field in survey["fields"]] == ["pack_years", "clear", "used"]
    assert [choice["label"] for choice in survey["fields"][1]["choices"]] == ["Clear", "In part"]
    assert asked["smokes"]["survey"] is None


def test_a_poll_notices_a_permission_that_changes_nothing_else(surveyed):
    path = f"/v1/enrollments/{surveyed.enrollment}/view"
    first = surveyed.clinic.get(path, surveyed.token)
    surveyed.allow()
    again = surveyed.clinic.get(path, surveyed.token, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 200
    assert [question["key"] for question in again["questions"]] == ["smokes", "page_help"]
    same = surveyed.clinic.get(path, surveyed.token, headers={"If-None-Match": again.headers["ETag"]})
    assert same.status == 304
    assert surveyed.revoke(purpose="measurement").status == 201
    after = surveyed.clinic.get(path, surveyed.token, headers={"If-None-Match": again.headers["ETag"]})
    assert [question["key"] for question in after["questions"]] == ["smokes"]


def test_the_screen_is_the_same_for_every_caller_but_caregivers(surveyed):
    surveyed.allow()
    clinic, family = surveyed.clinic, surveyed.clinic.token_of_family(surveyed.enrollment)
    assert surveyed.questions(clinic.staff) == surveyed.questions(clinic.phone) == surveyed.questions()
    assert "page_help" not in surveyed.questions(family)
    view = clinic.get(f"/v1/enrollments/{surveyed.enrollment}/view", family)
    assert all(question["survey"] is None for question in view["questions"])
    refused = surveyed.answer("page_help", WHOLE, token=family)
    assert refused["errors"] == {"question": ["A survey may be answered by patient, not by family."]}


def test_measured_answers_are_kept_apart_from_the_log(surveyed):
    surveyed.allow()
    sent = surveyed.answer("page_help", WHOLE)
    assert sent.status == 200, sent.data
    thanks = {"survey": "page_help", "text": "A page for you.", "piece": "for-you", "value": None}
    assert sent["decision"]["changed"]["thanks"] == [thanks]
    assert [card["key"] for card in sent["decision"]["changed"]["cards"]["came"]] == ["for-you"]
    facts = surveyed.clinic.get(f"/v1/enrollments/{surveyed.enrollment}/facts", surveyed.token)["items"]
    assert {fact["name"] for fact in facts} == {"last_scan_on", "pack_years"}
    (row,) = surveyed.rows()
    assert row.person == surveyed.person_of()
    assert b'"clear":"in_part"' in row.payload and b"pack_years" not in row.payload
    for part in ("history", "facts", "view"):
        body = surveyed.clinic.get(f"/v1/enrollments/{surveyed.enrollment}/{part}", surveyed.clinic.staff).data
        assert "in_part" not in str(body)
    assert "page_help" not in surveyed.questions()
    surveyed.clinic.clock.pass_by(days=91)
    assert "page_help" in surveyed.questions()


def test_half_an_answer_and_wrong_values_store_nothing(surveyed):
    surveyed.allow()
    half = surveyed.answer("page_help", {"pack_years": 3, "clear": "clear"})
    text = "The answers to 'page_help' are sent together: pack_years, clear, used; missing: used. Each may be declined."
    assert (half.status, half["errors"]) == (422, {"facts.used": [text]})
    wrong = surveyed.answer("page_help", WHOLE | {"clear": "so so"})
    accepted = 'It must be one of clear, in_part, or {"declined": true}.'
    assert wrong["errors"] == {"facts.clear": [accepted]}
    assert "facts.pack_years" in surveyed.answer("page_help", WHOLE | {"pack_years": 999})["errors"]
    assert surveyed.rows() == []
    assert "page_help" in surveyed.questions()


def test_two_tabs_count_once_and_a_repeat_gets_the_same_decision(surveyed):
    surveyed.allow()
    first = surveyed.answer("page_help", WHOLE, id="tab-1", occurred_at="2026-07-01T09:00:00Z")
    again = surveyed.answer("page_help", WHOLE, id="tab-1", occurred_at="2026-07-01T09:00:00Z")
    assert (again.status, again["decision"]) == (200, first["decision"])
    second = surveyed.answer("page_help", WHOLE | {"clear": "clear"}, id="tab-2")
    assert (second.status, second["errors"]) == (422, {"question": [NOT_OPEN.format("none")]})
    other = surveyed.answer("page_help", WHOLE | {"clear": "clear"}, id="tab-1", occurred_at="2026-07-01T09:00:00Z")
    assert other.status == 409
    assert len(surveyed.rows()) == 1


def test_two_answers_in_one_batch_count_once(surveyed):
    surveyed.allow()
    events = [
        {
            "enrollment": surveyed.enrollment,
            "id": f"b-{number}",
            "type": "answered",
            "occurred_at": surveyed.clinic.clock().isoformat(),
            "question": "page_help",
            "facts": WHOLE,
        }
        for number in (1, 2)
    ]
    sent = surveyed.clinic.post("/v1/events", surveyed.token, {"events": events})
    assert len(surveyed.rows()) == 1, sent.data


def test_a_declined_survey_is_no_fact_and_may_be_opened(surveyed):
    surveyed.allow()
    assert surveyed.answer("page_help", dict.fromkeys(WHOLE, DECLINED)).status == 200
    assert (surveyed.rows(), "page_help" in surveyed.questions()) == ([], False)
    surveyed.clinic.clock.pass_by(days=95)
    assert "page_help" not in surveyed.questions()
    assert surveyed.questions(part="declined")["page_help"]["offers"] == ["answer"]
    facts = surveyed.clinic.get(f"/v1/enrollments/{surveyed.enrollment}/facts", surveyed.token)["items"]
    assert "pack_years" not in {fact["name"] for fact in facts}
    assert surveyed.answer("page_help", WHOLE).status == 200
    assert len(surveyed.rows()) == 1


def test_a_survey_is_put_off_until_a_day(surveyed):
    surveyed.allow()
    body = {
        "id": "l-1",
        "occurred_at": surveyed.clinic.clock().isoformat(),
        "question": "page_help",
        "until": "2026-07-08",
    }
    assert surveyed.clinic.post(f"/v1/enrollments/{surveyed.enrollment}/answers", surveyed.token, body).status == 200
    assert "page_help" not in surveyed.questions()
    surveyed.clinic.clock.set("2026-07-08T00:00:01")
    assert "page_help" in surveyed.questions()


@pytest.mark.parametrize("more", [{"purpose": "measurement"}, {}])
def test_a_revocation_erases_what_was_measured(surveyed, more):
    surveyed.allow()
    surveyed.answer("page_help", WHOLE)
    assert surveyed.revoke(purpose="education").status == 201
    assert len(surveyed.rows()) == 1
    assert surveyed.revoke(**more).status == 201
    assert surveyed.rows() == []


def test_a_form_that_was_open_at_the_revocation_brings_facts_alone(surveyed):
    surveyed.allow()
    assert "page_help" in surveyed.questions()
    surveyed.revoke(purpose="measurement")
    sent = surveyed.answer("page_help", WHOLE)
    assert sent.status == 200, sent.data
    assert surveyed.rows() == []
    facts = surveyed.clinic.get(f"/v1/enrollments/{surveyed.enrollment}/facts", surveyed.token)["items"]
    assert "pack_years" in {fact["name"] for fact in facts}
    assert sent["decision"]["changed"]["thanks"][0]["piece"] == "for-you"


def test_a_retraction_takes_back_the_answer_and_the_thanks(surveyed):
    surveyed.allow()
    surveyed.answer("page_help", WHOLE, id="mine")
    path = f"/v1/enrollments/{surveyed.enrollment}/events/mine/retraction"
    retracted = surveyed.clinic.post(path, surveyed.token, {"reason": "entered_in_error"})
    assert retracted.status == 200, retracted.data
    assert surveyed.rows() == []
    assert "page_help" in surveyed.questions()
    view = surveyed.clinic.get(f"/v1/enrollments/{surveyed.enrollment}/view", surveyed.token)
    assert "for-you" not in {card["key"] for card in view["cards"]}


def test_what_a_person_answered_is_erased_with_the_person(surveyed):
    surveyed.allow()
    surveyed.answer("page_help", WHOLE)
    person = surveyed.person_of()
    with surveyed.clinic.service.database.writing() as connection:
        sandboxes.delete_sandbox(connection, surveyed.enrollment)
        sandboxes.delete_person(connection, person)
    assert surveyed.rows() == []


def test_a_sandbox_is_asked_and_never_measured(surveyed):
    clinic = surveyed.clinic
    enrollment = clinic.post("/v1/enrollments", clinic.phone, joining("made-up", sandbox=True))["id"]
    surveyed.allow(enrollment)
    token = clinic.post("/v1/patient-tokens", clinic.phone, {"patient_ref": "made-up", "expires_in": 3600})["token"]
    assert surveyed.answer("page_help", WHOLE, token=token, enrollment=enrollment).status == 200
    assert surveyed.rows() == []


def test_a_survey_of_held_news_does_not_exist_before_the_telling(surveyed):
    clinic = surveyed.clinic
    clinic.report(surveyed.enrollment, clinic.staff, "recurrence_confirmed")
    early = surveyed.answer("after_the_talk", {"pack_years": 1})
    unknown = surveyed.answer("after_the_tlak", {"pack_years": 1})
    assert (early.status, early["errors"]) == (unknown.status, unknown["errors"])
    assert early["errors"] == {"question": [NOT_OPEN.format("page_help")]}
    assert "after_the_talk" not in surveyed.questions(clinic.staff)
    clinic.report(surveyed.enrollment, clinic.staff, "recurrence_discussed")
    assert "after_the_talk" in surveyed.questions()
    sent = surveyed.answer("after_the_talk", {"pack_years": 1})
    assert sent["decision"]["changed"]["thanks"][0]["value"] == "+1 312 555 0142"


def test_a_promised_task_is_opened_for_staff(surveyed):
    clinic = surveyed.clinic
    clinic.report(surveyed.enrollment, clinic.staff, "asked_for_help")
    assert surveyed.answer("after_asking", {"pack_years": 1}).status == 200
    tasks = clinic.get(f"/v1/tasks?enrollment={surveyed.enrollment}&status=open", clinic.staff)["items"]
    (task,) = [task for task in tasks if task["title"] == "Call and say thanks"]
    assert (task["state"], task["assignee"]) == ("after_asking", "care_team")


def test_staff_do_not_answer_for_the_patient(surveyed):
    surveyed.allow()
    refused = surveyed.answer("page_help", WHOLE, token=surveyed.clinic.staff)
    assert refused["errors"] == {"question": ["A survey may be answered by patient, not by staff."]}
