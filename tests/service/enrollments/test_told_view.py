"""Never first with bad news: what a patient's token can read does not change with what is held."""

import pytest

from service.feed.publish import publish_changes
from service.http.access import ROUTES

READ = (
    "/v1/enrollments/{id}",
    "/v1/enrollments/{id}?format=html,text&locale=es",
    "/v1/enrollments/{id}/content",
    "/v1/enrollments/{id}/view",
    "/v1/enrollments/{id}/view?locale=es",
    "/v1/enrollments/{id}/questions",
    "/v1/enrollments/{id}/questions?locale=es",
    "/v1/enrollments/{id}/content/where-to-ask",
    "/v1/enrollments/{id}/content/where-to-ask/image",
    "/v1/enrollments/{id}/facts",
    "/v1/enrollments/{id}/history",
    "/v1/enrollments/{id}/history?limit=1",
    "/v1/enrollments/{id}/explain",
    "/v1/enrollments/{id}/messages",
    "/v1/feed",
    "/v1/journeys/follow_up/consents",
    "/v1/me/preferences",
    "/v1/me/permissions",
    "/v1/me/disclosures",
    "/v1/me/caregivers",
    "/v1/me/enrollments",
    "/v1/enrollments?patient_ref=p1",
)


def seen_by(clinic, token, enrollment) -> dict:
    answers = {}
    while publish_changes(clinic.service):
        pass
    for path in READ:
        answer = clinic.get(path.format(id=enrollment), token)
        assert answer.status == 200, (path, answer.data)
        answers[path] = (answer.headers, answer.data)
    return answers


def test_every_route_a_patient_may_read_is_read_here(clinic):
    readable = {
        rule.rule.replace("<id:enrollment>", "{id}")
        .replace("<id:key>", "where-to-ask")
        .replace("<id:journey>", "follow_up")
        for rule in clinic.app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint in ROUTES and ROUTES[rule.endpoint].patients
    }
    receipt = "/v1/me/permissions/<id:entry>"  # the patient's own words, which nothing holds
    assert readable - {receipt} == {path.partition("?")[0] for path in READ}


@pytest.fixture
def waiting(clinic):
    """An enrollment that waits for a result, and its patient's token."""
    enrollment = clinic.enroll()
    token = clinic.token_of_patient("p1")
    clinic.report(enrollment, token, "scan_done", "2026-06-20", facts={"last_scan_on": "2026-06-20"})
    return enrollment, token


def suspicious(clinic, enrollment, **more):
    return clinic.report(enrollment, clinic.staff, "scan_result_reported", facts={"scan_result": "suspicious"}, **more)


def test_what_is_held_changes_nothing_for_the_patient_until_it_is_told(clinic, waiting):
    enrollment, token = waiting
    app = clinic.token("reader", "read")
    before = seen_by(clinic, token, enrollment)
    assert suspicious(clinic, enrollment)["decision"]["outcome"] == "advanced"
    assert clinic.places(enrollment)["disease"] == "recurrence"
    assert seen_by(clinic, token, enrollment) == before
    assert clinic.seen(enrollment, app) == clinic.seen(enrollment, token)
    clinic.report(enrollment, clinic.staff, "scan_booked", facts={"scan_booked_for": "2026-07-20"})
    assert seen_by(clinic, token, enrollment) == before
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    after = seen_by(clinic, token, enrollment)
    assert clinic.places(enrollment, token)["disease"] == "recurrence"
    of_person = ("/me/p", "/me/c", "/messages", "/consents")
    moved = [path for path in READ if not any(part in path for part in ("limit=1", "where-to-ask", *of_person))]
    assert all(after[path] != before[path] for path in moved)


def test_staff_see_the_truth_and_get_a_task(clinic, waiting):
    enrollment, _ = waiting
    now = suspicious(clinic, enrollment)["now"]
    assert now["held"] == [
        {
            "kind": "state",
            "name": "disease.recurrence",
            "until": "recurrence_discussed",
            "since": "2026-07-01T09:00:00Z",
            "precision": "instant",
        }
    ]
    task = now["tasks"][0]
    assert (task["kind"], task["title"], task["due"]) == ("tell", "Tell the patient", "2026-07-03T09:00:00Z")
    assert [piece["key"] for piece in now["content"]] == ["what-recurrence-is", "where-to-ask"]
    answer = clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    assert (answer["now"]["held"], answer["now"]["tasks"]) == ([], [])
    assert clinic.get(f"/v1/tasks?status=done&enrollment={enrollment}", clinic.staff)["items"][0]["id"] == task["id"]


def test_an_answer_to_the_patient_reveals_nothing_while_something_is_held(clinic, waiting):
    enrollment, token = waiting
    suspicious(clinic, enrollment)
    path = f"/v1/enrollments/{enrollment}/events"
    body = {"id": "help", "type": "asked_for_help", "occurred_at": "2026-07-01"}
    answer = clinic.post(path, token, body)
    decision = answer["decision"]
    assert decision == {
        "event": decision["event"],
        "outcome": "advanced",
        "by_track": {"disease": "ignored", "support": "advanced"},
        "transitions": [{"track": "support", "from": "managing", "to": "needs_help", "trigger": "asked_for_help"}],
        "waiting_for": [],
        "cleared": [],
    }
    assert answer["now"]["state"]["disease"]["state"] == "surveillance.waiting_for_result"
    assert answer["now"]["state"]["support"]["state"] == "needs_help"
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    again = clinic.post(path, token, body)
    assert again.decision_bytes == answer.decision_bytes
    assert again["now"]["state"]["support"]["state"] == "needs_help"


def test_a_replay_during_a_hold_says_what_it_said_before(clinic, waiting):
    """Also `now`, and also where the held event revised what the patient's event did."""
    enrollment, token = waiting
    path = f"/v1/enrollments/{enrollment}/events"
    body = {"id": "scan-2", "type": "scan_done", "occurred_at": "2026-06-25", "facts": {"last_scan_on": "2026-06-25"}}
    clinic.post(path, token, body)
    before = clinic.post(path, token, body)
    assert before["now"]["revised"] is False
    suspicious(clinic, enrollment, on="2026-06-21")  # late: before the second scan
    after = clinic.post(path, token, body)
    assert after.data == before.data
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    assert clinic.post(path, token, body)["now"]["revised"] is True


def test_told_with_the_event_itself_nothing_is_held(clinic, waiting):
    enrollment, token = waiting
    suspicious(clinic, enrollment, told=True)
    assert clinic.places(enrollment, token)["disease"] == "recurrence"
    assert "what-recurrence-is" in clinic.seen(enrollment, token)


def test_what_is_due_before_a_held_event_is_seen_as_it_was(clinic):
    """A timer that nobody fired yet belongs to what the patient saw just before."""
    enrollment = clinic.enroll()
    token = clinic.token_of_patient("p1")
    clinic.clock.set("2026-07-20T00:00:00")
    before = seen_by(clinic, token, enrollment)
    assert b"scan_due" in before["/v1/enrollments/{id}/history"][1]
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    assert seen_by(clinic, token, enrollment) == before


def test_taking_the_held_event_back_leaves_no_trace_for_the_patient(clinic, waiting):
    enrollment, token = waiting
    before = seen_by(clinic, token, enrollment)
    event = suspicious(clinic, enrollment)["decision"]["event"]
    path = f"/v1/enrollments/{enrollment}/events/{event}/retraction"
    assert clinic.post(path, clinic.staff, {"reason": "wrong_patient"}).status == 200
    assert clinic.places(enrollment, token)["disease"] == "surveillance.waiting_for_result"
    for path in ("/v1/enrollments/{id}/content", "/v1/me/enrollments", "/v1/enrollments/{id}"):
        assert seen_by(clinic, token, enrollment)[path] == before[path]


def test_of_two_held_things_the_one_taken_back_is_never_seen(clinic):
    """The second hold goes on from what is so without the first: not even its name shows anywhere."""
    enrollment, token = clinic.enroll(), clinic.token_of_patient("p1")
    wrong = clinic.report(enrollment, clinic.staff, "recurrence_confirmed", "2026-06-10")["decision"]["event"]
    clinic.report(enrollment, token, "asked_for_help", "2026-06-12")
    body = {"id": "1", "state": "disease.recurrence", "reason": "Seen by us.", "occurred_at": "2026-06-20"}
    clinic.post(f"/v1/enrollments/{enrollment}/placement", clinic.staff, body)
    reason = {"reason": "wrong_patient"}
    clinic.post(f"/v1/enrollments/{enrollment}/events/{wrong}/retraction", clinic.staff, reason)
    assert clinic.places(enrollment) == {"disease": "recurrence", "support": "needs_help"}
    visible = seen_by(clinic, token, enrollment)
    assert clinic.places(enrollment, token) == {"disease": "surveillance.next_scan_later", "support": "needs_help"}
    for _, data in visible.values():
        assert b"recurrence" not in data
        assert wrong.encode() not in data
    assert b"asked_for_help" in visible["/v1/enrollments/{id}/history"][1]


def test_after_the_end_the_view_shows_the_end_and_no_content(clinic, waiting):
    enrollment, token = waiting
    suspicious(clinic, enrollment)
    clinic.report(enrollment, clinic.staff, "deceased")
    now = clinic.read(enrollment, token)["now"]
    assert now["ended"] == {"type": "deceased", "title": "Death", "at": "2026-07-01T09:00:00Z", "precision": "instant"}
    assert now["content"] == []
    assert now["state"]["disease"]["state"] == "surveillance.waiting_for_result"


def test_a_patient_who_leaves_while_something_is_held_is_told_that_they_left(clinic, waiting):
    enrollment, token = waiting
    suspicious(clinic, enrollment)
    answer = clinic.report(enrollment, token, "left")
    ends = [(move["from"], move["to"]) for move in answer["decision"]["transitions"]]
    assert ends == [("surveillance.waiting_for_result", None), ("managing", None)]
    assert answer["now"]["ended"]["type"] == "left"


def test_what_staff_look_at_is_not_noted_as_shown(clinic, waiting):
    enrollment, _ = waiting
    event = suspicious(clinic, enrollment)["decision"]["event"]
    clinic.get(f"/v1/enrollments/{enrollment}/content", clinic.staff)
    path = f"/v1/enrollments/{enrollment}/events/{event}/retraction"
    answer = clinic.post(path, clinic.staff, {"reason": "entered_in_error"})
    assert answer["decision"]["shown"] == []


def test_a_retraction_sent_again_during_a_hold_says_what_it_said_before(clinic, waiting):
    enrollment, token = waiting
    event = clinic.report(enrollment, token, "asked_for_help", "2026-06-25")["decision"]["event"]
    path = f"/v1/enrollments/{enrollment}/events/{event}/retraction"
    reason = {"reason": "entered_in_error"}
    clinic.post(path, token, reason)
    before = clinic.post(path, token, reason)
    assert before["now"]["revised"] is False
    suspicious(clinic, enrollment)
    assert clinic.post(path, token, reason).data == before.data
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    assert clinic.post(path, token, reason)["now"]["revised"] is False
