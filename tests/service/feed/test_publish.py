"""What is published: the told view alone, in one order that no reader can miss a part of."""

import threading

import pytest

from service.feed import publish
from service.feed.publish import publish_changes
from tests.service.feed.feeding import Feeding

BEGINNING = ["state.entered disease.surveillance.next_scan_later", "state.entered support.managing"]
SCAN = "disease.surveillance.waiting_for_result"


@pytest.fixture
def feeding(clinic):
    return Feeding(clinic)


def test_the_feed_follows_an_enrollment(clinic, feeding):
    enrollment = clinic.enroll()
    feeding.publish()
    clinic.clock.set("2026-07-30T00:00:00")
    feeding.publish()
    clinic.clock.set("2026-08-21T10:00:00")
    clinic.worker().fire_all()
    feeding.publish()
    clinic.report(enrollment, clinic.staff, "scan_done", facts={"last_scan_on": "2026-08-20"})
    feeding.publish()
    assert feeding.words() == [
        *BEGINNING,
        "timer.fired disease.surveillance.next_scan_later",
        "state.left disease.surveillance.next_scan_later",
        "state.entered disease.surveillance.scan_due",
        "timer.fired disease.surveillance.scan_due",
        "content.due scan-reminder",
        "timer.fired disease.surveillance.scan_due",
        "task.opened disease.surveillance.scan_due",
        "state.left disease.surveillance.scan_due",
        f"state.entered {SCAN}",
        "task.closed disease.surveillance.scan_due",
    ]


def test_an_event_says_ids_and_names_alone(clinic, feeding):
    enrollment = clinic.enroll()
    feeding.publish()
    event = feeding.read()[0]
    assert len(event.pop("id")) == 32
    assert event == {
        "specversion": "1.0",
        "source": "/v1/journeys/follow_up",
        "type": "journeys.state.entered",
        "time": "2026-06-01T00:00:00Z",
        "datacontenttype": "application/json",
        "data": {"at": "2026-06-01", "state": "disease.surveillance.next_scan_later"},
        "subject": enrollment,
    }


def test_what_is_held_is_published_after_the_telling(clinic, feeding):
    enrollment = clinic.enroll()
    feeding.publish()
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    clinic.report(enrollment, clinic.staff, "asked_for_help")
    feeding.publish()
    assert feeding.words() == BEGINNING
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    feeding.publish()
    assert "state.entered disease.recurrence" in feeding.words()
    assert feeding.positions() == list(range(1, len(feeding.positions()) + 1))


def test_a_retraction_withdraws_and_a_repetition_has_another_id(clinic, feeding):
    enrollment = clinic.enroll()
    helped = clinic.report(enrollment, clinic.phone, "asked_for_help")["decision"]["event"]
    feeding.publish()
    first = feeding.read()
    clinic.post(f"/v1/enrollments/{enrollment}/events/{helped}/retraction", clinic.phone, {"reason": "wrong_patient"})
    feeding.publish()
    withdrawn = feeding.read()[len(first) :]
    assert {event["type"] for event in withdrawn} == {"journeys.withdrawn"}
    about_help = [event["id"] for event in first if "at" not in event["data"] or "needs_help" in str(event["data"])]
    assert {event["data"]["withdraws"] for event in withdrawn} >= set(about_help)
    clinic.report(enrollment, clinic.phone, "asked_for_help")
    feeding.publish()
    ids = [event["id"] for event in feeding.read()]
    assert len(set(ids)) == len(ids)


def test_a_task_that_staff_close_is_closed(clinic, feeding):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.staff, "asked_for_help")
    feeding.publish()
    task = clinic.get("/v1/tasks", clinic.staff)["items"][0]["id"]
    clinic.post(f"/v1/tasks/{task}/close", clinic.staff)
    feeding.publish()
    last = feeding.read()[-1]
    assert (last["type"], last["data"]["task"]) == ("journeys.task.closed", task)


def test_a_reader_sees_the_enrollments_of_the_token(clinic, feeding):
    first, second = clinic.enroll("p1"), clinic.enroll("p2")
    clinic.report(first, clinic.staff, "asked_for_help")
    clinic.report(second, clinic.staff, "asked_for_help")
    feeding.publish()

    def subjects(token):
        return {event["subject"] for event in feeding.read(token)}

    assert subjects(clinic.staff) == subjects(clinic.phone) == {first, second}
    assert subjects(clinic.token_of_patient("p1")) == {first}
    assert clinic.get("/v1/feed", clinic.token_of_family(first)).status == 403
    assert subjects(clinic.token_of_patient("p2")) == {second}
    of_staff = {"journeys.task.opened", "journeys.timer.fired", "journeys.task.closed"}
    for token in (clinic.phone, clinic.token_of_patient("p1")):
        assert not of_staff & {event["type"] for event in feeding.read(token)}


def test_an_enrollment_that_cannot_be_looked_at_holds_up_no_other(clinic, feeding, monkeypatch, logs):
    bad, good = clinic.enroll("p1"), clinic.enroll("p2")
    refold = publish.refold

    def fails(releases, release, events, until, **more):
        events = list(events)
        if events[0].uid == bad_event:
            raise ValueError("p1")
        return refold(releases, release, events, until, **more)

    bad_event = clinic.get(f"/v1/enrollments/{bad}/history", clinic.staff)["items"][0]["item"]
    monkeypatch.setattr(publish, "refold", fails)
    feeding.publish()
    assert {event["subject"] for event in feeding.read()} == {good}
    assert [line["enrollment"] for line in logs if line["event"] == "feed-look-failed"] == [bad]
    monkeypatch.setattr(publish, "refold", refold)
    clinic.clock.pass_by(minutes=11)
    feeding.publish()
    assert {event["subject"] for event in feeding.read()} == {bad, good}


def test_publishers_beside_each_other_publish_once_and_leave_no_gap(clinic, feeding):
    for number in range(12):
        clinic.report(clinic.enroll(f"p{number}"), clinic.staff, "asked_for_help")
    failed = []

    def work():
        try:
            while publish_changes(clinic.service):
                pass
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    events = feeding.read()
    assert feeding.positions() == list(range(1, 12 * 5 + 1))
    assert len({event["id"] for event in events}) == 60


def test_a_look_that_finds_nothing_is_not_repeated(clinic, feeding):
    enrollment = clinic.enroll()
    feeding.publish()
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    assert publish_changes(clinic.service) == 1
    assert publish_changes(clinic.service) == 0
