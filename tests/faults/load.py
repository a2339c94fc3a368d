"""Clients that report without pause and repeat every unanswered request, as a patient app should."""

import threading
import time
from collections import Counter

from tests.faults.counting import Tally
from tests.faults.deployment import event_body
from tests.faults.model import Patient
from tests.service.clinic import joining

EVENTS_PER_PATIENT = 25
UNAVAILABLE = 503


class Load:
    """`clients` threads that report until the block ends, or `most` events in total.

    `call(path, body)` returns (status, headers, body), or raises OSError if no answer comes. Every client has its own
    patients, and a new one after 25 events.
    """

    def __init__(self, call, clock, *, clients: int, most: int = 10**9) -> None:
        self._call, self._clock = call, clock
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._left = most
        self.patients: list[Patient] = []
        self.acknowledged = 0
        self.notes: Counter = Counter()
        self.wrong: list[str] = []
        self.slowest = 0.0
        self._threads = [threading.Thread(target=self._report, args=(client,)) for client in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        if self._left > 10**8 or _[0] is not None:  # an unbounded load ends with its block
            self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int, seconds: float = 120.0) -> None:
        """Wait until `count` further events are acknowledged."""
        until, goal = time.monotonic() + seconds, self.acknowledged + count
        while self.acknowledged < goal and any(thread.is_alive() for thread in self._threads):
            assert time.monotonic() < until, f"no answers: {dict(self.notes)}"
            time.sleep(0.005)

    def is_done(self) -> bool:
        """Return whether every client has ended."""
        return not any(thread.is_alive() for thread in self._threads)

    def add_to(self, counts: Tally) -> None:
        """Add the answers to a tally."""
        counts.acknowledged += self.acknowledged
        counts.errors += len(self.wrong)
        counts.notes.update(self.notes)
        for wrong in self.wrong[:5]:
            counts.notes[wrong] += 1

    def _report(self, client: int) -> None:
        patient, number = None, 0
        while not self._stop.is_set():
            if number % EVENTS_PER_PATIENT == 0:
                patient = self._enroll(f"p{client}-{number}")
                if patient is None:
                    return
            with self._lock:
                if self._left <= 0:
                    return
                self._left -= 1
            body = event_body(number)
            answer = self._until_answered(f"/v1/enrollments/{patient.id}/events", body)
            if answer is None:
                # The event may be stored or not, so this patient gets no further events.
                with self._lock:
                    self.notes["left unanswered at the end"] += 1
                    patient.unknown = body
                return
            with self._lock:
                self.acknowledged += 1
                patient.note_event(body, reporter="app", by="patient", arrived_at=self._clock())
            number += 1

    def _enroll(self, ref: str) -> Patient | None:
        body = joining(ref)
        answer = self._until_answered("/v1/enrollments", body)
        if answer is None:
            return None
        patient = Patient(
            answer["id"],
            reporter="app",
            by="patient",
            body=body,
            arrived_at=self._clock(),
            release=answer["release"],
        )
        with self._lock:
            self.patients.append(patient)
        return patient

    def _until_answered(self, path: str, body: dict):
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                status, headers, answer = self._call(path, body)
            except OSError:
                with self._lock:
                    self.notes["no answer"] += 1
                self._stop.wait(0.02)
                continue
            with self._lock:
                self.slowest = max(self.slowest, time.monotonic() - began)
                if status in (200, 201):
                    self.notes["replays"] += headers.get("Idempotent-Replay") == "true"
                    return answer
                if status == UNAVAILABLE and headers.get("Retry-After"):
                    self.notes["503"] += 1
                else:
                    self.wrong.append(f"status {status}")
            self._stop.wait(0.02)
        return None
