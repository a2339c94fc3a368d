"""A durable database with the sample journey published, on which a service is opened and closed at will."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event

from service.operations import verify
from service.platform import clock as clocks
from service.platform.database import open_database
from tests.faults.counting import Tally
from tests.faults.model import Patient, ids_stored, stored_state
from tests.faults.tap import tap
from tests.service.clinic import START, Clinic, application, joining
from tests.service.conftest import hurry
from tests.service.published import Rows, insert_rows


class Ward(Clinic):
    """A service under test whose ids stay unique across processes on the same database."""

    def __init__(self, database, url: str, tokens: dict[str, str]) -> None:
        super().__init__(database, url)
        self.service = dataclasses.replace(self.service, new_id=clocks.new_id, new_secret=clocks.new_secret)
        self.app = application(self.service)
        self.__dict__.update(tokens)

    def enroll_patient(self, ref: str, **more) -> Patient:
        """Enroll a patient through the app; return the model of the patient."""
        body = joining(ref) | more
        answer = self.post("/v1/enrollments", self.phone, body)
        assert answer.status == 201, answer.data
        return Patient(
            answer["id"], reporter="app", by="patient", body=body, arrived_at=self.clock(), release=answer["release"]
        )

    def send(self, patient: Patient, body: dict, token: str | None = None):
        """Send an event; return the answer."""
        return self.post(f"/v1/enrollments/{patient.id}/events", token or self.phone, body)

    def note_event(self, patient: Patient, body: dict, *, staff: bool = False) -> None:
        """Record an acknowledged event in the model, once."""
        reporter, by = ("clinic", "staff") if staff else ("app", "patient")
        if not patient.has(body["id"], reporter):
            patient.note_event(body, reporter=reporter, by=by, arrived_at=self.clock())


class Deployment:
    """A database address on which services can be opened one after another."""

    def __init__(self, url: str, published: Rows) -> None:
        self.url = url
        with self._database() as database:
            insert_rows(database, published)
            ward = Ward(database, url, {})
            self.tokens = {"_phone": ward.phone, "_staff": ward.staff}

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @contextmanager
    def _database(self) -> Iterator:
        database = open_database(self.url)
        try:
            yield database
        finally:
            database.close()

    @contextmanager
    def open(self, *, watch=None, hurried: bool = False, url: str | None = None) -> Iterator[Ward]:
        """A service on this database; every connection is closed at the end.

        Args:
            watch: sees every call to the driver (tap.py).
            hurried: whether to skip the waits for the disk.
            url: another address of the same data.
        """
        database = open_database(url or self.url)
        if watch is not None:
            tap(database, watch)
        if hurried:
            event.listen(database.engine, "connect", hurry)
        try:
            yield Ward(database, url or self.url, self.tokens)
        finally:
            database.close()


def event_body(number: int, day: int | None = None) -> dict:
    """Return an event of the app, a different one for each number; every seventh comes late."""
    kinds = (
        {"type": "asked_for_help"},
        {"type": "answers_given", "facts": {"smokes": number % 2 == 0}},
        {"type": "scan_done", "facts": {"last_scan_on": "2026-06-02"}},
        {"type": "answers_given", "facts": {"pack_years": number % 60}},
    )
    hours = number % 600 if number % 7 else (number % 600) // 2  # late events lie among earlier ones
    at = START - timedelta(days=25) + timedelta(hours=hours)
    return {"id": f"e{number}", "occurred_at": at.isoformat().replace("+00:00", "Z"), **kinds[number % len(kinds)]}


def send_unanswered(ward: Ward, patients: list[Patient]) -> int:
    """Send the events again that a load left unanswered, as an app does; return how many are acknowledged."""
    sent = 0
    for patient in patients:
        if (body := getattr(patient, "unknown", None)) is not None:
            answer = ward.send(patient, body)
            assert answer.status == 200, answer.data
            ward.note_event(patient, body)
            sent += 1
    return sent


def count_stored(ward: Ward, patients: list[Patient]) -> int:
    """Return how many events of the patients are in the log."""
    return sum(len(ids_stored(ward.service, patient.id)) for patient in patients)


def settle(counts: Tally, ward: Ward, patients: list[Patient], *, verified: bool = True) -> None:
    """Compare the stored data with the acknowledged events, and count every broken promise.

    `verified`: also run `verify`, which takes long where many events of one enrollment came late.
    """
    for patient in patients:
        stored = ids_stored(ward.service, patient.id)
        expected = {entry["id"] for entry in patient.log[1:] if entry["entry"] == "event"}
        counts.doubled += len(stored) - len(set(stored))
        counts.lost += len(expected - set(stored))
        if set(stored) - expected:
            counts.errors += 1
            counts.notes["events that nobody reported"] += len(set(stored) - expected)
        now = ward.clock()
        if stored_state(ward.service, patient.id, now) != patient.state(now):
            counts.errors += 1
            counts.notes["states that are not the model's"] += 1
    differences = list(verify.verify_all(ward.service)) if verified else []
    if differences:
        counts.errors += len(differences)
        counts.notes["differences found by verify"] += len(differences)
    if ward.service.database.is_sqlite:
        with ward.service.database.reading() as connection:
            integrity = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        if integrity != "ok":
            counts.errors += 1
            counts.notes["integrity_check"] += 1
