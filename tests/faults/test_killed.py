"""C1, C2: after a process dies, each acknowledged event is stored once, and the others can be sent again."""

import random
import time

import pytest

from service.enrollments import change
from tests.faults.child import Child, die
from tests.faults.counting import SEED, amount, tally
from tests.faults.deployment import event_body, settle
from tests.faults.tap import AFTER, BEFORE

EVENTS_PER_PATIENT = 40


def report_in_child(deployment, patient, body, prepare=None):
    """Report in a forked process that sends "ready" and then the answer."""

    def work(say) -> None:
        watch = prepare() if prepare is not None else None
        with deployment.open(watch=watch) as ward:
            with ward.service.database.reading() as connection:  # opening the connection is not under test
                connection.exec_driver_sql("SELECT 1")
            say("ready")
            answer = ward.send(patient, body)
            if watch is not None:
                watch("the reply", BEFORE)
            assert answer.status == 200, answer.data
            say([answer.status, answer.decision_bytes.decode()])
            if watch is not None:
                watch("the reply", AFTER)

    return Child(work)


def send_again(counts, ward, patient, body, answered) -> None:
    """Send the same report again; count what the answer reveals about the first attempt."""
    again = ward.send(patient, body)
    is_replay = again.headers.get("Idempotent-Replay") == "true"
    if again.status != 200:
        counts.errors += 1
        counts.notes[f"status {again.status} when sent again"] += 1
        return
    if answered is not None:
        counts.acknowledged += 1
        counts.lost += not is_replay
        counts.errors += answered != [200, again.decision_bytes.decode()]
    elif is_replay:
        counts.notes["committed, not acknowledged"] += 1
    else:
        counts.notes["not committed"] += 1
    ward.note_event(patient, body)


def test_c1_killed_at_a_random_moment(deployment):
    chance = random.Random(SEED)
    with tally("C1", "killed at a random moment of a request", deployment.url) as counts:
        patients, typical = [], 0.02
        for number in range(amount(10, 1000)):
            body = event_body(number)
            if number % EVENTS_PER_PATIENT == 0:
                with deployment.open() as ward:
                    patients.append(ward.enroll_patient(f"p{number}"))
            child = report_in_child(deployment, patients[-1], body)
            assert child.hear() == "ready"
            began = time.monotonic()
            if number % 10 == 9:  # every tenth may end, to measure its duration
                answered = child.hear()
                typical = min(typical, time.monotonic() - began) if number > 9 else time.monotonic() - began
                child.end()
            else:
                time.sleep(chance.uniform(0, 1.3 * typical))
                child.kill()
                messages = child.end()
                answered = messages[0] if messages else None
            counts.rounds += 1
            with deployment.open() as ward:
                send_again(counts, ward, patients[-1], body, answered)
        with deployment.open() as ward:
            settle(counts, ward, patients)


HELP = {"type": "asked_for_help", "occurred_at": "2026-06-10"}  # opens a task
SCAN = {"type": "scan_done", "occurred_at": "2026-06-10", "facts": {"last_scan_on": "2026-06-10"}}  # shows a page
#: The points where a process dies, by name: the call, before or after it, and the report.
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
POINTS_BEFORE_THE_COMMIT = list(POINTS)[: list(POINTS).index("after the commit")]


def dies_at(call, when):
    """Return a function that makes a watch; the watch kills the process when it first reaches the point."""

    def prepare():
        def watch(name, moment) -> None:
            if (name, moment) == (call, when):
                die()

        fold = change.arrive

        def folded(*arguments):
            result = fold(*arguments)
            watch("the fold", AFTER)
            return result

        change.arrive = folded  # in the child alone
        return watch

    return prepare


@pytest.mark.parametrize("point", POINTS)
def test_c2_killed_at_a_named_point(deployment, point):
    """The child dies at exactly this point, and the stored data is that of this point."""
    call, when, body = POINTS[point]
    if isinstance(call, dict):
        call = call["sqlite" if deployment.is_sqlite else "postgresql"]
    with tally("C2", f"killed {point}", deployment.url) as counts:
        patients = []
        for number in range(amount(1, 20)):
            report_body = {"id": f"e{number}", **body}
            with deployment.open() as ward:
                patients.append(ward.enroll_patient(f"p{number}"))
            child = report_in_child(deployment, patients[-1], report_body, dies_at(call, when))
            messages = child.end()
            assert (messages[0], child.status) == ("ready", -9), f"not hit: {point}"
            counts.rounds += 1
            answered = messages[1] if len(messages) > 1 else None
            assert (answered is not None) == (point == "after the reply")
            before = counts.notes["not committed"]
            with deployment.open() as ward:
                send_again(counts, ward, patients[-1], report_body, answered)
            assert (counts.notes["not committed"] > before) == (point in POINTS_BEFORE_THE_COMMIT)
        with deployment.open() as ward:
            settle(counts, ward, patients)
