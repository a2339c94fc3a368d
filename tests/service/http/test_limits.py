"""Limits (S12): each has a problem that says what is accepted; those who keep to theirs never notice the others."""

import threading

import pytest

from service.access.caller import Caller
from service.http.rates import Rates
from service.platform.buckets import KEPT
from service.platform.configuration import Configuration
from service.platform.errors import TooOften
from service.platform.setting_values import ConfigurationError
from tests.service.clinic import joining


def help_asked(number) -> dict:
    return {"id": f"help-{number}", "type": "asked_for_help", "occurred_at": "2026-06-20"}


def test_a_token_that_reports_too_often_is_told_when_to_come_again(clinic):
    enrollment = clinic.enroll()
    clinic.allow(patient_reports_per_minute=30)
    hasty, calm = clinic.token_of_patient("p1"), clinic.token_of_patient("p1")
    path = f"/v1/enrollments/{enrollment}/events"
    assert [clinic.post(path, hasty, help_asked(number)).status for number in range(31)] == [200] * 30 + [429]
    refused = clinic.post(path, hasty, help_asked(30))
    assert (refused.status, refused.type, refused["code"]) == (429, "application/problem+json", "too-often")
    assert "30 times a minute" in refused["detail"]
    assert refused.headers["Retry-After"] == "2"
    assert clinic.post(path, calm, help_asked(30)).status == 200  # of the same patient: another token, another bucket
    assert clinic.get("/v1/me/enrollments", hasty).status == 200  # reading is counted apart
    clinic.clock.pass_by(seconds=1)
    assert clinic.post(path, hasty, help_asked(31)).status == 429
    clinic.clock.pass_by(seconds=1)
    assert clinic.post(path, hasty, help_asked(31)).status == 200
    assert clinic.post(path, hasty, help_asked(32)).status == 429


def test_reading_has_a_rate_of_its_own(clinic):
    clinic.enroll()
    clinic.allow(patient_reads_per_minute=10)
    token = clinic.token_of_patient("p1")
    answers = [clinic.get("/v1/me/enrollments", token) for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    assert "read 10 times a minute" in answers[-1]["detail"]
    assert answers[-1].headers["Retry-After"] == "6"
    assert clinic.get("/v1/journeys", clinic.staff).status == 200
    assert clinic.call("GET", "/healthz").status == 200


def test_what_is_refused_costs_nothing_and_is_not_stored(clinic):
    enrollment = clinic.enroll()
    clinic.allow(patient_reports_per_minute=10)
    token = clinic.token_of_patient("p1")
    path = f"/v1/enrollments/{enrollment}/events"
    for number in range(50):
        clinic.post(path, token, help_asked(number))
    clinic.clock.pass_by(seconds=6)
    assert clinic.post(path, token, help_asked(10)).status == 200
    assert "Idempotent-Replay" not in clinic.post(path, clinic.phone, help_asked(10)).headers


def test_a_batch_counts_as_its_events_and_is_taken_whole_or_not_at_all(clinic):
    enrollment = clinic.enroll()
    clinic.allow(patient_reports_per_minute=20, max_batch=12, reports_per_minute=20)
    token = clinic.token_of_patient("p1")

    def batch(first: int, count: int):
        events = [help_asked(number) | {"enrollment": enrollment} for number in range(first, first + count)]
        return clinic.post("/v1/events", token, {"events": events})

    assert batch(0, 12).status == 200
    assert (batch(12, 12).status, batch(12, 12)["code"]) == (429, "too-often")
    before = clinic.read(enrollment, clinic.staff)
    assert batch(12, 13)["errors"] == {"events": ["This must be a list of 1 to 12 items."]}
    assert clinic.read(enrollment, clinic.staff) == before
    clinic.clock.pass_by(seconds=60)
    assert batch(12, 12).status == 200


def test_an_unknown_token_is_told_so_however_often_it_comes(clinic):
    """Tokens cannot be guessed, and a count of failures that many share would let one shut out the others."""
    clinic.allow(reads_per_minute=10, patient_reads_per_minute=10)
    assert {clinic.get("/v1/journeys", f"jt_id99999{number % 10}_x").status for number in range(50)} == {401}
    assert clinic.get("/v1/journeys", clinic.staff).status == 200


def test_an_enrollment_takes_so_many_events_and_answers_for_all_of_them(clinic):
    """Over the limit others than staff only leave; replays are answered, and staff put right."""
    enrollment = clinic.enroll()
    clinic.allow(max_events=20)
    token = clinic.token_of_patient("p1")
    path = f"/v1/enrollments/{enrollment}/events"
    answers = [clinic.post(path, token, help_asked(number)) for number in range(19)]  # and the enrolling itself
    assert {answer.status for answer in answers} == {200}
    refused = clinic.post(path, token, help_asked(19))
    assert (refused.status, refused.type, refused["code"]) == (422, "application/problem+json", "too-many")
    assert refused["detail"].startswith("An enrollment accepts 20 events,")
    again = clinic.post(path, token, help_asked(7))
    assert (again.status, again.headers["Idempotent-Replay"]) == (200, "true")
    assert again.decision_bytes == answers[7].decision_bytes
    assert clinic.post(path, token, {"id": "x", "type": "nothing", "occurred_at": "2026-06-20"}).status == 422
    assert clinic.report(enrollment, clinic.staff, "recurrence_confirmed").status == 200
    event = answers[0]["decision"]["event"]
    assert clinic.post(f"{path}/{event}/retraction", clinic.staff, {"reason": "entered_in_error"}).status == 200
    assert clinic.report(enrollment, token, "left")["decision"]["outcome"] == "advanced"
    assert clinic.report(enrollment, token, "left").status == 422  # it has ended


def test_what_staff_took_back_leaves_patients_their_room(clinic):
    """Whether staff placed the patient in a held state by mistake shows nowhere, nor does that they took it back."""
    enrollment = clinic.enroll()
    clinic.allow(max_events=20)
    placement = {"id": "s1", "state": "disease.recurrence", "reason": "Seen.", "occurred_at": "2026-06-30"}
    path = f"/v1/enrollments/{enrollment}"
    placed = clinic.post(f"{path}/placement", clinic.staff, placement)
    event = placed["decision"]["event"]
    reason = {"reason": "entered_in_error"}
    assert clinic.post(f"{path}/events/{event}/retraction", clinic.staff, reason).status == 200
    token = clinic.token_of_patient("p1")
    events = f"{path}/events"
    assert {clinic.post(events, token, help_asked(number)).status for number in range(19)} == {200}
    assert clinic.post(events, token, help_asked(19))["code"] == "too-many"


def test_staff_have_a_limit_too(clinic):
    enrollment = clinic.enroll()
    clinic.allow(max_events=20)
    events = [help_asked(number) | {"enrollment": enrollment} for number in range(42)]
    answers = clinic.post("/v1/events", clinic.staff, {"events": events})["items"]
    assert [item["status"] for item in answers] == [200] * 39 + [422] * 3
    assert answers[-1]["problem"]["code"] == "too-many"
    path = f"/v1/enrollments/{enrollment}/events/{answers[0]['decision']['event']}/retraction"
    assert clinic.post(path, clinic.staff, {"reason": "entered_in_error"}).status == 200


def test_a_patient_takes_so_many_enrollments_and_the_first_ones_are_answered_again(clinic):
    clinic.allow(max_enrollments=3)
    first = [clinic.enroll("p1", f"k{number}") for number in range(3)]
    refused = clinic.post("/v1/enrollments", clinic.phone, joining("p1", "k3"))
    assert (refused.status, refused["code"]) == (422, "too-many")
    assert refused["detail"] == "A patient can have 3 enrollments, and this patient has reached that number."
    assert clinic.enroll("p1", "k0") == first[0]
    assert clinic.enroll("p2", "k0") not in first


def test_many_threads_get_no_more_than_one():
    caller = Caller("t", "app", frozenset({"report"}), "patient")
    rates = Rates(Configuration(reports_per_minute=5000), lambda: 0.0)
    taken = []

    def take() -> None:
        for _ in range(2000):
            try:
                rates.take(caller, reads=False)
            except TooOften:
                continue
            taken.append(1)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 5000


def test_buckets_that_are_full_again_are_forgotten():
    now = [0.0]
    rates = Rates(Configuration(), lambda: now[0])
    for number in range(3 * KEPT):
        rates.take(Caller(f"t{number}", "app", frozenset(), "patient"), reads=True)
        now[0] += 0.001
    assert len(rates._buckets._full_at) <= KEPT + 1


@pytest.mark.parametrize(
    ("name", "value"), [("max_batch", "0"), ("max_events", "5"), ("max_enrollments", "0"), ("reads_per_minute", "-1")]
)
def test_limits_that_make_no_sense_are_refused_at_the_start(name, value):
    with pytest.raises(ConfigurationError, match=f"JOURNEYS_{name.upper()} must be from"):
        Configuration.of_environment({f"JOURNEYS_{name.upper()}": value})


def test_a_batch_that_could_never_pass_is_refused_at_the_start():
    with pytest.raises(ConfigurationError, match="a batch counts as its events"):
        Configuration.of_environment({"JOURNEYS_REPORTS_PER_MINUTE": "100"})
