"""A clock that was far ahead: workers wait until told to go on; what was folded too far is folded to now again."""

import threading
import time

import pytest

from service.effects.store.reminders import list_reminders
from service.effects.store.tasks import open_tasks
from service.operations.doctor import examine_all
from service.operations.heartbeats import accept_clock, beat_before_jump, sign_off, sign_on, take_back_clock
from service.operations.refold import repair
from service.operations.verify import find_ahead, verify_all
from service.platform.configuration import Configuration
from tests.service.clinic import joining


def fired_by(worker, within):
    """How many enrollments a worker serves that runs until it has served one, or for some seconds."""
    thread, end = threading.Thread(target=worker.run), time.monotonic() + within
    thread.start()
    while not worker.fired and time.monotonic() < end:
        time.sleep(0.02)
    worker.stop()
    thread.join(10)
    return worker.fired


def test_a_worker_with_a_clock_far_ahead_of_the_last_beat_waits_until_told_to_go_on(clinic):
    clinic.enroll()
    sign_on(clinic.service, "earlier")
    sign_off(clinic.service, "earlier")
    clinic.clock.set("2027-08-05T18:00")
    assert beat_before_jump(clinic.service) is not None
    assert fired_by(clinic.worker(), within=0.3) == 0
    accept_clock(clinic.service)
    assert fired_by(clinic.worker(), within=20) == 1


@pytest.mark.parametrize("at", ["2026-06-02T08:00", "2026-05-01T09:00", "2016-06-01T09:00"])
def test_a_day_is_no_jump_and_a_clock_put_back_fires_nothing_early(clinic, at):
    sign_on(clinic.service, "earlier")
    clinic.clock.set(at)
    assert beat_before_jump(clinic.service) is None


def test_a_jump_while_a_worker_runs_is_noticed(clinic):
    clinic.enroll()
    worker = clinic.worker()
    thread = threading.Thread(target=worker.run)
    thread.start()
    time.sleep(0.3)
    clinic.clock.set("2036-08-05T18:00")
    time.sleep(0.3)
    worker.stop()
    thread.join(10)
    assert worker.fired == 0


def test_what_was_folded_into_the_future_is_folded_to_now_again(clinic):
    """The task and the reminder of a scan that is not due yet are taken back, and timers fire in time again."""
    enrollment = clinic.enroll()
    other = clinic.enroll("p2")
    now = clinic.clock().isoformat()
    clinic.clock.set("2027-08-05T18:00")
    clinic.worker().fire_all()
    clinic.clock.set(now)
    scan = clinic.report(enrollment, clinic.phone, "scan_done", facts={"last_scan_on": "2026-06-01"})
    assert scan.status == 200, scan.data
    ahead = sorted(difference.enrollment for difference in find_ahead(clinic.service))
    assert ahead == sorted([enrollment, other])
    assert repair(clinic.service, ahead) == 2
    assert clinic.places(enrollment)["disease"] == "surveillance.waiting_for_result"
    assert clinic.places(other)["disease"] == "surveillance.next_scan_later"
    assert list(find_ahead(clinic.service)) == list(verify_all(clinic.service)) == []
    with clinic.service.database.reading() as connection:
        assert open_tasks(connection, other) == []
        assert [reminder["status"] for reminder in list_reminders(connection, other)] in ([], ["cleared"])
    kinds = [line["kind"] for line in clinic.get(f"/v1/enrollments/{other}/history", clinic.staff)["items"]]
    assert "undone" in kinds
    assert repair(clinic.service, ahead) == 0
    clinic.clock.set("2026-07-15T00:00")
    assert clinic.worker().fire_all() == 1, "only what is due in its own time"


def test_what_was_reported_while_the_clock_was_ahead_is_repaired_too(clinic):
    """An event of the future stays until it is retracted; one that only arrived then leaves nothing behind."""
    early, late, joined = clinic.enroll("p1"), clinic.enroll("p2"), joining("p3", at={"entry": "in_follow_up"})
    now = clinic.clock().isoformat()
    clinic.clock.set("2027-08-05T18:00")
    future = clinic.report(early, clinic.phone, "scan_done", facts={"last_scan_on": "2027-08-01"})
    clinic.report(late, clinic.phone, "scan_done", on="2026-06-30", facts={"last_scan_on": "2026-06-30"})
    begun = clinic.post("/v1/enrollments", clinic.phone, joined)["id"]
    clinic.clock.set("2028-08-05T18:00")
    clinic.worker().fire_all()
    clinic.clock.set(now)
    ahead = [difference.enrollment for difference in find_ahead(clinic.service)]
    assert ahead == [early, late, begun]
    repair(clinic.service, ahead)
    assert clinic.places(late)["disease"] == "surveillance.waiting_for_result"
    assert [difference.enrollment for difference in find_ahead(clinic.service)] == [early, begun]
    assert list(verify_all(clinic.service)) == []
    assert repair(clinic.service, ahead) == 0
    retraction = f"/v1/enrollments/{early}/events/{future['decision']['event']}/retraction"
    assert clinic.post(retraction, clinic.phone, {"reason": "entered_in_error"}).status == 200
    assert repair(clinic.service, [early]) == 1
    assert clinic.places(early)["disease"] == "surveillance.next_scan_later"
    assert [difference.enrollment for difference in find_ahead(clinic.service)] == [begun]
    assert list(verify_all(clinic.service)) == []
    booked = clinic.report(early, clinic.phone, "scan_done", facts={"last_scan_on": "2026-07-01"})
    assert (booked.status, clinic.places(early)["disease"]) == (200, "surveillance.waiting_for_result")


def test_a_heartbeat_of_the_future_is_taken_back(clinic):
    clinic.clock.set("2027-08-05T18:00")
    sign_on(clinic.service, "ahead")
    clinic.clock.set("2026-08-05T18:00")
    take_back_clock(clinic.service)
    clinic.clock.set("2026-09-05T18:00")
    assert beat_before_jump(clinic.service) is not None
    take_back_clock(clinic.service)
    assert beat_before_jump(clinic.service) is not None, "only resume says that a clock is right"


def test_doctor_names_a_clock_far_ahead(clinic, database_url):
    sign_on(clinic.service, "earlier")
    clinic.clock.set("2027-06-01T09:00")
    findings = examine_all(Configuration(database=database_url), clinic.clock)
    (finding,) = [finding for finding in findings if finding.check == "clock"]
    assert (finding.is_good, "resume" in finding.advice) == (False, True)
