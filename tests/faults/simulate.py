"""One run of the service under faults that a seed chooses: `python -m tests.faults.simulate --seed 7 --steps 200`.

The clock is virtual, and chance comes from the seed alone, so that a run that fails can be run again. A step is one of:
an event is told, delivered, delivered again, taken back; time passes or is put back; the worker fires; the process is
started anew. Any call to the driver may fail. After every step the patient concerned is compared with the model.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import structlog

from service.platform.database import open_database, upgrade
from service.platform.errors import Unavailable
from tests.faults.counting import Tally
from tests.faults.model import ids_stored, stored_state
from tests.faults.place import Place, settle
from tests.faults.tap import AFTER, broken

KINDS = (
    ("asked_for_help", lambda _: {}),
    ("answers_given", lambda chance: {"smokes": chance.random() < 0.7}),
    ("answers_given", lambda chance: {"pack_years": chance.randint(0, 60)}),
    ("scan_done", lambda chance: {"last_scan_on": f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"}),
    ("left", lambda _: {}),
)
BY_STAFF = (
    ("scan_result_reported", lambda chance: {"scan_result": chance.choice(["clear", "unclear", "suspicious"])}),
    ("recurrence_confirmed", lambda _: {}),
    ("recurrence_discussed", lambda _: {}),
    ("review_discussed", lambda _: {}),
)
WEIGHTS = {"tell": 8, "deliver": 10, "deliver again": 3, "take back": 1, "pass time": 4, "put back": 1, "fire": 3}


class Wrong(AssertionError):
    """A promise was broken; the seed and the step say where."""


class Run:
    """One simulated life of a place."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place, self.seed = place, seed
        self.chance = random.Random(f"simulate/{seed}")
        self.failing, self.notes = False, Counter()
        self.now = self.latest = None
        self.patients, self.pending, self.done = [], [], []
        self.numbers = iter(range(1, 10**9))

    def run(self, steps: int) -> None:
        """Take the steps; the process is started anew now and then.

        Raises:
            Wrong: naming seed and step.
        """
        step = 0
        while step < steps:
            with self.place.open(watch=self._watch, hurried=True) as ward:
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

    def close(self, counted: Tally) -> None:
        """Deliver what is left and compare everything."""
        with self.place.open(hurried=True) as ward:
            ward.clock.now = self.latest
            left, self.pending = self.pending, []
            for patient, told, staff in left:
                if ward.send(patient, told, ward.staff if staff else ward.phone).status == 200:
                    self._note(ward, patient, told, staff)
                else:
                    self.pending.append((patient, told, staff))
            settle(counted, ward, self.patients)
        counted.notes.update(self.notes)
        counted.acknowledged += len(self.done)

    def _watch(self, name: str, when: str) -> None:
        if self.failing and name != "ROLLBACK":
            weight = 0.1 if (name, when) == ("COMMIT", AFTER) else 0.02
            if self.chance.random() < weight:
                self.failing = False
                self.notes["calls that failed"] += 1
                raise broken(self.place.is_sqlite)

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
        not_known = {told["id"] for one, told, _ in self.pending if one is patient}
        where = f"seed {self.seed}, step {step}, {action}"
        if len(stored) != len(set(stored)) or not expected <= set(stored) <= expected | not_known:
            raise Wrong(f"{where}: the log is not what was told")
        if set(stored) == expected and stored_state(ward.service, patient.id, self.latest) != patient.state(
            self.latest
        ):
            raise Wrong(f"{where}: the state is not the model's")

    def _tell(self, ward) -> None:
        staff = self.chance.random() < 0.3
        name, facts = self.chance.choice(BY_STAFF if staff else KINDS)
        if name == "left" and self.chance.random() < 0.8:
            name, facts = KINDS[0]
        # Far enough back that the clock may be put back meanwhile.
        at = ward.clock() - timedelta(days=3, minutes=self.chance.randint(0, 60 * 24 * 60))
        told = {
            "id": f"e{next(self.numbers)}",
            "type": name,
            "facts": facts(self.chance),
            "occurred_at": at.isoformat().replace("+00:00", "Z") if self.chance.random() < 0.7 else f"{at:%Y-%m-%d}",
        }
        self.pending.append((self.chance.choice(self.patients), told, staff))

    def _deliver(self, ward):
        if not self.pending:
            return None
        place = self.chance.randrange(len(self.pending))
        patient, told, staff = self.pending[place]
        self.failing = self.chance.random() < 0.5
        answer = ward.send(patient, told, ward.staff if staff else ward.phone)
        if answer.status == 200:
            del self.pending[place]
            self._note(ward, patient, told, staff)
        elif answer.status != 503:
            raise Wrong(f"seed {self.seed}: status {answer.status}: {answer.data.decode()}")
        else:
            self.notes["not known"] += 1
        return patient

    def _note(self, ward, patient, told, staff) -> None:
        ward.note(patient, told, staff=staff)
        self.done.append((patient, told, staff))

    def _deliver_again(self, ward):
        if not self.done:
            return None
        patient, told, staff = self.chance.choice(self.done)
        answer = ward.send(patient, told, ward.staff if staff else ward.phone)
        if answer.status != 200 or answer.headers.get("Idempotent-Replay") != "true":
            raise Wrong(f"seed {self.seed}: what was acknowledged is not known")
        self.notes["delivered again"] += 1
        return patient

    def _take_back(self, ward):
        left = [one for one in self.done if not one[0].is_taken_back(one[1]["id"], "clinic" if one[2] else "app")]
        if not left:
            return None
        patient, told, staff = self.chance.choice(left)
        reporter = "clinic" if staff else "app"
        uid = patient.uid(told["id"], reporter)
        self.failing = self.chance.random() < 0.3
        while True:  # taking back is asked for until it is answered
            path = f"/v1/enrollments/{patient.id}/events/{uid}/retraction"
            answer = ward.post(path, ward.staff, {"reason": "entered_in_error"})
            if answer.status == 200:
                break
            if answer.status != 503:
                raise Wrong(f"seed {self.seed}: status {answer.status}")
        patient.take_back(told["id"], reporter=reporter, arrived_at=ward.clock())
        self.notes["taken back"] += 1
        return patient

    def _pass_time(self, ward) -> None:
        ward.clock.pass_by(hours=self.chance.choice([1, 5, 24, 24 * 7, 24 * 30, 24 * 60]))

    def _put_back(self, ward) -> None:
        if self.latest - ward.clock() < timedelta(hours=24):
            ward.clock.pass_by(hours=-self.chance.choice([1, 12]))
            self.notes["clock put back"] += 1

    def _fire(self, ward) -> None:
        self.failing = self.chance.random() < 0.5
        try:
            self.notes["enrollments fired"] += ward.worker().fire_all()
        except Unavailable:
            self.notes["firing failed"] += 1


def main(arguments: list[str]) -> int:
    """Run one seed on an SQLite file of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, default=200)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, structlog.testing.capture_logs():
        url = f"sqlite:///{Path(folder) / 'journeys.db'}"
        database = open_database(url)
        upgrade(database)
        database.close()
        place = Place(url, [])
        with place.open(hurried=True) as ward:
            ward.publish()
        run = Run(place, asked.seed)
        run.run(asked.steps)
        counted = Tally("A13", "simulated", url)
        run.close(counted)
        counted.require_nothing_lost()
    sys.stdout.write(f"seed {asked.seed}: {asked.steps} steps, {dict(run.notes)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
