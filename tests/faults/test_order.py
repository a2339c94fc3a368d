"""O1, O2, O3, O8, A12, A14: many at once, in any order, at chosen moments; what remains is what some order explains."""

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
from tests.faults.model import ids_stored
from tests.faults.place import count_stored, settle, telling
from tests.faults.tap import AFTER, BEFORE, broken
from tests.service.clinic import DEFINITIONS, START, application, joining


def at_once(count: int, work) -> list:
    """Run `work(number)` in threads that begin together; return what each gave, or raise what one raised."""
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
    """Return the time of a report, a minute after that of the number before: those of one client come in order."""
    return (START - timedelta(days=25) + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")


def test_o1_eight_clients_advance_one_enrollment(place):
    """Each says that it happened just now, by a clock that is a little ahead, so it applies when it arrives."""
    many = amount(10, 150)
    with tally("O1", "8 clients advance one enrollment", place.url) as counted, place.open() as ward:
        patient = ward.enroll_patient("p1")
        times, lock = itertools.count(1), threading.Lock()
        ward.service = dataclasses.replace(ward.service, clock=lambda: START + timedelta(milliseconds=next(times)))
        ward.app = application(ward.service)
        tellings: dict[str, dict] = {}

        def report(client: int) -> None:
            for number in range(many):
                told = telling(number) | {"id": f"c{client}-{number}", "occurred_at": "2026-07-01T09:04:00Z"}
                answer = ward.send(patient, told)
                with lock:
                    counted.rounds += 1
                    counted.errors += answer.status != 200
                    counted.acknowledged += answer.status == 200
                    tellings[told["id"]] = told

        at_once(8, report)
        with ward.service.database.reading() as connection:
            arrivals = connection.execute(
                select(events.c.external_id, events.c.arrived_at).where(events.c.position > 0)
            )
            for id, arrived_at in arrivals.all():
                patient.tell(tellings[id], reporter="app", by="patient", arrived_at=arrived_at)
        counted.lost += 8 * many + 1 - len(patient.log)
        ward.clock.pass_by(minutes=4)
        settle(counted, ward, [patient], verified=many <= 20)
        assert counted.acknowledged == 8 * many


def test_o2_the_same_event_at_once(place):
    """One of them is applied, the others are replays with the same decision."""
    with tally("O2", "the same event from 50 threads at once", place.url) as counted, place.open() as ward:
        patients = []
        for number in range(amount(3, 100)):
            if number % 20 == 0:
                patients.append(ward.enroll_patient(f"p{number}"))
            patient, told = patients[-1], telling(number)
            answers = at_once(50, lambda _, patient=patient, told=told: ward.send(patient, told))
            ward.note(patient, told)
            replays = sum(answer.headers.get("Idempotent-Replay") == "true" for answer in answers)
            counted.rounds += 1
            counted.acknowledged += len(answers)
            counted.errors += sum(answer.status != 200 for answer in answers)
            counted.doubled += len(answers) - replays - 1
            counted.errors += len({answer.decision_bytes for answer in answers}) != 1
        settle(counted, ward, patients)
        assert counted.acknowledged == 50 * counted.rounds > 0
        assert sum(len(patient.log) - 1 for patient in patients) == count_stored(ward, patients) == counted.rounds


SIX = (
    {"type": "scan_done", "occurred_at": "2026-06-05", "facts": {"last_scan_on": "2026-06-05"}},
    {"type": "asked_for_help", "occurred_at": "2026-06-10"},
    {"type": "scan_result_reported", "occurred_at": "2026-06-12", "facts": {"scan_result": "suspicious"}},
    {"type": "answers_given", "occurred_at": "2026-06-15", "facts": {"smokes": True}},
    {"type": "recurrence_discussed", "occurred_at": "2026-06-20"},
    {"type": "left", "occurred_at": "2026-06-25"},
)


def test_o3_every_order_of_six_events(place):
    """A result that is held, its telling and a leaving among them: 720 orders end in one state, and skip no telling."""
    orders = list(itertools.permutations(range(6)))
    chosen = random.Random(SEED).sample(orders, amount(12, 720))
    with tally("O3", "six events in every order", place.url) as counted, place.open(hurried=True) as ward:
        patients, ends = [], set()
        for order in chosen:
            patient = ward.enroll_patient(f"p{counted.rounds}")
            for number in order:
                told = {"id": f"e{number}", **SIX[number]}
                answer = ward.send(patient, told, ward.staff)
                counted.errors += answer.status != 200
                counted.acknowledged += 1
                ward.note(patient, told, staff=True)
            now = ward.read(patient.id, ward.staff)["now"]
            ends.add(str((now["state"], now["ended"] and now["ended"]["type"], now["content"])))
            patients.append(patient)
            counted.rounds += 1
        assert len(ends) == 1
        settle(counted, ward, patients)


def test_o3_late_before_the_enrolling_and_after_the_end(place):
    with tally("O3", "30 days late, before enrolling, after the end", place.url) as counted, place.open() as ward:
        patient = ward.enroll_patient("p1")
        tellings = (
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
        for number, telling_ in enumerate(tellings):
            told = {"id": f"e{number}", **telling_}
            answer = ward.send(patient, told)
            outcomes.append(answer["decision"]["outcome"])
            counted.rounds += 1
            counted.acknowledged += answer.status == 200
            ward.note(patient, told)
        assert outcomes == ["advanced", "stayed", "advanced", "ignored", "advanced"]
        settle(counted, ward, [patient])


def test_o8_no_writer_starves(sqlite_place):
    """Eight writers on one file: nobody is left out; over a long run the slowest writes half of the fastest or more.

    The half is asked of the long run only: of so few as the suite writes, whoever began first has more.
    """
    place, enough = sqlite_place, amount(160, 4000)
    with tally("O8", "8 writers: slowest / fastest, percent", place.url) as counted, place.open() as ward:
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
                told = telling(number % 100) | {"occurred_at": minute(number)}
                assert ward.send(patient, told).status == 200
                ward.note(patient, told)
                own[client].append(patient)

        at_once(8, report)
        wrote = [len(one) for one in own]
        counted.rounds = counted.acknowledged = sum(wrote)
        counted.notes["slowest / fastest, percent"] = round(100 * min(wrote) / max(wrote))
        settle(counted, ward, patients, verified=enough <= 200)
        assert counted.rounds >= enough and min(wrote) > 0
        if enough >= 4000:
            assert min(wrote) / max(wrote) >= 0.5


# --- A12: chosen interleavings -------------------------------------------------------------------------------------


class Meeting:
    """Stops one thread at a call to the driver until another has come as far as it can."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.where: tuple[str, str] | None = None
        self.name: str | None = None

    def watch(self, name: str, when: str) -> None:
        if (name, when) == self.where and threading.current_thread().name == "first":
            self.where = None
            self.reached.set()
            assert self.go_on.wait(30)


def interleaved(meeting: Meeting, where, first, second) -> tuple:
    """Run `first` up to a point, then `second` as far as it can get, then both to their ends; return what they gave."""
    meeting.where = where
    meeting.reached.clear()
    meeting.go_on.clear()
    given: dict = {}

    def keep(name, work):
        def run() -> None:
            try:
                given[name] = work()
            except Exception as error:
                given[name] = error

        return threading.Thread(target=run, name=name)

    one, two = keep("first", first), keep("second", second)
    one.start()
    assert meeting.reached.wait(30), f"{where} is not reached"
    two.start()
    two.join(0.05)  # it may end, or wait for the first's lock: either is right
    meeting.go_on.set()
    one.join(30)
    two.join(30)
    for name in ("first", "second"):
        if isinstance(given[name], Exception):
            raise given[name]
    return given["first"], given["second"]


HELP = {"id": "help", "type": "asked_for_help", "occurred_at": "2026-06-10"}
SCAN = {"id": "scan", "type": "scan_done", "occurred_at": "2026-06-12", "facts": {"last_scan_on": "2026-06-12"}}
LEAVE = {"id": "leave", "type": "left", "occurred_at": "2026-06-11"}
#: Where the first one stands when the second comes: it has the lock, it has written, it is about to commit.
MOMENTS = {
    "holding the lock": {"sqlite": ("BEGIN IMMEDIATE", AFTER), "postgresql": ("LOCK enrollments", AFTER)},
    "having written": ("INSERT events", AFTER),
    "about to commit": ("COMMIT", BEFORE),
}


@pytest.fixture(params=MOMENTS)
def moment(request, place):
    found = MOMENTS[request.param]
    return found["sqlite" if place.is_sqlite else "postgresql"] if isinstance(found, dict) else found


@pytest.mark.parametrize(
    "pair", [(HELP, SCAN), (SCAN, LEAVE), (HELP, HELP)], ids=["advance-advance", "advance-leave", "same-same"]
)
def test_a12_two_reports_meet(place, moment, pair):
    meeting = Meeting()
    what = "advance/leave" if LEAVE in pair else "advance/advance"
    with tally("A12", what, place.url) as counted, place.open(watch=meeting.watch) as ward:
        patients = []
        for number in range(amount(1, 10)):
            patient = ward.enroll_patient(f"p{number}")
            for turn, both in enumerate((pair, pair[::-1])):
                one, other = ({**told, "id": f"{told['id']}-{turn}"} for told in both)
                answers = interleaved(
                    meeting,
                    moment,
                    lambda patient=patient, told=one: ward.send(patient, told),
                    lambda patient=patient, told=other: ward.send(patient, told),
                )
                for told, answer in zip((one, other), answers, strict=True):
                    counted.errors += answer.status != 200
                    counted.acknowledged += answer.status == 200
                    ward.note(patient, told)
                replays = [answer.headers.get("Idempotent-Replay") for answer in answers]
                counted.doubled += one["id"] == other["id"] and replays.count("true") == 0
            patients.append(patient)
            counted.rounds += 2
        settle(counted, ward, patients)
        assert counted.acknowledged == 2 * counted.rounds > 0
        assert count_stored(ward, patients) == counted.rounds * len({told["id"] for told in pair})


def test_a12_a_report_meets_a_timer(place, moment):
    """Whoever comes first, the timer fires once, at its own deadline, and the event applies where it happened."""
    meeting = Meeting()
    with tally("A12", "advance/timer", place.url) as counted, place.open(watch=meeting.watch) as ward:
        patients = []
        start = ward.clock()
        for number in range(amount(1, 10)):
            ward.clock.now = start
            patient = ward.enroll_patient(f"p{number}")
            ward.clock.set("2026-07-15T01:00:00")
            told = {**HELP, "occurred_at": "2026-07-14T12:00:00Z"}

            def send(patient=patient, told=told):
                return ward.send(patient, told)

            answer, _ = interleaved(meeting, moment, send, lambda: timers.fire_next(ward.service))
            counted.errors += answer.status != 200
            counted.acknowledged += answer.status == 200
            ward.note(patient, told)
            ward.worker().fire_all()
            lines = ward.get(f"/v1/enrollments/{patient.id}/history?limit=50", ward.staff)["items"]
            fired = [line for line in lines if line["kind"] == "timer"]
            counted.doubled += len(fired) - 1
            counted.notes["fired"] += len(fired)
            patients.append(patient)
            counted.rounds += 1
        settle(counted, ward, patients)
        assert counted.acknowledged == counted.notes["fired"] == count_stored(ward, patients) == counted.rounds > 0


def test_a12_two_enrollings_meet(place):
    """One key, two requests at once: one enrollment, and both are told of it."""
    meeting = Meeting()
    with tally("A12", "enroll/enroll", place.url) as counted, place.open(watch=meeting.watch) as ward:
        for number in range(amount(2, 20)):
            body = joining(f"p{number}")
            where = ("INSERT enrollments", AFTER) if number % 2 else ("COMMIT", BEFORE)

            def join(body=body):
                return ward.post("/v1/enrollments", ward.phone, body)

            answers = interleaved(meeting, where, join, join)
            counted.rounds += 1
            counted.acknowledged += sum(answer.status in (200, 201) for answer in answers)
            counted.errors += [answer.status for answer in answers] not in ([201, 200], [201, 201])
            counted.doubled += len({answer["id"] for answer in answers}) - 1
            counted.doubled += len(ward.get(f"/v1/enrollments?patient_ref=p{number}", ward.staff)["items"]) - 1
        settle(counted, ward, [])
        assert counted.acknowledged == 2 * counted.rounds > 0
        with ward.service.database.reading() as connection:
            assert connection.execute(select(func.count()).select_from(enrollments)).scalar() == counted.rounds


def test_a12_a_report_meets_a_publishing(place, moment, tmp_path):
    """An enrollment goes on with the release it has; a new one gets the newest, whole."""
    definitions = shutil.copytree(DEFINITIONS, tmp_path / "definitions")
    definition = definitions / "follow_up.yaml"
    text = definition.read_text()
    title = re.search(r"^title: .*$", text, re.MULTILINE)[0]
    meeting = Meeting()
    with tally("A12", "advance/publish", place.url) as counted, place.open(watch=meeting.watch) as ward:
        patients, releases = [], set()
        for number in range(amount(1, 3)):
            patient = ward.enroll_patient(f"p{number}")
            changed = title.replace("en: ", f"en: Number {number} ")
            assert changed != title
            definition.write_text(text.replace(title, changed, 1))
            answer, done = interleaved(
                meeting,
                moment,
                lambda patient=patient: ward.send(patient, HELP),
                lambda: ward.publish(definitions),
            )
            counted.errors += answer.status != 200
            counted.acknowledged += answer.status == 200
            ward.note(patient, HELP)
            later = ward.enroll_patient(f"q{number}")
            pinned = ward.read(patient.id, ward.staff)["release"]
            assert pinned == patient.release != done.journeys[0].release
            assert later.release == done.journeys[0].release
            patients += [patient, later]
            releases |= {patient.release, later.release}
            counted.rounds += 1
        settle(counted, ward, patients)
        assert counted.acknowledged == count_stored(ward, patients) == counted.rounds > 0
        assert len(releases) == counted.rounds + 1


#: How many each of the eight clients of a history sends.
REPORTS = 12


def test_a14_a_history_of_eight_clients_is_explained(place):
    """Eight clients report to shared enrollments through a failing driver: acknowledged, refused or not known.

    The final state is one that some order explains: every acknowledged event once, none refused, of those not known
    any. The fold does not depend on the order, so what is to be found is the subset, and it is read from the log.
    """
    chance = random.Random(SEED)
    with tally("A14", "history of 8 clients, calls of the driver fail", place.url) as counted:
        for round_ in range(amount(1, 20)):
            one_history(counted, place, chance, round_)
            counted.rounds += 1
        assert counted.acknowledged + counted.notes["not known"] == 8 * REPORTS * counted.rounds > 0
        assert counted.acknowledged > counted.notes["not known"] > 0, "the calls failed never, or mostly"


def one_history(counted, place, chance, round_: int) -> None:
    lock = threading.Lock()
    failing = threading.local()

    def watch(name: str, when: str) -> None:
        if getattr(failing, "now", False) and name != "ROLLBACK":
            with lock:
                fails = chance.random() < (0.1 if (name, when) == ("COMMIT", AFTER) else 0.01)
            if fails:
                raise broken(place.is_sqlite)

    with place.open(watch=watch) as ward:
        patients = [ward.enroll_patient(f"p{round_}-{number}") for number in range(3)]
        unknown: list = [[] for _ in patients]

        def report(client: int) -> None:
            for number in range(REPORTS):
                told = telling(number) | {"id": f"c{client}-{number}"}
                place_ = (client + number) % len(patients)
                failing.now = True
                answer = ward.send(patients[place_], told)
                failing.now = False
                with lock:
                    if answer.status == 200:
                        counted.acknowledged += 1
                        ward.note(patients[place_], told)
                    elif answer.status == 503:
                        counted.notes["not known"] += 1
                        unknown[place_].append(told)
                    else:
                        counted.errors += 1
                        counted.notes[f"status {answer.status}"] += 1

        at_once(8, report)
        for patient, tellings in zip(patients, unknown, strict=True):
            there = ids_stored(ward.service, patient.id)
            for told in tellings:
                if told["id"] in there:
                    counted.notes["not known, and applied"] += 1
                    ward.note(patient, told)
        settle(counted, ward, patients)
        assert sum(len(patient.log) - 1 for patient in patients) == count_stored(ward, patients)
