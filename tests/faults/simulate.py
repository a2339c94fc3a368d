"""One run of the service under random faults: `python -m tests.faults.simulate --seed 7 --steps 200`.

The clock is virtual and all randomness comes from the seed, so a failed run can be repeated. A step makes, delivers,
delivers again or retracts an event, moves the clock forward or back, or lets the worker fire timers; now and then the
process restarts. Any call to the driver may fail. After every step one patient is compared with the model.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from service.platform.database import open_database, upgrade
from service.platform.errors import Unavailable
from tests.faults.counting import Tally
from tests.faults.deployment import Deployment, settle
from tests.faults.model import ids_stored, stored_state
from tests.faults.tap import AFTER, broken

KINDS = (
    ("asked_for_help", lambda _: {}),
    ("answers_given", lambda chance: {"smokes": chance.random() < 0.7}),
    ("answers_given", lambda chance: {"pack_years": chance.randint(0, 60)}),
    ("answered", lambda chance: {"smokes": chance.random() < 0.7, "pack_years": chance.randint(0, 60)}),
    ("scan_done", lambda chance: {"last_scan_on": f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"}),
    ("seen", lambda _: {}),
    ("later", lambda _: {}),
    ("left", lambda _: {}),
)
QUESTIONS = ("smokes", "pack_years", "stage")
BY_STAFF = (
    ("scan_result_reported", lambda chance: {"scan_result": chance.choice(["clear", "unclear", "suspicious"])}),
    ("recurrence_confirmed", lambda _: {}),
    ("recurrence_discussed", lambda _: {}),
    ("review_discussed", lambda _: {}),
)
WEIGHTS = {"make": 8, "deliver": 10, "deliver again": 3, "retract": 1, "pass time": 4, "set back": 1, "fire": 3}


class BrokenPromise(AssertionError):
    """A promise was broken; the message has the seed and the step."""


class Run:
    """One simulated run of a deployment.

    `began` is the time at which the last run on the same database ended: no enrollment of it may lie in the future.
    """

    def __init__(self, deployment: Deployment, seed: int, *, began: datetime | None = None) -> None:
        self.deployment, self.seed = deployment, seed
        self.chance = random.Random(f"simulate/{seed}")
        self.failing, self.notes = False, Counter()
        self.now = self.latest = began
        self.patients, self.pending, self.done = [], [], []
        self.numbers = iter(range(1, 10**9))

    def run(self, steps: int) -> None:
        """Run the steps with occasional restarts.

        Raises:
            BrokenPromise: with the seed and the step.
        """
        step = 0
        while step < steps:
            with self.deployment.open(watch=self._watch, hurried=True) as ward:
                self.latest = self.latest or ward.clock()
                ward.clock.now = self.now or ward.clock()
                self._begin(ward)
                for _ in range(self.chance.randint(5, 60)):
                    self._step(ward, step)
                    step += 1
                    if step >= steps:
                        break
                self.now = ward.clock()
            self.notes["restarts"] += 1

    def close(self, counts: Tally) -> None:
        """Deliver the pending events and compare everything."""
        with self.deployment.open(hurried=True) as ward:
            ward.clock.now = self.latest
            left, self.pending = self.pending, []
            for patient, body, staff in left:
                if ward.send(patient, body, ward.staff if staff else ward.phone).status == 200:
                    self._note(ward, patient, body, staff)
                else:
                    self.pending.append((patient, body, staff))
            settle(counts, ward, self.patients)
        counts.notes.update(self.notes)
        counts.acknowledged += len(self.done)

    def _watch(self, name: str, when: str) -> None:
        if self.failing and name != "ROLLBACK":
            weight = 0.1 if (name, when) == ("COMMIT", AFTER) else 0.02
            if self.chance.random() < weight:
                self.failing = False
                self.notes["calls that failed"] += 1
                raise broken(self.deployment.is_sqlite)

    def _begin(self, ward) -> None:
        while len(self.patients) < 3:
            self.patients.append(ward.enroll_patient(f"s{self.seed}-{len(self.patients)}"))

    def _step(self, ward, step: int) -> None:
        action = self.chance.choices(list(WEIGHTS), WEIGHTS.values())[0]
        patient = getattr(self, "_" + action.replace(" ", "_"))(ward)
        self.failing = False
        self.latest = max(self.latest, ward.clock())
        patient = patient or self.chance.choice(self.patients)
        expected = {entry["id"] for entry in patient.log[1:] if entry["entry"] == "event"}
        stored = ids_stored(ward.service, patient.id)
        unconfirmed_ids = {body["id"] for reporter, body, _ in self.pending if reporter is patient}
        where = f"seed {self.seed}, step {step}, {action}"
        if len(stored) != len(set(stored)) or not expected <= set(stored) <= expected | unconfirmed_ids:
            raise BrokenPromise(f"{where}: the log differs from the reported events")
        if set(stored) == expected and stored_state(ward.service, patient.id, self.latest) != patient.state(
            self.latest
        ):
            raise BrokenPromise(f"{where}: the state differs from the model")

    def _make(self, ward) -> None:
        staff = self.chance.random() < 0.3
        name, facts = self.chance.choice(BY_STAFF if staff else KINDS)
        if name == "left" and self.chance.random() < 0.8:
            name, facts = KINDS[0]
        # Early enough that the clock can be set back in the meantime.
        at = ward.clock() - timedelta(days=3, minutes=self.chance.randint(0, 60 * 24 * 60))
        body = {
            "id": f"e{next(self.numbers)}",
            "type": name,
            "facts": facts(self.chance),
            "occurred_at": at.isoformat().replace("+00:00", "Z") if self.chance.random() < 0.7 else f"{at:%Y-%m-%d}",
        }
        if name in ("seen", "later"):
            body = body | {"question": self.chance.choice(QUESTIONS)}
            until = at + timedelta(days=self.chance.randint(1, 300))
            body |= {"until": f"{until:%Y-%m-%d}"} if name == "later" else {}
            del body["facts"]
        self.pending.append((self.chance.choice(self.patients), body, staff))

    def _deliver(self, ward):
        if not self.pending:
            return None
        index = self.chance.randrange(len(self.pending))
        patient, body, staff = self.pending[index]
        self.failing = self.chance.random() < 0.5
        answer = ward.send(patient, body, ward.staff if staff else ward.phone)
        if answer.status == 200:
            del self.pending[index]
            self._note(ward, patient, body, staff)
        elif answer.status != 503:
            raise BrokenPromise(f"seed {self.seed}: status {answer.status}: {answer.data.decode()}")
        else:
            self.notes["unanswered"] += 1
        return patient

    def _note(self, ward, patient, body, staff) -> None:
        ward.note_event(patient, body, staff=staff)
        self.done.append((patient, body, staff))

    def _deliver_again(self, ward):
        if not self.done:
            return None
        patient, body, staff = self.chance.choice(self.done)
        answer = ward.send(patient, body, ward.staff if staff else ward.phone)
        if answer.status != 200 or answer.headers.get("Idempotent-Replay") != "true":
            raise BrokenPromise(f"seed {self.seed}: an acknowledged event is unknown")
        self.notes["delivered again"] += 1
        return patient

    def _retract(self, ward):
        retractable = [
            (patient, body, staff)
            for patient, body, staff in self.done
            if not patient.is_retracted(body["id"], "clinic" if staff else "app")
        ]
        if not retractable:
            return None
        patient, body, staff = self.chance.choice(retractable)
        reporter = "clinic" if staff else "app"
        uid = patient.uid(body["id"], reporter)
        self.failing = self.chance.random() < 0.3
        while True:  # repeat the retraction until it is answered
            path = f"/v1/enrollments/{patient.id}/events/{uid}/retraction"
            answer = ward.post(path, ward.staff, {"reason": "entered_in_error"})
            if answer.status == 200:
                break
            if answer.status != 503:
                raise BrokenPromise(f"seed {self.seed}: status {answer.status}")
        patient.note_retraction(body["id"], reporter=reporter, arrived_at=ward.clock())
        self.notes["retracted"] += 1
        return patient

    def _pass_time(self, ward) -> None:
        ward.clock.pass_by(hours=self.chance.choice([1, 5, 24, 24 * 7, 24 * 30, 24 * 60]))

    def _set_back(self, ward) -> None:
        if self.latest - ward.clock() < timedelta(hours=24):
            ward.clock.pass_by(hours=-self.chance.choice([1, 12]))
            self.notes["clock set back"] += 1

    def _fire(self, ward) -> None:
        self.failing = self.chance.random() < 0.5
        try:
            self.notes["enrollments fired"] += ward.worker().fire_all()
        except Unavailable:
            self.notes["firing failed"] += 1


def main(arguments: list[str]) -> int:
    """Run one seed on a new SQLite file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, structlog.testing.capture_logs():
        url = f"sqlite:///{Path(folder) / 'journeys.db'}"
        database = open_database(url)
        upgrade(database)
        database.close()
        deployment = Deployment(url, [])
        with deployment.open(hurried=True) as ward:
            ward.publish()
        run = Run(deployment, options.seed)
        run.run(options.steps)
        counts = Tally("A13", "simulated", url)
        run.close(counts)
        counts.require_nothing_lost()
    sys.stdout.write(f"seed {options.seed}: {options.steps} steps, {dict(run.notes)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
