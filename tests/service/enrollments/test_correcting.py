"""What staff put right: retractions and placements; and what patients may take back."""

from urllib.parse import quote

import pytest

from service.effects.store.reminders import list_reminders
from service.effects.store.tasks import open_tasks
from service.operations.verify import verify_all


def scan(clinic, enrollment, token, **more):
    return clinic.report(enrollment, token, "scan_done", facts={"last_scan_on": "2026-07-01"}, **more)


def taken_back(clinic, enrollment, event, token, reason="entered_in_error"):
    return clinic.post(f"/v1/enrollments/{enrollment}/events/{event}/retraction", token, {"reason": reason})


def test_a_retraction_answers_what_was_shown_because_of_it(clinic):
    enrollment = clinic.enroll()
    event = scan(clinic, enrollment, clinic.phone)["decision"]["event"]
    clinic.get(f"/v1/enrollments/{enrollment}/content?locale=es&channel=email", clinic.phone)
    answer = taken_back(clinic, enrollment, event, clinic.staff)
    decision = answer["decision"]
    assert (decision["outcome"], decision["by_track"]) == ("advanced", {"disease": "advanced", "support": "stayed"})
    assert decision["transitions"] == [
        {
            "track": "disease",
            "from": "surveillance.waiting_for_result",
            "to": "surveillance.next_scan_later",
            "trigger": "retracted",
        }
    ]
    pieces = [(piece["piece"], piece["locale"], piece["channel"]) for piece in decision["shown"]]
    assert pieces == [("while-you-wait", "en", "web"), ("while-you-wait", "es", "email")]
    assert clinic.places(enrollment)["disease"] == "surveillance.next_scan_later"


def test_what_an_event_taken_back_had_made_needless_is_needed_again(clinic):
    """A reminder and a task that it cleared are open as before."""
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T12:00")
    clinic.worker().fire_all()

    def needed():
        with clinic.service.database.reading() as connection:
            reminders = list_reminders(connection, enrollment)
            tasks = open_tasks(connection, enrollment)
        return [reminder["status"] for reminder in reminders], [task.title for task in tasks]

    before = needed()
    assert before == (["pending"], ["Follow-up scan overdue"])
    event = scan(clinic, enrollment, clinic.phone)["decision"]["event"]
    assert needed() == (["cleared"], [])
    assert taken_back(clinic, enrollment, event, clinic.staff).status == 200
    assert needed() == before


def test_a_retraction_names_the_event_by_its_reporters_id_too(clinic):
    enrollment = clinic.enroll()
    for name in ("scan-1", "scan 1/2", "urn:app café ü?#%", "/", "x" * 255):
        event = scan(clinic, enrollment, clinic.phone, id=name)["decision"]["event"]
        answer = taken_back(clinic, enrollment, quote(name, safe=""), clinic.phone)
        assert answer.status == 200, answer.data
        assert answer["decision"]["event"] == event
        again = taken_back(clinic, enrollment, event, clinic.phone)
        assert again.headers["Idempotent-Replay"] == "true", "it is the same retraction by either id"
        assert again.decision_bytes == answer.decision_bytes


def test_the_id_of_a_cloudevent_is_its_source_and_its_id(clinic):
    enrollment = clinic.enroll()
    event = {"specversion": "1.0", "source": "urn:app", "id": "1", "type": "asked_for_help", "time": "2026-07-01"}
    path = f"/v1/enrollments/{enrollment}/events"
    clinic.post(path, clinic.phone, event, content_type="application/cloudevents+json")
    assert taken_back(clinic, enrollment, "1", clinic.phone).status == 404
    assert taken_back(clinic, enrollment, "urn:app%201", clinic.phone).status == 200


def test_an_id_of_two_reporters_is_ambiguous_for_staff_and_each_reporter_means_its_own(clinic):
    enrollment, patient = clinic.enroll(), clinic.token_of_patient("p1")
    scans = {token: scan(clinic, enrollment, token, id="1")["decision"]["event"] for token in (clinic.staff, patient)}
    before = clinic.read(enrollment, clinic.staff)
    answer = taken_back(clinic, enrollment, "1", clinic.staff)
    assert (answer.status, answer["code"], answer["title"]) == (409, "ambiguous", "More than one event has this id.")
    assert "decision.event" in answer["detail"]
    assert clinic.read(enrollment, clinic.staff) == before
    assert taken_back(clinic, enrollment, "1", patient)["decision"]["event"] == scans[patient]
    assert taken_back(clinic, enrollment, scans[clinic.staff], clinic.staff).status == 200


def test_staff_name_an_event_of_the_app_by_its_id(clinic):
    enrollment = clinic.enroll()
    event = scan(clinic, enrollment, clinic.phone, id="scan-1")["decision"]["event"]
    assert taken_back(clinic, enrollment, "scan-1", clinic.staff)["decision"]["event"] == event


def test_an_id_of_another_reporter_is_answered_like_an_id_of_nobody(clinic):
    """With the same words as for an enrollment that does not exist."""
    enrollment, patient = clinic.enroll(), clinic.token_of_patient("p1")
    scan(clinic, enrollment, clinic.staff, id="scan-1")
    for name in ("scan-1", "nothing", "%2F", "a/b"):
        answers = [taken_back(clinic, at, name, patient) for at in (enrollment, "id999999")]
        assert [(answer.status, answer["code"]) for answer in answers] == [(404, "not-found")] * 2
        assert answers[0].data == answers[1].data
        assert "that this token may retract" in answers[0]["detail"]


def test_what_cannot_be_an_id_is_no_address(clinic):
    enrollment = clinic.enroll()
    for name in ("%00", "a%0Ab", "x" * 512):
        answer = taken_back(clinic, enrollment, name, clinic.staff)
        assert (answer.status, "No route has this address" in answer["detail"]) == (404, True)


def test_a_retraction_is_decided_once(clinic):
    enrollment = clinic.enroll()
    event = scan(clinic, enrollment, clinic.phone)["decision"]["event"]
    first = taken_back(clinic, enrollment, event, clinic.staff)
    again = taken_back(clinic, enrollment, event, clinic.staff)
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.decision_bytes == first.decision_bytes
    other = taken_back(clinic, enrollment, event, clinic.staff, "wrong_patient")
    assert (other.status, other["code"]) == (409, "conflict")


def test_the_event_stays_in_the_history_marked(clinic):
    enrollment = clinic.enroll()
    event = scan(clinic, enrollment, clinic.phone)["decision"]["event"]
    taken_back(clinic, enrollment, event, clinic.staff)
    lines = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff)["items"]
    kinds = [line["kind"] for line in lines if line["item"] == event]
    assert kinds == ["event", "retracted", "undone"]
    of_patient = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.phone)["items"]
    assert [line["kind"] for line in of_patient if line.get("event") == event] == ["taken_back"]


def test_what_staff_reported_and_took_back_is_none_of_the_patients(clinic):
    """The patient may never have been told about the event."""
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/history"
    before = clinic.get(path, clinic.phone).data
    event = clinic.report(enrollment, clinic.staff, "recurrence_confirmed")["decision"]["event"]
    taken_back(clinic, enrollment, event, clinic.staff, "wrong_patient")
    assert clinic.get(path, clinic.phone).data == before


def test_a_reporter_takes_back_their_own_and_nobody_elses(clinic):
    enrollment = clinic.enroll("p1")
    token = clinic.token_of_patient("p1")
    own = scan(clinic, enrollment, token)["decision"]["event"]
    other = clinic.report(enrollment, clinic.phone, "asked_for_help")["decision"]["event"]
    assert taken_back(clinic, enrollment, other, token).status == 404
    assert taken_back(clinic, enrollment, own, token).status == 200


def test_taking_back_the_enrolling_leaves_nothing_open(clinic):
    enrollment = clinic.enroll()
    began = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff)["items"][0]["item"]
    answer = taken_back(clinic, enrollment, began, clinic.staff, "wrong_patient")
    assert answer.status == 200
    for token in (clinic.staff, clinic.phone):
        for path in ("", "/content", "/history", "/explain"):
            assert clinic.get(f"/v1/enrollments/{enrollment}{path}", token).status == 200
    assert clinic.read(enrollment, clinic.phone)["now"]["state"] == {}
    assert clinic.report(enrollment, clinic.phone, "asked_for_help")["decision"]["outcome"] == "ignored"


@pytest.mark.parametrize("reason", ["because", "", None, 3])
def test_the_reason_is_one_of_two(clinic, reason):
    enrollment = clinic.enroll()
    event = scan(clinic, enrollment, clinic.phone)["decision"]["event"]
    answer = taken_back(clinic, enrollment, event, clinic.staff, reason)
    assert answer.status == 422
    assert "reason" in answer["errors"]


def test_staff_place_an_enrollment_in_a_state(clinic):
    enrollment = clinic.enroll()
    body = {
        "id": "put-1",
        "state": "disease.surveillance.waiting_for_result",
        "reason": "The scan was done elsewhere.",
        "occurred_at": "2026-06-15",
    }
    path = f"/v1/enrollments/{enrollment}/placement"
    answer = clinic.post(path, clinic.staff, body)
    assert answer["decision"]["outcome"] == "advanced"
    assert answer["now"]["state"]["disease"]["since"] == "2026-06-15T00:00:00Z"
    again = clinic.post(path, clinic.staff, body)
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.decision_bytes == answer.decision_bytes
    taken_back(clinic, enrollment, answer["decision"]["event"], clinic.staff)
    assert clinic.places(enrollment)["disease"] == "surveillance.next_scan_later"


def test_placing_where_patients_are_told_first_holds(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/placement"
    clinic.post(path, clinic.staff, {"id": "1", "state": "disease.recurrence", "reason": "Seen by us."})
    assert clinic.places(enrollment, clinic.phone)["disease"] == "surveillance.next_scan_later"
    clinic.post(path, clinic.staff, {"id": "2", "state": "disease.recurrence", "reason": "Told.", "told": True})
    assert clinic.places(enrollment, clinic.phone)["disease"] == "recurrence"


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"state": "disease.recurence"}, "state", "Did you mean 'disease.recurrence'?"),
        ({"state": "recurrence"}, "state", "Unknown state"),
        ({"reason": ""}, "reason", "1 to 500"),
        ({"reason": None}, "reason", "required"),
        ({"occurred_at": "2027-01-01"}, "occurred_at", "future"),
    ],
)
def test_a_placement_that_cannot_be_is_named(clinic, change, field, says):
    enrollment = clinic.enroll()
    body = {"id": "1", "state": "disease.recurrence", "reason": "x"} | change
    answer = clinic.post(f"/v1/enrollments/{enrollment}/placement", clinic.staff, body)
    assert answer.status == 422
    assert says in answer["errors"][field][0]


def test_retracting_a_replacement_brings_back_what_it_replaced(clinic):
    """It is listed as valid again, can be replaced again, and can be retracted."""
    enrollment = clinic.enroll()
    confirmed = clinic.report(enrollment, clinic.staff, "recurrence_confirmed")["decision"]["event"]
    mistake = scan(clinic, enrollment, clinic.staff, replaces=confirmed)["decision"]["event"]
    assert clinic.places(enrollment)["disease"] == "surveillance.waiting_for_result"
    assert taken_back(clinic, enrollment, mistake, clinic.staff).status == 200
    assert clinic.places(enrollment)["disease"] == "recurrence"
    lines = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff)["items"]
    assert [line["kind"] for line in lines if line["item"] == confirmed] == ["event", "retracted", "undone", "restored"]
    again = scan(clinic, enrollment, clinic.staff, replaces=confirmed)
    assert again.status == 200, again.data
    assert taken_back(clinic, enrollment, again["decision"]["event"], clinic.staff).status == 200
    assert taken_back(clinic, enrollment, confirmed, clinic.staff).status == 200
    assert clinic.places(enrollment)["disease"] == "surveillance.next_scan_later"
    assert list(verify_all(clinic.service)) == []


def test_a_replaced_event_that_is_retracted_does_not_come_back(clinic):
    enrollment = clinic.enroll()
    confirmed = clinic.report(enrollment, clinic.staff, "recurrence_confirmed")["decision"]["event"]
    mistake = scan(clinic, enrollment, clinic.staff, replaces=confirmed)["decision"]["event"]
    assert taken_back(clinic, enrollment, confirmed, clinic.staff).status == 200
    assert clinic.places(enrollment)["disease"] == "surveillance.waiting_for_result"
    assert taken_back(clinic, enrollment, mistake, clinic.staff).status == 200
    assert clinic.places(enrollment)["disease"] == "surveillance.next_scan_later"
    assert taken_back(clinic, enrollment, mistake, clinic.staff, "wrong_patient").status == 409
