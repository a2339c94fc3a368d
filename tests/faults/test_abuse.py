"""Who sends far too much (S12), and who would guess tokens (S3): others are served, and nothing is learned."""

import math
import threading
import time

import pytest

from journeys.primitives.errors import CallerError
from service.access.tokens import recognise
from service.http import rates
from service.platform import clock
from service.platform.configuration import Configuration
from service.platform.server import Server
from tests.faults.counting import amount, tally
from tests.faults.serving import call
from tests.service.clinic import UNHURRIED, joining

EVENTS = amount(300, 10_000)
ENROLLMENTS = max(110, amount(110, 1_000))  # more than a patient may have
TIMINGS = amount(0, 2_000)
HASTY = 4


def test_one_patient_who_floods_is_held_back_and_the_others_are_served(clinic, database_url):
    """Over its rate every report is 429 with Retry-After, by token; another patient and staff notice nothing."""
    flooded, calm = clinic.enroll("p1"), clinic.enroll("p2")
    clinic.allow()
    flood, other = clinic.token_of_patient("p1"), clinic.token_of_patient("p2")
    allowed = Configuration().patient_reports_per_minute
    with tally("S12", "events of one patient, far over the rate", database_url) as counted:
        for number in range(EVENTS):
            event = {"id": f"f-{number}", "type": "asked_for_help", "occurred_at": "2026-07-01T08:00:00Z"}
            answer = clinic.post(f"/v1/enrollments/{flooded}/events", flood, event)
            counted.rounds += 1
            is_refused = answer.status == 429 and "Retry-After" in answer.headers
            counted.acknowledged += answer.status == 200
            counted.notes["429"] += is_refused
            counted.errors += not (answer.status == 200 if number < allowed else is_refused)
            if number % 100 == 0:
                others = (
                    clinic.get(f"/v1/enrollments/{calm}", other),
                    clinic.report(calm, clinic.staff, "asked_for_help"),
                )
                counted.notes["of others, served"] += sum(answer.status == 200 for answer in others)
        kept = clinic.pages(f"/v1/enrollments/{flooded}/history?limit=100", clinic.staff)
        counted.lost = allowed - sum(line["kind"] == "event" for line in kept) + 1  # and the enrolling
        assert counted.acknowledged == allowed
        assert counted.notes["429"] == EVENTS - allowed > 0
        assert counted.notes["of others, served"] == 2 * math.ceil(EVENTS / 100)


def test_one_patient_takes_so_many_enrollments_and_the_others_are_enrolled(clinic, database_url):
    clinic.allow()
    most = Configuration().max_enrollments
    with tally("S12", "enrollments of one patient, far over the limit", database_url) as counted:
        for number in range(ENROLLMENTS):
            answer = clinic.post("/v1/enrollments", clinic.phone, joining("p1", f"k{number}"))
            counted.rounds += 1
            counted.acknowledged += answer.status == 201
            counted.notes["422"] += answer.status == 422
            counted.errors += answer.status != (201 if number < most else 422)
            if number % 50 == 0:
                answer = clinic.post("/v1/enrollments", clinic.phone, joining(f"q{number}"))
                counted.notes["others, enrolled"] += answer.status == 201
        listed = clinic.pages("/v1/enrollments?patient_ref=p1&limit=100", clinic.staff)
        counted.lost = most - len(listed)
        assert counted.acknowledged == most
        assert counted.notes["422"] == ENROLLMENTS - most > 0
        assert counted.notes["others, enrolled"] == math.ceil(ENROLLMENTS / 50)


@pytest.mark.long
@pytest.mark.skipif(TIMINGS == 0, reason="measures times: in the long run only")
def test_others_wait_little_longer_while_tokens_are_over_their_rate(clinic, database_url):
    """The 99th hundredth of another patient's reads, alone and beside four threads of refused reports, as a note."""
    flooded, calm = clinic.enroll("p1"), clinic.enroll("p2")
    flood, other = clinic.token_of_patient("p1"), clinic.token_of_patient("p2")
    limited = Configuration(patient_reads_per_minute=0, patient_reports_per_minute=10)
    clinic.app.extensions[rates.EXTENSION] = rates.Rates(limited, clock.monotonic)
    server = Server(clinic.app, Configuration(port=0))
    stop = threading.Event()
    refused = []

    def hurry() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            event = {"id": f"{threading.get_ident()}-{number}", "type": "asked_for_help", "occurred_at": "2026-06-20"}
            status = call(server.port, f"/v1/enrollments/{flooded}/events", event, flood)[0]
            refused.append(status == 429)

    def reads() -> float:
        waits = []
        for _ in range(TIMINGS):
            began = time.perf_counter()
            counted.errors += call(server.port, f"/v1/enrollments/{calm}", token=other)[0] != 200
            waits.append(time.perf_counter() - began)
        return sorted(waits)[int(len(waits) * 0.99)] * 1000

    try:
        with tally("S12", "reads of one beside the refused reports of another", database_url) as counted:
            alone = reads()
            threads = [threading.Thread(target=hurry) for _ in range(HASTY)]
            for thread in threads:
                thread.start()
            beside = reads()
            stop.set()
            for thread in threads:
                thread.join()
            counted.rounds = 2 * TIMINGS
            counted.notes["ms at p99 alone"] = math.ceil(alone)
            counted.notes["ms at p99 beside them"] = math.ceil(beside)
            counted.notes["refused meanwhile"] = sum(refused)
            assert any(refused), "nobody was over the rate, so nothing was measured"
            assert counted.errors == 0, "a read of the other patient was not answered with 200"
    finally:
        stop.set()
        server.stop()
        clinic.app.extensions[rates.EXTENSION] = rates.Rates(UNHURRIED, clock.monotonic)


@pytest.mark.long
@pytest.mark.skipif(TIMINGS == 0, reason="measures times: in the long run only")
def test_how_much_of_a_secret_is_right_does_not_show_in_time(clinic, database_url):
    """Refusing a token with the right beginning takes as long as refusing any other (Kolmogorov-Smirnov, p > 0.01).

    Where nothing shows, one round in a hundred is below that; so three in a row must be.
    """
    text = clinic.token_of_patient("p1")
    start, end = text[:-22], text[-22:]
    near = [start + (f"{number:022d}"[::-1]) for number in range(200)]
    far = [text[: text.rindex("_") + 1] + f"{number:043d}"[::-1] for number in range(200)]
    assert end not in {one[-22:] for one in near}
    with tally("S3", "timings of wrong tokens, near and far", database_url) as counted:
        chances = []
        for _ in range(3):
            times: dict[str, list[float]] = {"near": [], "far": []}
            for number in range(TIMINGS):
                for name, tokens in (("near", near), ("far", far))[:: 1 if number % 2 else -1]:
                    began = time.perf_counter_ns()
                    with pytest.raises(CallerError):
                        recognise(clinic.service, tokens[number % 200])
                    times[name].append(time.perf_counter_ns() - began)
            counted.rounds += 2 * TIMINGS
            chances.append(same_chance(times["near"], times["far"]))
            if chances[-1] > 0.01:
                break
        counted.notes["thousandths of p"] = round(chances[-1] * 1000)
        counted.errors = int(chances[-1] <= 0.01)


def same_chance(one: list[float], other: list[float]) -> float:
    """How likely two samples of one thing differ as much as these (two-sample Kolmogorov-Smirnov, asymptotic)."""
    values = sorted([(value, 1 / len(one)) for value in one] + [(value, -1 / len(other)) for value in other])
    height = widest = 0.0
    for number, (value, step) in enumerate(values):
        height += step
        if number + 1 == len(values) or values[number + 1][0] != value:
            widest = max(widest, abs(height))
    scaled = widest * math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    terms = ((-1) ** (n - 1) * math.exp(-2 * n * n * scaled * scaled) for n in range(1, 101))
    return min(1.0, max(0.0, 2 * sum(terms))) if scaled > 0.2 else 1.0


def test_the_measure_of_likeness_tells_like_from_unlike():
    like = [float(number * 7919 % 1000) for number in range(1000)]
    assert same_chance(like, like[::-1]) == 1.0
    assert same_chance(like, [value + 5 for value in like]) > 0.01
    assert same_chance(like, [value + 200 for value in like]) < 1e-6
