"""Revocation against delivering: after a revocation is recorded, no delivery is; and every delivery was allowed."""

import os
import threading

import pytest

from service.access.tokens import recognise
from service.feed.deliver import deliver_next
from service.outreach.permit import record_permission
from service.permission.record import SpokenEntry
from service.permission.store import list_entries
from tests.service.feed.feeding import Feeding

RACES = int(os.environ.get("JOURNEYS_TEST_RACES", "10"))


def run_together(*work) -> list[Exception]:
    """Run some functions at once, each in a thread; return what they raised."""
    begin, failed = threading.Barrier(len(work)), []

    def guarded(function):
        begin.wait()
        try:
            function()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(function,)) for function in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failed


def test_nothing_is_delivered_after_a_revocation(clinic):
    feeding = Feeding(clinic)
    feeding.endpoint()
    enrollments = [clinic.enroll(f"p{number}") for number in range(RACES)]
    callers = [recognise(clinic.service, clinic.token_of_patient(f"p{number}")) for number in range(RACES)]
    for enrollment in enrollments:
        feeding.record(enrollment)
    feeding.publish()
    revocation = SpokenEntry(kind="revoke", method="app")
    for caller in callers:
        failed = run_together(
            lambda caller=caller: record_permission(clinic.service, caller, None, revocation),
            lambda: [deliver_next(feeding.transports) for _ in range(2)],
        )
        assert failed == []
    feeding.deliver()
    rows = feeding.deliveries()
    with clinic.service.database.reading() as connection:
        for enrollment in enrollments:
            person = feeding.person_of(enrollment)
            entries = list_entries(connection, person)
            revoked = next(each.sequence for each in entries if each.entry.kind == "revoke")
            sequences = [row.sequence for row in rows if row.person == person]
            assert [sequence for sequence in sequences if sequence > revoked] == []
            order = sorted([*sequences, *(each.sequence for each in entries)])
            assert order == list(range(1, len(order) + 1))


@pytest.mark.parametrize("count", [3])
def test_deliverers_beside_each_other_keep_the_order_of_an_endpoint(clinic, count):
    feeding = Feeding(clinic)
    feeding.endpoint()
    for number in range(6):
        feeding.record(clinic.enroll(f"p{number}"))
    feeding.publish()

    def work():
        while deliver_next(feeding.transports):
            pass

    assert run_together(*[work] * count) == []
    feeding.deliver()
    assert feeding.receiver.ids == [event["id"] for event in feeding.read()]
