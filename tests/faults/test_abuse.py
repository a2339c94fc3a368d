"""Senders of far too many requests (S12) do not slow others; guessing tokens (S3) reveals nothing."""

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


def test_a_flooding_patient_is_limited_and_others_are_served(clinic, database_url):
    """Over the rate of its token every report gets 429 with Retry-After; another patient and staff are unaffected."""
    flooded, calm = clinic.enroll("p1"), clinic.enroll("p2")
    clinic.allow()
    flood, other = clinic.token_of_patient("p1"), clinic.token_of_patient("p2")
    allowed = Configuration().patient_reports_per_minute
    with tally("S12", "events of one patient, far over the rate", database_url) as counts:
        for number in range(EVENTS):
            event = {"id": f"f-{number}", "type": "asked_for_help", "occurred_at": "2026-07-01T08:00:00Z"}
            answer = clinic.post(f"/v1/enrollments/{flooded}/events", flood, event)
            counts.rounds += 1
            is_refused = answer.status == 429 and "Retry-After" in answer.headers
            counts.acknowledged += answer.status == 200
            counts.notes["429"] += is_refused
            counts.errors += not (answer.status == 200 if number < allowed else is_refused)
            if number % 100 == 0:
                others = (
                    clinic.get(f"/v1/enrollments/{calm}", other),
                    clinic.report(calm, clinic.staff, "asked_for_help"),
                )
                counts.notes["of others, served"] += sum(answer.status == 200 for answer in others)
        history = clinic.pages(f"/v1/enrollments/{flooded}/history?limit=100", clinic.staff)
        counts.lost = allowed - sum(line["kind"] == "event" for line in history) + 1  # and the enrolling
        assert counts.acknowledged == allowed
        assert counts.notes["429"] == EVENTS - allowed > 0
        assert counts.notes["of others, served"] == 2 * math.ceil(EVENTS / 100)


def test_enrollments_of_a_patient_are_limited_and_others_are_enrolled(clinic, database_url):
    clinic.allow()
    most = Configuration().max_enrollments
    with tally("S12", "enrollments of one patient, far over the limit", database_url) as counts:
        for number in range(ENROLLMENTS):
            answer = clinic.post("/v1/enrollments", clinic.phone, joining("p1", f"k{number}"))
            counts.rounds += 1
            counts.acknowledged += answer.status == 201
            counts.notes["422"] += answer.status == 422
            counts.errors += answer.status != (201 if number < most else 422)
            if number % 50 == 0:
                answer = clinic.post("/v1/enrollments", clinic.phone, joining(f"q{number}"))
                counts.notes["others, enrolled"] += answer.status == 201
        listed = clinic.pages("/v1/enrollments?patient_ref=p1&limit=100", clinic.staff)
        counts.lost = most - len(listed)
        assert counts.acknowledged == most
        assert counts.notes["422"] == ENROLLMENTS - most > 0
        assert counts.notes["others, enrolled"] == math.ceil(ENROLLMENTS / 50)


@pytest.mark.long
@pytest.mark.skipif(TIMINGS == 0, reason="measures times, so only in the long run")
def test_refused_reports_hardly_delay_other_patients(clinic, database_url):
    """Note the 99th percentile of another patient's reads, alone and beside four threads of refused reports."""
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
            counts.errors += call(server.port, f"/v1/enrollments/{calm}", token=other)[0] != 200
            waits.append(time.perf_counter() - began)
        return sorted(waits)[int(len(waits) * 0.99)] * 1000

    try:
        with tally("S12", "reads of one beside the refused reports of another", database_url) as counts:
            alone = reads()
            threads = [threading.Thread(target=hurry) for _ in range(HASTY)]
            for thread in threads:
                thread.start()
            beside = reads()
            stop.set()
            for thread in threads:
                thread.join()
            counts.rounds = 2 * TIMINGS
            counts.notes["ms at p99 alone"] = math.ceil(alone)
            counts.notes["ms at p99 beside them"] = math.ceil(beside)
            counts.notes["refused meanwhile"] = sum(refused)
            assert any(refused), "No request was over the rate, so the test measured nothing."
            assert counts.errors == 0, "A read of the other patient did not get 200."
    finally:
        stop.set()
        server.stop()
        clinic.app.extensions[rates.EXTENSION] = rates.Rates(UNHURRIED, clock.monotonic)


@pytest.mark.long
@pytest.mark.skipif(TIMINGS == 0, reason="measures times, so only in the long run")
def test_timing_does_not_reveal_a_partly_right_token(clinic, database_url):
    """Refusing a token with the right beginning takes as long as refusing any other (Kolmogorov-Smirnov, p > 0.01).

    By chance one round in a hundred fails, so the test fails only after three such rounds in a row.
    """
    text = clinic.token_of_patient("p1")
    start, end = text[:-22], text[-22:]
    near = [start + (f"{number:022d}"[::-1]) for number in range(200)]
    far = [text[: text.rindex("_") + 1] + f"{number:043d}"[::-1] for number in range(200)]
    assert end not in {token[-22:] for token in near}
    with tally("S3", "timings of wrong tokens, near and far", database_url) as counts:
        chances = []
        for _ in range(3):
            times: dict[str, list[float]] = {"near": [], "far": []}
            for number in range(TIMINGS):
                for name, tokens in (("near", near), ("far", far))[:: 1 if number % 2 else -1]:
                    began = time.perf_counter_ns()
                    with pytest.raises(CallerError):
                        recognise(clinic.service, tokens[number % 200])
                    times[name].append(time.perf_counter_ns() - began)
            counts.rounds += 2 * TIMINGS
            chances.append(likeness_of(times["near"], times["far"]))
            if chances[-1] > 0.01:
                break
        counts.notes["thousandths of p"] = round(chances[-1] * 1000)
        counts.errors = int(chances[-1] <= 0.01)


def likeness_of(first: list[float], other: list[float]) -> float:
    """Return the probability that equal distributions differ this much (two-sample Kolmogorov-Smirnov, asymptotic)."""
    values = sorted([(value, 1 / len(first)) for value in first] + [(value, -1 / len(other)) for value in other])
    height = widest = 0.0
    for number, (value, step) in enumerate(values):
        height += step
        if number + 1 == len(values) or values[number + 1][0] != value:
            widest = max(widest, abs(height))
    scaled = widest * math.sqrt(len(first) * len(other) / (len(first) + len(other)))
    terms = ((-1) ** (n - 1) * math.exp(-2 * n * n * scaled * scaled) for n in range(1, 101))
    return min(1.0, max(0.0, 2 * sum(terms))) if scaled > 0.2 else 1.0


def test_likeness_separates_equal_from_different_samples():
    like = [float(number * 7919 % 1000) for number in range(1000)]
    assert likeness_of(like, like[::-1]) == 1.0
    assert likeness_of(like, [value + 5 for value in like]) > 0.01
    assert likeness_of(like, [value + 200 for value in like]) < 1e-6
