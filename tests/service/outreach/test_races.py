"""Revocation against sending: after a revocation is recorded, no attempt is."""

import os
import threading

import pytest

from service.access.tokens import recognise
from service.outreach.permit import record_permission
from service.outreach.schedule import schedule_reminders
from service.outreach.send import send_next
from service.permission.record import SpokenEntry
from service.permission.store import list_entries
from tests.service.outreach.people_reached import Reaching

RACES = int(os.environ.get("JOURNEYS_TEST_RACES", "10"))


def test_nothing_is_attempted_after_a_revocation(clinic):
    reaching = Reaching(clinic)
    enrollments = [reaching.reachable_patient(f"p{number}") for number in range(RACES)]
    callers = [recognise(clinic.service, clinic.token_of_patient(f"p{number}")) for number in range(RACES)]
    clinic.clock.set("2026-07-29T10:00:00")
    clinic.worker().fire_all()
    while schedule_reminders(reaching.outbox.service):
        pass
    failed = []
    for enrollment, caller in zip(enrollments, callers, strict=True):
        reaching.ask_about([enrollment])
        begin = threading.Barrier(2)

        def revoke(caller=caller, begin=begin):
            begin.wait()
            record_permission(clinic.service, caller, None, SpokenEntry(kind="revoke", method="app"))

        def send(begin=begin):
            begin.wait()
            while send_next(reaching.outbox):
                pass

        threads = [threading.Thread(target=guarded, args=(work, failed)) for work in (revoke, send)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert failed == []
    with clinic.service.database.reading() as connection:
        for enrollment in enrollments:
            person = reaching.person_of(enrollment)
            revoked = next(each.sequence for each in list_entries(connection, person) if each.entry.kind == "revoke")
            assert [row for row in reaching.attempts() if row.person == person and row.sequence > revoked] == []


def guarded(work, failed):
    try:
        work()
    except Exception as error:
        failed.append(error)


@pytest.mark.parametrize("count", [1])
def test_two_senders_send_each_message_once(clinic, count):
    reaching = Reaching(clinic)
    for number in range(8):
        reaching.reachable_patient(f"p{number}")
    clinic.clock.set("2026-07-29T10:00:00")
    clinic.worker().fire_all()
    while schedule_reminders(reaching.outbox.service):
        pass
    failed = []

    def send():
        while send_next(reaching.outbox):
            pass

    threads = [threading.Thread(target=guarded, args=(send, failed)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert len(reaching.mail.got) == len({key for key, _ in reaching.mail.got}) == 8
    assert {row.status for row in reaching.messages()} == {"sent"}
