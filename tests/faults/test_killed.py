"""C1, C2: whenever a process dies, what was acknowledged is there, once, and the rest can be sent again."""

import random
import time

import pytest

from service.enrollments import report
from tests.faults.child import Child, die
from tests.faults.counting import SEED, amount, tally
from tests.faults.place import settle, telling
from tests.faults.tap import AFTER, BEFORE

A_PATIENT_GETS = 40


def report_in_child(place, patient, told, prepare=None):
    """Report in a forked process: it says when it begins, and what was answered."""

    def work(say) -> None:
        watch = prepare() if prepare is not None else None
        with place.open(watch=watch) as ward:
            with ward.service.database.reading() as connection:  # what is opened once is not what is tested
                connection.exec_driver_sql("SELECT 1")
            say("ready")
            answer = ward.send(patient, told)
            if watch is not None:
                watch("the reply", BEFORE)
            assert answer.status == 200, answer.data
            say([answer.status, answer.decision_bytes.decode()])
            if watch is not None:
                watch("the reply", AFTER)

    return Child(work)


def send_again(counted, ward, patient, told, answered) -> None:
    """Report the same once more; note what that says about the first time."""
    again = ward.send(patient, told)
    is_replay = again.headers.get("Idempotent-Replay") == "true"
    if again.status != 200:
        counted.errors += 1
        counted.notes[f"status {again.status} when sent again"] += 1
        return
    if answered is not None:
        counted.acknowledged += 1
        counted.lost += not is_replay
        counted.errors += answered != [200, again.decision_bytes.decode()]
    elif is_replay:
        counted.notes["committed, not acknowledged"] += 1
    else:
        counted.notes["not committed"] += 1
    ward.note(patient, told)


def test_c1_killed_at_a_random_moment(place):
    chance = random.Random(SEED)
    with tally("C1", "killed at a random moment of a request", place.url) as counted:
        patients, typical = [], 0.02
        for number in range(amount(10, 1000)):
            told = telling(number)
            if number % A_PATIENT_GETS == 0:
                with place.open() as ward:
                    patients.append(ward.enroll_patient(f"p{number}"))
            child = report_in_child(place, patients[-1], told)
            assert child.hear() == "ready"
            began = time.monotonic()
            if number % 10 == 9:  # one in ten may end, which says how long that takes
                answered = child.hear()
                typical = min(typical, time.monotonic() - began) if number > 9 else time.monotonic() - began
                child.end()
            else:
                time.sleep(chance.uniform(0, 1.3 * typical))
                child.kill()
                said = child.end()
                answered = said[0] if said else None
            counted.rounds += 1
            with place.open() as ward:
                send_again(counted, ward, patients[-1], told, answered)
        with place.open() as ward:
            settle(counted, ward, patients)


HELP = {"type": "asked_for_help", "occurred_at": "2026-06-10"}  # opens a task
SCAN = {"type": "scan_done", "occurred_at": "2026-06-10", "facts": {"last_scan_on": "2026-06-10"}}  # shows a page
#: Where a process dies, by name: before or after which call, while what is reported.
POINTS = {
    "after the token is read": ("SELECT tokens", AFTER, SCAN),
    "before the transaction": ({"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK enrollments"}, BEFORE, SCAN),
    "after the lock": ({"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK enrollments"}, AFTER, SCAN),
    "after the look for a replay": ("SELECT events", AFTER, SCAN),
    "after the fold": ("the fold", AFTER, SCAN),
    "after the event is in the log": ("INSERT events", AFTER, SCAN),
    "after the enrollment is updated": ("UPDATE enrollments", AFTER, SCAN),
    "after the records": ("INSERT records", AFTER, SCAN),
    "after the tasks": ("INSERT tasks", AFTER, HELP),
    "after what was shown is noted": ("INSERT shown", AFTER, SCAN),
    "before the commit": ("COMMIT", BEFORE, SCAN),
    "after the commit": ("COMMIT", AFTER, SCAN),
    "before the reply": ("the reply", BEFORE, SCAN),
    "after the reply": ("the reply", AFTER, SCAN),
}
NOTHING_IS_COMMITTED_YET = list(POINTS)[: list(POINTS).index("after the commit")]


def dies_at(call, when):
    """Return what makes the watch of a process that dies at a point: its very first passing."""

    def prepare():
        def watch(name, moment) -> None:
            if (name, moment) == (call, when):
                die()

        fold = report.arrive

        def folded(*arguments):
            result = fold(*arguments)
            watch("the fold", AFTER)
            return result

        report.arrive = folded  # in the child alone
        return watch

    return prepare


@pytest.mark.parametrize("point", POINTS)
def test_c2_killed_at_a_named_point(place, point):
    """Each point is provably hit: the child dies there and nowhere else, and what is stored is as of that point."""
    call, when, body = POINTS[point]
    if isinstance(call, dict):
        call = call["sqlite" if place.is_sqlite else "postgresql"]
    with tally("C2", f"killed {point}", place.url) as counted:
        patients = []
        for number in range(amount(1, 20)):
            told = {"id": f"e{number}", **body}
            with place.open() as ward:
                patients.append(ward.enroll_patient(f"p{number}"))
            child = report_in_child(place, patients[-1], told, dies_at(call, when))
            said = child.end()
            assert (said[0], child.status) == ("ready", -9), f"not hit: {point}"
            counted.rounds += 1
            answered = said[1] if len(said) > 1 else None
            assert (answered is not None) == (point == "after the reply")
            before = counted.notes["not committed"]
            with place.open() as ward:
                send_again(counted, ward, patients[-1], told, answered)
            assert (counted.notes["not committed"] > before) == (point in NOTHING_IS_COMMITTED_YET)
        with place.open() as ward:
            settle(counted, ward, patients)
