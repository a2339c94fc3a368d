"""A10: whichever call to the driver fails, before it or after it, the state is as before or as after, never between."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from service.enrollments import timers
from service.platform.database.tables import enrollments, events, records, reminders, shown, tasks
from service.platform.errors import Unavailable
from tests.faults.counting import AMOUNT, tally
from tests.faults.place import settle
from tests.faults.tap import AFTER, BEFORE, broken
from tests.service.clinic import joining

#: In the suite every third call fails.
STEP = 3 if AMOUNT == "quick" else 1
SCAN = {"id": "scan", "type": "scan_done", "occurred_at": "2026-06-10", "facts": {"last_scan_on": "2026-06-10"}}
HELP = {"id": "help", "type": "asked_for_help", "occurred_at": "2026-06-12"}


class Failing:
    """Lets the `count`-th call to the driver fail, once."""

    def __init__(self, is_sqlite: bool) -> None:
        self._is_sqlite, self._at, self._seen, self.has_failed = is_sqlite, None, 0, False

    def fail(self, count: int, when: str) -> None:
        self._at, self._seen, self.has_failed = (count, when), 0, False

    def stop(self) -> None:
        self._at = None

    def watch(self, _: str, when: str) -> None:
        if self._at is not None and when == self._at[1]:
            self._seen += 1
            if self._seen == self._at[0]:
                self._at, self.has_failed = None, True
                raise broken(self._is_sqlite)


def print_of(ward) -> str:
    """Return a fingerprint of all that is stored of patients."""
    found = hashlib.sha256()
    with ward.service.database.reading() as connection:
        for table in (enrollments, events, records, tasks, reminders, shown):
            for row in sorted(map(str, connection.execute(select(table)))):
                found.update(row.encode())
    return found.hexdigest()


def enrolling(ward, number):
    body = joining(f"p{number}")
    return None, lambda: ward.post("/v1/enrollments", ward.phone, body).status


def reporting(ward, number):
    patient = ward.enroll_patient(f"p{number}")
    ward.note(patient, SCAN)
    return patient, lambda: ward.send(patient, SCAN).status


def opening_a_task(ward, number):
    patient = ward.enroll_patient(f"p{number}")
    ward.note(patient, HELP)
    return patient, lambda: ward.send(patient, HELP).status


def retracting(ward, number):
    patient = ward.enroll_patient(f"p{number}")
    event = ward.send(patient, SCAN)["decision"]["event"]
    ward.note(patient, SCAN)
    patient.take_back("scan", reporter="app", arrived_at=ward.clock())
    path = f"/v1/enrollments/{patient.id}/events/{event}/retraction"
    return patient, lambda: ward.post(path, ward.phone, {"reason": "entered_in_error"}).status


def firing_timers(ward, number):
    """A patient whose timer falls due now, a hundred days after the last one's: nothing else is due."""
    due = datetime(2027, 1, 15, tzinfo=UTC) + timedelta(days=100 * number)
    scan = due.replace(day=1, month=(due.month + 5) % 12 + 1, year=due.year - (due.month <= 6))
    ward.clock.now = due - timedelta(days=40)
    ward.worker().fire_all()
    patient = ward.enroll_patient(f"p{number}", facts={"last_scan_on": f"{scan:%Y-%m-%d}"})
    ward.clock.now = due.replace(day=1) + timedelta(hours=1)

    def fire() -> int:
        try:
            timers.fire_next(ward.service)
        except Unavailable:
            return 503
        return 200

    return patient, fire


def noting_what_is_read(ward, number):
    patient = ward.enroll_patient(f"p{number}")
    path = f"/v1/enrollments/{patient.id}?locale=es"
    return patient, lambda: ward.get(path, ward.phone).status


OPERATIONS = (enrolling, reporting, opening_a_task, retracting, firing_timers, noting_what_is_read)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.__name__)
def test_a10_each_call_fails_once(place, operation):
    """Afterwards no lock is left: the same request is answered, and all is as if nothing had failed."""
    failing = Failing(place.is_sqlite)
    what = f"every call to the driver fails once: {operation.__name__.replace('_', ' ')}"
    with tally("A10", what, place.url) as counted, place.open(watch=failing.watch) as ward:
        patients = []
        for when in (BEFORE, AFTER):
            count = 1
            while True:
                patient, work = operation(ward, counted.rounds)
                before = print_of(ward)
                failing.fail(count, when)
                status = work()
                failing.stop()
                after = print_of(ward)
                if not failing.has_failed:
                    counted.errors += status not in (200, 201)
                    counted.notes["calls"] += count - 1
                    patients += [patient] if patient else []
                    break
                counted.rounds += 1
                counted.errors += status not in (503, 200, 201)  # what fails after the commit may be answered
                again = work()
                counted.errors += again not in (200, 201)
                counted.acknowledged += again in (200, 201)
                if after != before:
                    counted.notes["as after"] += 1
                    counted.doubled += print_of(ward) != after
                patients += [patient] if patient else []
                count += STEP
        settle(counted, ward, patients)
        assert counted.notes["calls"] == counted.rounds * STEP > 0, "a call was left out"
        assert counted.acknowledged == counted.rounds, "what failed once was not answered afterwards"
