"""A10: if any call to the driver fails, the state is that before or that after the request, never between."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from service.enrollments import timers
from service.platform.database.tables import enrollments, events, records, reminders, shown, tasks
from service.platform.errors import Unavailable
from tests.faults.counting import AMOUNT, tally
from tests.faults.deployment import settle
from tests.faults.tap import AFTER, BEFORE, broken
from tests.service.clinic import joining

#: The short suite lets every third call fail.
STEP = 3 if AMOUNT == "quick" else 1
SCAN = {"id": "scan", "type": "scan_done", "occurred_at": "2026-06-10", "facts": {"last_scan_on": "2026-06-10"}}
HELP = {"id": "help", "type": "asked_for_help", "occurred_at": "2026-06-12"}


class Failing:
    """Makes the `count`-th call to the driver fail once."""

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


def fingerprint_of(ward) -> str:
    """Return a digest of all stored data of patients."""
    digest = hashlib.sha256()
    with ward.service.database.reading() as connection:
        for table in (enrollments, events, records, tasks, reminders, shown):
            for row in sorted(map(str, connection.execute(select(table)))):
                digest.update(row.encode())
    return digest.hexdigest()


def enroll(ward, number):
    body = joining(f"p{number}")
    return None, lambda: ward.post("/v1/enrollments", ward.phone, body).status


def report(ward, number):
    patient = ward.enroll_patient(f"p{number}")
    ward.note_event(patient, SCAN)
    return patient, lambda: ward.send(patient, SCAN).status


def open_a_task(ward, number):
    patient = ward.enroll_patient(f"p{number}")
    ward.note_event(patient, HELP)
    return patient, lambda: ward.send(patient, HELP).status


def retract(ward, number):
    patient = ward.enroll_patient(f"p{number}")
    event = ward.send(patient, SCAN)["decision"]["event"]
    ward.note_event(patient, SCAN)
    patient.note_retraction("scan", reporter="app", arrived_at=ward.clock())
    path = f"/v1/enrollments/{patient.id}/events/{event}/retraction"
    return patient, lambda: ward.post(path, ward.phone, {"reason": "entered_in_error"}).status


def fire_timers(ward, number):
    """Enroll a patient whose timer alone is due now; timers of successive patients are a hundred days apart."""
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


def record_a_read(ward, number):
    patient = ward.enroll_patient(f"p{number}")
    path = f"/v1/enrollments/{patient.id}?locale=es"
    return patient, lambda: ward.get(path, ward.phone).status


OPERATIONS = (enroll, report, open_a_task, retract, fire_timers, record_a_read)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_a10_each_call_fails_once(deployment, operation):
    """Afterwards no lock remains: the same request succeeds, and the state is as if no call had failed."""
    failing = Failing(deployment.is_sqlite)
    scenario = f"every call to the driver fails once: {operation.__name__.replace('_', ' ')}"
    with tally("A10", scenario, deployment.url) as counts, deployment.open(watch=failing.watch) as ward:
        patients = []
        for when in (BEFORE, AFTER):
            count = 1
            while True:
                patient, work = operation(ward, counts.rounds)
                before = fingerprint_of(ward)
                failing.fail(count, when)
                status = work()
                failing.stop()
                after = fingerprint_of(ward)
                if not failing.has_failed:
                    counts.errors += status not in (200, 201)
                    counts.notes["calls"] += count - 1
                    patients += [patient] if patient else []
                    break
                counts.rounds += 1
                counts.errors += status not in (503, 200, 201)  # a request that fails after its commit may succeed
                again = work()
                counts.errors += again not in (200, 201)
                counts.acknowledged += again in (200, 201)
                if after != before:
                    counts.notes["as after"] += 1
                    counts.doubled += fingerprint_of(ward) != after
                patients += [patient] if patient else []
                count += STEP
        settle(counts, ward, patients)
        assert counts.notes["calls"] == counts.rounds * STEP > 0, "A call was skipped."
        assert counts.acknowledged == counts.rounds, "A request that failed once was not answered afterwards."
