"""Timers: fired once, by whichever worker comes first, at their own deadlines, and whatever one enrollment does."""

import threading

import pytest
from sqlalchemy import func, select, text, update

from service.enrollments import timers
from service.operations import verify
from service.operations.store import heartbeats
from service.platform.database.tables import enrollments, events, records, reminders, tasks

#: Of this database alone: other tests run beside this one on the same server. It waits until they are gone.
KILL_THE_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction'
"""


def fired(clinic) -> list[tuple[str, str]]:
    with clinic.service.database.reading() as connection:
        rows = connection.execute(select(records.c.enrollment, records.c.item).where(records.c.kind == "timer"))
        return [tuple(row) for row in rows]


def test_a_due_timer_is_fired_and_not_before(clinic):
    enrollment = clinic.enroll()
    worker = clinic.worker()
    assert worker.fire_all() == 0
    clinic.clock.set("2026-07-15T00:00:00")
    assert worker.fire_all() == 1
    assert worker.fire_all() == 0
    line = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff)["items"][-1]
    assert (line["kind"], line["at"]) == ("timer", "2026-07-15T00:00:00Z")


def test_a_week_of_downtime_fires_each_at_its_own_deadline(clinic):
    """What a stay that is already over would have sent is not sent."""
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T00:00:00")
    before = clinic.read(enrollment, clinic.phone)
    assert clinic.worker().fire_all() == 1
    assert clinic.read(enrollment, clinic.phone) == before
    lines = clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.staff)["items"]
    assert [line["at"] for line in lines if line["kind"] == "timer"] == [
        "2026-07-15T00:00:00Z",
        "2026-07-29T00:00:00Z",
        "2026-08-14T00:00:00Z",
    ]
    with clinic.service.database.reading() as connection:
        assert connection.execute(select(reminders.c.piece, reminders.c.status)).all() == [("scan-reminder", "pending")]


def test_a_reminder_that_is_no_longer_needed_is_cleared_and_the_answer_says_so(clinic):
    enrollment = clinic.enroll()
    clinic.clock.set("2026-07-30T00:00:00")
    clinic.worker().fire_all()
    answer = clinic.report(enrollment, clinic.phone, "scan_done", facts={"last_scan_on": "2026-07-29"})
    assert answer["decision"]["cleared"] == ["remind scan-reminder P14D"]
    with clinic.service.database.reading() as connection:
        assert connection.execute(select(reminders.c.status)).scalar() == "cleared"


def test_a_clock_that_goes_back_fires_nothing_twice(clinic):
    clinic.enroll()
    clinic.clock.set("2026-07-15T00:00:00")
    clinic.worker().fire_all()
    clinic.clock.set("2026-07-01T00:00:00")
    assert clinic.worker().fire_all() == 0
    clinic.clock.set("2026-07-20T00:00:00")
    assert clinic.worker().fire_all() == 0
    assert len(fired(clinic)) == 1


def test_two_workers_fire_each_timer_once(clinic):
    """A9: two workers side by side, 40 enrollments: 40 firings, each once."""
    for number in range(40):
        clinic.enroll(f"p{number}")
    clinic.clock.set("2026-07-15T00:00:00")
    workers = [clinic.worker() for _ in range(2)]
    barrier = threading.Barrier(2)

    def work(worker) -> None:
        barrier.wait()
        worker.fire_all()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = fired(clinic)
    assert len(result) == len(set(result)) == 40
    assert sum(worker.fired for worker in workers) == 40


@pytest.mark.postgres
def test_a_zombie_worker_fires_nothing(clinic, monkeypatch):
    """A9: a worker that stalls in the middle and loses its connection cannot commit; another does its work, once."""
    if clinic.service.database.is_sqlite:
        pytest.skip("one process alone works on an SQLite file")
    clinic.enroll()
    clinic.clock.set("2026-07-15T00:00:00")
    stalled, go_on, failed = threading.Event(), threading.Event(), []
    store_advance = timers.store_advance

    def slow_store(connection, advance, now):
        if threading.current_thread().name == "zombie":
            stalled.set()
            go_on.wait(10)
        store_advance(connection, advance, now)

    def work() -> None:
        try:
            timers.fire_next(clinic.service)
        except Exception as error:
            failed.append(error)

    monkeypatch.setattr(timers, "store_advance", slow_store)
    zombie = threading.Thread(target=work, name="zombie")
    zombie.start()
    assert stalled.wait(10)
    assert clinic.worker().fire_all() == 0  # the row is taken
    with clinic.service.database.writing() as connection:
        connection.execute(text(KILL_THE_OTHERS))
    assert clinic.worker().fire_all() == 1
    go_on.set()
    zombie.join()
    assert failed
    assert len(fired(clinic)) == 1


def test_an_enrollment_that_cannot_be_folded_does_not_stop_the_others(clinic, logs):
    bad, good = clinic.enroll("p1"), clinic.enroll("p2")
    with clinic.service.database.writing() as connection:
        broken = b'{"effects":3}'
        connection.execute(update(enrollments).where(enrollments.c.id == bad).values(ledger=broken))
    clinic.clock.set("2026-07-15T00:00:00")
    worker = clinic.worker()
    assert worker.fire_all() == 1
    assert [enrollment for enrollment, _ in fired(clinic)] == [good]
    line = next(line for line in logs if line["event"] == "timer-failed")
    assert (line["enrollment"], line["failures"], line["log_level"]) == (bad, 1, "error")
    with clinic.service.database.reading() as connection:
        row = connection.execute(select(enrollments).where(enrollments.c.id == bad)).one()
    assert (row.failures, row.next_due_at > clinic.clock()) == (1, True)
    clinic.clock.pass_by(hours=2)
    assert worker.fire_all() == 0
    with clinic.service.database.writing() as connection:
        healed = b'{"effects":{}}'
        connection.execute(update(enrollments).where(enrollments.c.id == bad).values(ledger=healed))
    clinic.clock.pass_by(hours=2)
    assert worker.fire_all() == 1


def test_a_worker_beats_and_signs_off(clinic):
    clinic.enroll()
    clinic.clock.set("2026-07-15T00:00:00")
    worker = clinic.worker()
    worker.start()
    for _ in range(500):
        if worker.fired:
            break
        threading.Event().wait(0.02)
    with clinic.service.database.reading() as connection:
        assert [beat.worker for beat in heartbeats.list_all(connection)] == [worker.id]
    assert clinic.call("GET", "/readyz")["worker"] == "ok"
    worker.stop()
    with clinic.service.database.reading() as connection:
        assert heartbeats.list_all(connection) == []
    assert worker.fired == 1


def test_overdue_timers_are_seen_by_who_runs_the_service(clinic):
    clinic.enroll()
    assert clinic.call("GET", "/readyz").json == {
        "status": "ready",
        "database": "ok",
        "worker": "none",
        "releases": "ok",
    }
    clinic.clock.set("2026-07-15T01:00:00")
    assert clinic.call("GET", "/readyz")["worker"] == "late"


def test_verify_finds_nothing_after_all_this_and_finds_what_was_tampered_with(clinic):
    enrollment = clinic.enroll()
    other = clinic.enroll("p2")
    clinic.report(enrollment, clinic.phone, "scan_done", "2026-06-20", facts={"last_scan_on": "2026-06-20"})
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    clinic.clock.set("2026-08-20T00:00:00")
    clinic.worker().fire_all()
    assert list(verify.verify_all(clinic.service)) == []
    clinic.clock.pass_by(days=5)
    assert list(verify.verify_all(clinic.service)) == []
    with clinic.service.database.writing() as connection:
        state = connection.execute(select(enrollments.c.state).where(enrollments.c.id == other)).scalar()
        changed = bytes(state).replace(b"managing", b"crashing")
        connection.execute(update(enrollments).where(enrollments.c.id == other).values(state=changed))
    result = list(verify.verify_all(clinic.service))
    assert [(entry.enrollment, entry.part) for entry in result] == [(other, "state")]


def test_stuck_lists_what_waits_and_what_was_ignored(clinic):
    enrollment = clinic.enroll()
    clinic.enroll("p2")
    clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": True})
    for _ in range(3):  # the second and the third time there is nothing to confirm
        ignored = clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    (results,) = verify.find_stuck(clinic.service)
    assert results.enrollment == enrollment
    by_outcome = {(event.outcome, event.type): event for event in results.events}
    assert by_outcome["waiting", "answers_given"].for_facts == ("pack_years",)
    assert by_outcome["ignored", "recurrence_confirmed"].why == ("nothing is declared for it here",)
    clinic.post(
        f"/v1/enrollments/{enrollment}/events/{ignored['decision']['event']}/retraction",
        clinic.staff,
        {"reason": "entered_in_error"},
    )
    (results,) = verify.find_stuck(clinic.service)
    assert len(results.events) == 2


def test_nothing_is_left_of_what_a_read_folds(clinic):
    """Reads fold to now in memory and store nothing but what they gave out."""
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T00:00:00")

    def counts():
        with clinic.service.database.reading() as connection:
            counted = [select(func.count()).select_from(table) for table in (events, records, tasks)]
            return [connection.execute(query).scalar() for query in (*counted, select(enrollments.c.revision))]

    before = counts()
    for path in ("", "/content", "/history", "/explain"):
        assert b"scan_due" in clinic.get(f"/v1/enrollments/{enrollment}{path}", clinic.staff).data or path == "/content"
    assert counts() == before
