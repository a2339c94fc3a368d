"""The status lists late lines, and only those, as late; it names nobody."""

import pytest
from sqlalchemy import update

from service.operations import heartbeats, status
from service.operations.status import in_words, lateness_of, status_of
from service.platform.configuration import Configuration
from service.platform.database.tables import enrollments


def look(clinic, **settings):
    return status_of(clinic.service, lateness_of(Configuration(**settings)))


def line(clinic, name, **settings):
    (results,) = [entry for entry in look(clinic, **settings).lines if entry.name == name]
    return results.is_good, results.result


def test_a_new_store_lacks_a_worker_alone(clinic):
    result = look(clinic)
    assert [entry.name for entry in result.lines if not entry.is_good] == ["worker"]
    assert (result.enrollments, result.releases, result.is_late) == (0, (), True)
    assert result.size > 10_000


def test_a_timer_that_nobody_fires_is_late_after_the_limit(clinic):
    clinic.enroll()
    assert line(clinic, "timers") == (True, "none is due")
    clinic.clock.set("2026-07-15T00:04:00")
    assert line(clinic, "timers") == (True, "the oldest is 4 min late")
    assert line(clinic, "timers", late_timer=60)[0] is False
    clinic.clock.set("2026-07-17T01:00:00")
    assert line(clinic, "timers") == (False, "the oldest is 2 d 1 h late")
    clinic.worker().fire_all()
    assert line(clinic, "timers") == (True, "none is due")


def test_a_worker_that_is_not_seen_is_late(clinic):
    assert line(clinic, "worker") == (False, "none works")
    heartbeats.sign_on(clinic.service, "w1")
    clinic.clock.pass_by(seconds=90)
    heartbeats.sign_on(clinic.service, "w2")
    assert line(clinic, "worker") == (True, "last seen 0 s ago, 2 at work")
    clinic.clock.pass_by(seconds=100)
    assert line(clinic, "worker") == (True, "last seen 1 min 40 s ago, 1 at work")
    clinic.clock.pass_by(seconds=30)
    assert line(clinic, "worker") == (False, "last seen 2 min 10 s ago, 0 at work")
    heartbeats.sign_on_again(clinic.service, "w1", 3)
    assert line(clinic, "worker")[0]


def test_open_tasks_past_due_are_late(clinic):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "asked_for_help")
    assert line(clinic, "tasks") == (True, "1 open, 0 past due")
    clinic.clock.pass_by(days=3)
    assert line(clinic, "tasks") == (False, "1 open, 1 past due, the oldest by 1 d")
    assert line(clinic, "tasks", late_task=90_000)[0] is True


def test_stuck_and_failing_enrollments_are_counted(clinic):
    enrollment = clinic.enroll()
    assert line(clinic, "stuck", late_stuck=0) == (True, "0 enrollments with events that wait or were ignored")
    clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": True})
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    assert line(clinic, "stuck", late_stuck=0) == (False, "1 enrollment with events that wait or were ignored")
    assert line(clinic, "stuck")[0] is True
    assert line(clinic, "failing")[0] is True
    with clinic.service.database.writing() as connection:
        connection.execute(update(enrollments).values(failures=2))
    assert line(clinic, "failing") == (False, "1 enrollment whose timers cannot be fired")


def test_a_backup_is_late_counting_from_the_first_enrollment(clinic):
    clinic.clock.pass_by(days=3)
    assert line(clinic, "backup") == (True, "never made; nobody is enrolled yet")
    clinic.enroll()
    assert line(clinic, "backup") == (True, "never made")
    clinic.clock.pass_by(days=2)
    assert line(clinic, "backup") == (False, "never made")
    assert status.note_backup(clinic.service, "noted", clinic.clock())
    clinic.clock.pass_by(hours=3)
    assert line(clinic, "backup") == (True, "made 3 h ago")


def test_releases_in_use_are_counted(clinic):
    for number in range(3):
        clinic.enroll(f"p{number}")
    result = status.read_status(clinic.service, clinic.config)
    assert [(release.journey, release.number, release.enrollments) for release in result.releases] == [
        ("follow_up", 1, 3)
    ]
    assert result.enrollments == 3


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.4, "0 s"), (59, "59 s"), (60, "1 min"), (3_605, "1 h"), (93_600, "1 d 2 h"), (7_260, "2 h 1 min")],
)
def test_durations_in_words(seconds, words):
    assert in_words(seconds) == words
