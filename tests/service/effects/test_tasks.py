"""Tasks: opened by a step, closed by an event or a person, moot when their reason is over."""

import importlib

advance = importlib.import_module("journeys.engine.advance")  # the package has a function of the same name


def listed(clinic, status="open", **more):
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return clinic.get(f"/v1/tasks?status={status}{query}", clinic.staff)["items"]


def test_a_state_opens_a_task_and_a_person_closes_it(clinic):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-07-01T08:00:00Z")
    (task,) = listed(clinic)
    assert task == {
        "id": task["id"],
        "enrollment": enrollment,
        "patient_ref": "p1",
        "journey": "follow_up",
        "kind": "task",
        "state": "support.needs_help",
        "title": "Call the patient",
        "assignee": "care_team",
        "due": "2026-07-03T08:00:00Z",
        "status": "open",
        "opened_at": "2026-07-01T09:00:00Z",
        "closed_at": None,
        "closed_by": None,
    }
    clinic.clock.pass_by(hours=1)
    closed = clinic.post(f"/v1/tasks/{task['id']}/close", clinic.staff)
    assert (closed["status"], closed["closed_at"], closed["closed_by"]) == ("closed", "2026-07-01T10:00:00Z", "clinic")
    clinic.clock.pass_by(hours=1)
    assert clinic.post(f"/v1/tasks/{task['id']}/close", clinic.staff).json == closed.json
    assert listed(clinic) == []
    assert clinic.read(enrollment, clinic.staff)["now"]["tasks"] == []


def test_what_is_taken_back_makes_its_task_moot_and_a_retold_event_opens_it_again(clinic):
    enrollment = clinic.enroll()
    event = clinic.report(enrollment, clinic.phone, "asked_for_help")["decision"]["event"]
    (task,) = listed(clinic)
    clinic.post(f"/v1/enrollments/{enrollment}/events/{event}/retraction", clinic.staff, {"reason": "wrong_patient"})
    assert [item["id"] for item in listed(clinic, "moot")] == [task["id"]]
    clinic.report(enrollment, clinic.phone, "asked_for_help")
    assert [item["status"] for item in listed(clinic)] == ["open"]


def test_a_task_that_the_ledger_has_dropped_opens_again(clinic, monkeypatch):
    """The ledger of an enrollment remembers a bounded number of ended effects; the table has all of them."""
    monkeypatch.setattr(advance, "MOST_ENDED", 0)
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T00:00:00")
    clinic.worker().fire_all()
    (task,) = listed(clinic)
    done = clinic.report(enrollment, clinic.phone, "scan_done", facts={"last_scan_on": "2026-08-19"})
    assert listed(clinic) == []
    path = f"/v1/enrollments/{enrollment}/events/{done['decision']['event']}/retraction"
    assert clinic.post(path, clinic.staff, {"reason": "entered_in_error"}).status == 200
    assert [(item["id"], item["status"], item["closed_at"]) for item in listed(clinic)] == [(task["id"], "open", None)]


def test_a_timer_opens_a_task_and_its_event_does_it(clinic):
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T00:00:00")
    assert clinic.worker().fire_all() == 1
    (task,) = listed(clinic, enrollment=enrollment)
    assert (task["title"], task["due"]) == ("Follow-up scan overdue", "2026-08-17T00:00:00Z")
    answer = clinic.report(enrollment, clinic.phone, "scan_done", facts={"last_scan_on": "2026-08-19"})
    assert answer["decision"]["outcome"] == "advanced"
    assert listed(clinic) == []


def test_tasks_come_in_pages_and_by_assignee(clinic):
    for number in range(5):
        clinic.report(clinic.enroll(f"p{number}"), clinic.phone, "asked_for_help")
    listed_enrollments = [task["enrollment"] for task in clinic.pages("/v1/tasks?limit=2", clinic.staff)]
    assert len(listed_enrollments) == len(set(listed_enrollments)) == 5
    assert listed(clinic, assignee="nobody") == []
    assert len(listed(clinic, assignee="care_team")) == 5


def test_a_task_that_is_not_there_is_not_found(clinic):
    assert clinic.post("/v1/tasks/nothing/close", clinic.staff).status == 404
