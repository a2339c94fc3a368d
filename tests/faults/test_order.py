"""O1, O2, O3, O8, A12, A14: concurrent and reordered requests end in a state that some order explains."""

import dataclasses
import itertools
import random
import re
import shutil
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.enrollments import timers
from service.platform.database.tables import enrollments, events
from tests.faults.counting import SEED, amount, tally
from tests.faults.deployment import count_stored, event_body, settle
from tests.faults.model import ids_stored
from tests.faults.tap import AFTER, BEFORE, broken
from tests.service.clinic import DEFINITIONS, START, application, joining


def at_once(count: int, work) -> list:
    """Run `work(number)` in threads that start together; return the results, or raise the first exception."""
    gate, results, failed = threading.Barrier(count), [None] * count, []

    def run(number: int) -> None:
        gate.wait(30)
        try:
            results[number] = work(number)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return results


def minute(number: int) -> str:
    """Return the time of a report; consecutive numbers are a minute apart, so a client reports in order."""
    return (START - timedelta(days=25) + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")


def test_o1_eight_clients_advance_one_enrollment(deployment):
    """The clocks of the clients are slightly ahead, so each event applies on arrival."""
    many = amount(10, 150)
    with tally("O1", "8 clients advance one enrollment", deployment.url) as counts, deployment.open() as ward:
        patient = ward.enroll_patient("p1")
        times, lock = itertools.count(1), threading.Lock()
        ward.service = dataclasses.replace(ward.service, clock=lambda: START + timedelta(milliseconds=next(times)))
        ward.app = application(ward.service)
        bodies: dict[str, dict] = {}

        def report(client: int) -> None:
            for number in range(many):
                body = event_body(number) | {"id": f"c{client}-{number}", "occurred_at": "2026-07-01T09:04:00Z"}
                answer = ward.send(patient, body)
                with lock:
                    counts.rounds += 1
                    counts.errors += answer.status != 200
                    counts.acknowledged += answer.status == 200
                    bodies[body["id"]] = body

        at_once(8, report)
        with ward.service.database.reading() as connection:
            arrivals = connection.execute(
                select(events.c.external_id, events.c.arrived_at).where(events.c.position > 0)
            )
            for id, arrived_at in arrivals.all():
                patient.note_event(bodies[id], reporter="app", by="patient", arrived_at=arrived_at)
        counts.lost += 8 * many + 1 - len(patient.log)
        ward.clock.pass_by(minutes=4)
        settle(counts, ward, [patient], verified=many <= 20)
        assert counts.acknowledged == 8 * many


def test_o2_the_same_event_at_once(deployment):
    """One request applies the event; the others are replays with the same decision."""
    with tally("O2", "the same event from 50 threads at once", deployment.url) as counts, deployment.open() as ward:
        patients = []
        for number in range(amount(3, 100)):
            if number % 20 == 0:
                patients.append(ward.enroll_patient(f"p{number}"))
            patient, body = patients[-1], event_body(number)
            answers = at_once(50, lambda _, patient=patient, body=body: ward.send(patient, body))
            ward.note_event(patient, body)
            replays = sum(answer.headers.get("Idempotent-Replay") == "true" for answer in answers)
            counts.rounds += 1
            counts.acknowledged += len(answers)
            counts.errors += sum(answer.status != 200 for answer in answers)
            counts.doubled += len(answers) - replays - 1
            counts.errors += len({answer.decision_bytes for answer in answers}) != 1
        settle(counts, ward, patients)
        assert counts.acknowledged == 50 * counts.rounds > 0
        assert sum(len(patient.log) - 1 for patient in patients) == count_stored(ward, patients) == counts.rounds


SIX = (
    {"type": "scan_done", "occurred_at": "2026-06-05", "facts": {"last_scan_on": "2026-06-05"}},
    {"type": "asked_for_help", "occurred_at": "2026-06-10"},
    {"type": "scan_result_reported", "occurred_at": "2026-06-12", "facts": {"scan_result": "suspicious"}},
    {"type": "answers_given", "occurred_at": "2026-06-15", "facts": {"smokes": True}},
    {"type": "recurrence_discussed", "occurred_at": "2026-06-20"},
    {"type": "left", "occurred_at": "2026-06-25"},
)


def test_o3_every_order_of_six_events(deployment):
    """All 720 orders of a held result, its disclosure, a leaving and others end in the same state."""
    orders = list(itertools.permutations(range(6)))
    chosen = random.Random(SEED).sample(orders, amount(12, 720))
    with tally("O3", "six events in every order", deployment.url) as counts, deployment.open(hurried=True) as ward:
        patients, ends = [], set()
        for order in chosen:
            patient = ward.enroll_patient(f"p{counts.rounds}")
            for number in order:
                body = {"id": f"e{number}", **SIX[number]}
                answer = ward.send(patient, body, ward.staff)
                counts.errors += answer.status != 200
                counts.acknowledged += 1
                ward.note_event(patient, body, staff=True)
            now = ward.read(patient.id, ward.staff)["now"]
            ends.add(str((now["state"], now["ended"] and now["ended"]["type"], now["content"])))
            patients.append(patient)
            counts.rounds += 1
        assert len(ends) == 1
        settle(counts, ward, patients)


def test_o3_late_before_the_enrolling_and_after_the_end(deployment):
    with (
        tally("O3", "30 days late, before enrolling, after the end", deployment.url) as counts,
        deployment.open() as ward,
    ):
        patient = ward.enroll_patient("p1")
        bodies = (
            {"type": "asked_for_help", "occurred_at": "2026-05-20"},  # before the enrolling
            {"type": "answers_given", "occurred_at": "2026-06-01", "facts": {"smokes": True}},  # 30 days late
            {"type": "left", "occurred_at": "2026-06-20"},
            {
                "type": "scan_done",
                "occurred_at": "2026-06-25",
                "facts": {"last_scan_on": "2026-06-25"},
            },  # after the end
            {"type": "scan_done", "occurred_at": "2026-06-02", "facts": {"last_scan_on": "2026-06-02"}},
        )
        outcomes = []
        for number, event in enumerate(bodies):
            body = {"id": f"e{number}", **event}
            answer = ward.send(patient, body)
            outcomes.append(answer["decision"]["outcome"])
            counts.rounds += 1
            counts.acknowledged += answer.status == 200
            ward.note_event(patient, body)
        assert outcomes == ["advanced", "stayed", "advanced", "ignored", "advanced"]
        settle(counts, ward, [patient])


def test_o8_no_writer_starves(sqlite_deployment):
    """Every one of eight writers on a file makes progress.

    In the long run the slowest writes at least half as much as the fastest; in the short one the first leads.
    """
    deployment, enough = sqlite_deployment, amount(160, 4000)
    with tally("O8", "8 writers: slowest / fastest, percent", deployment.url) as counts, deployment.open() as ward:
        patients = [ward.enroll_patient(f"p{client}") for client in range(8)]
        own: list = [[] for _ in range(8)]
        left, lock = itertools.count(1), threading.Lock()

        def report(client: int) -> None:
            # A patient for each hundred events, so that the work does not grow.
            while next(left) <= enough:
                number = len(own[client])
                if number and number % 100 == 0:
                    patient = ward.enroll_patient(f"p{client}-{number}")
                    with lock:
                        patients.append(patient)
                else:
                    patient = own[client][-1] if own[client] else patients[client]
                body = event_body(number % 100) | {"occurred_at": minute(number)}
                assert ward.send(patient, body).status == 200
                ward.note_event(patient, body)
                own[client].append(patient)

        at_once(8, report)
        wrote = [len(reports) for reports in own]
        counts.rounds = counts.acknowledged = sum(wrote)
        counts.notes["slowest / fastest, percent"] = round(100 * min(wrote) / max(wrote))
        settle(counts, ward, patients, verified=enough <= 200)
        assert counts.rounds >= enough and min(wrote) > 0
        if enough >= 4000:
            assert min(wrote) / max(wrote) >= 0.5


# --- A12: chosen interleavings -------------------------------------------------------------------------------------


class Interleaving:
    """Stops one thread at a call to the driver until another thread has run as far as it can."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.stop_at: tuple[str, str] | None = None
        self.name: str | None = None

    def watch(self, name: str, when: str) -> None:
        if (name, when) == self.stop_at and threading.current_thread().name == "first":
            self.stop_at = None
            self.reached.set()
            assert self.go_on.wait(30)


def interleaved(interleaving: Interleaving, call, first, second) -> tuple:
    """Run `first` up to a call, then `second` as far as possible, then both to their ends; return the results."""
    interleaving.stop_at = call
    interleaving.reached.clear()
    interleaving.go_on.clear()
    results: dict = {}

    def thread_of(name, work):
        def run() -> None:
            try:
                results[name] = work()
            except Exception as error:
                results[name] = error

        return threading.Thread(target=run, name=name)

    first_thread, second_thread = thread_of("first", first), thread_of("second", second)
    first_thread.start()
    assert interleaving.reached.wait(30), f"{call} is not reached"
    second_thread.start()
    second_thread.join(0.05)  # it may end or wait for a lock; both are right
    interleaving.go_on.set()
    first_thread.join(30)
    second_thread.join(30)
    for name in ("first", "second"):
        if isinstance(results[name], Exception):
            raise results[name]
    return results["first"], results["second"]


HELP = {"id": "help", "type": "asked_for_help", "occurred_at": "2026-06-10"}
SCAN = {"id": "scan", "type": "scan_done", "occurred_at": "2026-06-12", "facts": {"last_scan_on": "2026-06-12"}}
LEAVE = {"id": "leave", "type": "left", "occurred_at": "2026-06-11"}
#: The call at which the first request is stopped.
MOMENTS = {
    "holding the lock": {"sqlite": ("BEGIN IMMEDIATE", AFTER), "postgresql": ("LOCK enrollments", AFTER)},
    "having written": ("INSERT events", AFTER),
    "about to commit": ("COMMIT", BEFORE),
}


@pytest.fixture(params=MOMENTS)
def moment(request, deployment):
    call = MOMENTS[request.param]
    return call["sqlite" if deployment.is_sqlite else "postgresql"] if isinstance(call, dict) else call


@pytest.mark.parametrize(
    "pair", [(HELP, SCAN), (SCAN, LEAVE), (HELP, HELP)], ids=["advance-advance", "advance-leave", "same-same"]
)
def test_a12_two_reports_meet(deployment, moment, pair):
    interleaving = Interleaving()
    scenario = "advance/leave" if LEAVE in pair else "advance/advance"
    with tally("A12", scenario, deployment.url) as counts, deployment.open(watch=interleaving.watch) as ward:
        patients = []
        for number in range(amount(1, 10)):
            patient = ward.enroll_patient(f"p{number}")
            for turn, ordered_pair in enumerate((pair, pair[::-1])):
                first, second = ({**body, "id": f"{body['id']}-{turn}"} for body in ordered_pair)
                answers = interleaved(
                    interleaving,
                    moment,
                    lambda patient=patient, body=first: ward.send(patient, body),
                    lambda patient=patient, body=second: ward.send(patient, body),
                )
                for body, answer in zip((first, second), answers, strict=True):
                    counts.errors += answer.status != 200
                    counts.acknowledged += answer.status == 200
                    ward.note_event(patient, body)
                replays = [answer.headers.get("Idempotent-Replay") for answer in answers]
                counts.doubled += first["id"] == second["id"] and replays.count("true") == 0
            patients.append(patient)
            counts.rounds += 2
        settle(counts, ward, patients)
        assert counts.acknowledged == 2 * counts.rounds > 0
        assert count_stored(ward, patients) == counts.rounds * len({body["id"] for body in pair})


def test_a12_a_report_meets_a_timer(deployment, moment):
    """In any order the timer fires once at its deadline, and the event applies at its own time."""
    interleaving = Interleaving()
    with tally("A12", "advance/timer", deployment.url) as counts, deployment.open(watch=interleaving.watch) as ward:
        patients = []
        start = ward.clock()
        for number in range(amount(1, 10)):
            ward.clock.now = start
            patient = ward.enroll_patient(f"p{number}")
            ward.clock.set("2026-07-15T01:00:00")
            body = {**HELP, "occurred_at": "2026-07-14T12:00:00Z"}

            def send(patient=patient, body=body):
                return ward.send(patient, body)

            answer, _ = interleaved(interleaving, moment, send, lambda: timers.fire_next(ward.service))
            counts.errors += answer.status != 200
            counts.acknowledged += answer.status == 200
            ward.note_event(patient, body)
            ward.worker().fire_all()
            lines = ward.get(f"/v1/enrollments/{patient.id}/history?limit=50", ward.staff)["items"]
            fired = [line for line in lines if line["kind"] == "timer"]
            counts.doubled += len(fired) - 1
            counts.notes["fired"] += len(fired)
            patients.append(patient)
            counts.rounds += 1
        settle(counts, ward, patients)
        assert counts.acknowledged == counts.notes["fired"] == count_stored(ward, patients) == counts.rounds > 0


def test_a12_two_enrollings_meet(deployment):
    """Two concurrent requests with one key make one enrollment, which both answers name."""
    interleaving = Interleaving()
    with tally("A12", "enroll/enroll", deployment.url) as counts, deployment.open(watch=interleaving.watch) as ward:
        for number in range(amount(2, 20)):
            body = joining(f"p{number}")
            where = ("INSERT enrollments", AFTER) if number % 2 else ("COMMIT", BEFORE)

            def join(body=body):
                return ward.post("/v1/enrollments", ward.phone, body)

            answers = interleaved(interleaving, where, join, join)
            counts.rounds += 1
            counts.acknowledged += sum(answer.status in (200, 201) for answer in answers)
            counts.errors += [answer.status for answer in answers] not in ([201, 200], [201, 201])
            counts.doubled += len({answer["id"] for answer in answers}) - 1
            counts.doubled += len(ward.get(f"/v1/enrollments?patient_ref=p{number}", ward.staff)["items"]) - 1
        settle(counts, ward, [])
        assert counts.acknowledged == 2 * counts.rounds > 0
        with ward.service.database.reading() as connection:
            assert connection.execute(select(func.count()).select_from(enrollments)).scalar() == counts.rounds


def test_a12_a_report_meets_a_publishing(deployment, moment, tmp_path):
    """An enrollment keeps its release; a new enrollment gets the newest one."""
    definitions = shutil.copytree(DEFINITIONS, tmp_path / "definitions")
    definition = definitions / "follow_up.yaml"
    text = definition.read_text()
    title = re.search(r"^title: .*$", text, re.MULTILINE)[0]
    interleaving = Interleaving()
    with tally("A12", "advance/publish", deployment.url) as counts, deployment.open(watch=interleaving.watch) as ward:
        patients, releases = [], set()
        for number in range(amount(1, 3)):
            patient = ward.enroll_patient(f"p{number}")
            changed = title.replace("en: ", f"en: Number {number} ")
            assert changed != title
            definition.write_text(text.replace(title, changed, 1))
            answer, done = interleaved(
                interleaving,
                moment,
                lambda patient=patient: ward.send(patient, HELP),
                lambda: ward.publish(definitions),
            )
            counts.errors += answer.status != 200
            counts.acknowledged += answer.status == 200
            ward.note_event(patient, HELP)
            later = ward.enroll_patient(f"q{number}")
            pinned = ward.read(patient.id, ward.staff)["release"]
            assert pinned == patient.release != done.journeys[0].release
            assert later.release == done.journeys[0].release
            patients += [patient, later]
            releases |= {patient.release, later.release}
            counts.rounds += 1
        settle(counts, ward, patients)
        assert counts.acknowledged == count_stored(ward, patients) == counts.rounds > 0
        assert len(releases) == counts.rounds + 1


#: Events that each of the eight clients sends.
REPORTS = 12


def test_a14_a_history_of_eight_clients_is_explained(deployment):
    """Eight clients report to shared enrollments through a failing driver.

    Some order of the events explains the final state: each acknowledged event once, and any of the unanswered ones.
    The fold does not depend on the order, so only the subset matters; it is read from the log.
    """
    chance = random.Random(SEED)
    with tally("A14", "history of 8 clients, calls of the driver fail", deployment.url) as counts:
        for round_ in range(amount(1, 20)):
            one_history(counts, deployment, chance, round_)
            counts.rounds += 1
        assert counts.acknowledged + counts.notes["unanswered"] == 8 * REPORTS * counts.rounds > 0
        assert counts.acknowledged > counts.notes["unanswered"] > 0, "The calls failed never or mostly."


def one_history(counts, deployment, chance, round_: int) -> None:
    lock = threading.Lock()
    failing = threading.local()

    def watch(name: str, when: str) -> None:
        if getattr(failing, "now", False) and name != "ROLLBACK":
            with lock:
                fails = chance.random() < (0.1 if (name, when) == ("COMMIT", AFTER) else 0.01)
            if fails:
                raise broken(deployment.is_sqlite)

    with deployment.open(watch=watch) as ward:
        patients = [ward.enroll_patient(f"p{round_}-{number}") for number in range(3)]
        unknown: list = [[] for _ in patients]

        def report(client: int) -> None:
            for number in range(REPORTS):
                body = event_body(number) | {"id": f"c{client}-{number}"}
                index = (client + number) % len(patients)
                failing.now = True
                answer = ward.send(patients[index], body)
                failing.now = False
                with lock:
                    if answer.status == 200:
                        counts.acknowledged += 1
                        ward.note_event(patients[index], body)
                    elif answer.status == 503:
                        counts.notes["unanswered"] += 1
                        unknown[index].append(body)
                    else:
                        counts.errors += 1
                        counts.notes[f"status {answer.status}"] += 1

        at_once(8, report)
        for patient, bodies in zip(patients, unknown, strict=True):
            stored_ids = ids_stored(ward.service, patient.id)
            for body in bodies:
                if body["id"] in stored_ids:
                    counts.notes["unanswered, and applied"] += 1
                    ward.note_event(patient, body)
        settle(counts, ward, patients)
        assert sum(len(patient.log) - 1 for patient in patients) == count_stored(ward, patients)
