"""Pieces that are sent by themselves: once for each occasion that the told view justifies, at the hour they say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journeys.outreach.incoming import ProviderReceipt
from service.demo.reviewers import PUBLISHER
from service.outreach import occasions
from service.outreach.listen import IncomingReceipt, take_receipt
from service.outreach.occasions import schedule_occasions
from service.outreach.port import Accepted, AnswerLost, Reason, Transient
from service.outreach.send import claim_next, hand_over, send_next, store_finished
from service.platform.database.tables import enrollments, looks
from service.publishing import approvals
from service.publishing.approvals import RecallScope
from tests.service.outreach.listening_clinic import MAIL
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.test_send import states

SENDS = {
    "disease/surveillance/waiting_for_result/while-you-wait": '{on: entry, delay: P1D, at: "09:00"}',
    "disease/surveillance/follow-up-plan": "{after: while-you-wait, delay: P1D}",
    "disease/recurrence/what-recurrence-is": "{on: entry}",
}
SCANNED = {"facts": {"last_scan_on": "2026-07-02"}}


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """A journey with pages that are sent by themselves."""
    return publish_sample(send_pages)


def send_pages(folder: Path) -> None:
    for piece, send in SENDS.items():
        with (folder / "content" / "follow_up" / piece / "piece.yaml").open("a") as file:
            file.write(f"\nsend: {send}\nuseful_for: P3D\n")


@pytest.fixture
def reaching(clinic) -> Reaching:
    return Reaching(clinic)


@pytest.fixture
def waiting(reaching) -> str:
    """An enrollment of a patient who had a scan on 2 July at ten in the morning, UTC."""
    return waiting_patient(reaching)


def waiting_patient(reaching) -> str:
    enrollment = reaching.reachable_patient()
    reaching.work()
    reaching.clinic.clock.set("2026-07-02T10:00:00")
    assert reaching.clinic.report(enrollment, reaching.clinic.phone, "scan_done", **SCANNED).status == 200
    reaching.work()
    return enrollment


def pieces(reaching) -> list[tuple[str, str, str | None]]:
    return [(row.piece, row.status, row.reason) for row in stored(reaching)]


def stored(reaching) -> list:
    from service.outreach.store.messages import _message

    return sorted(map(_message, reaching.messages()), key=lambda message: message.due)


def forget_looks(reaching) -> None:
    with reaching.clinic.service.database.writing() as connection:
        connection.execute(looks.delete())


def pass_days(reaching, days: int) -> None:
    for _ in range(days * 4):
        reaching.clinic.clock.pass_by(hours=6)
        reaching.work()


def test_a_page_goes_a_day_after_entry_at_its_hour_where_the_patient_lives(reaching, waiting):
    (message,) = stored(reaching)
    assert message.due == datetime(2026, 7, 4, 7, tzinfo=UTC), "nine in Madrid, the first not before a day after"
    assert reaching.mail.got == []
    reaching.clinic.clock.now = message.due - timedelta(seconds=1)
    reaching.work()
    assert reaching.mail.got == []
    reaching.clinic.clock.now = message.due
    reaching.work()
    ((_, envelope),) = reaching.mail.got
    assert "wait" in envelope.text.lower()


def test_a_page_goes_once_and_the_page_that_follows_it_after_that(reaching, waiting):
    pass_days(reaching, 20)
    assert pieces(reaching) == [("while-you-wait", "sent", None), ("follow-up-plan", "sent", None)]
    first, second = reaching.attempts()
    assert second.at - first.at >= timedelta(days=1)


def test_a_page_of_a_state_that_was_left_is_cleared(reaching, waiting):
    result = {"facts": {"scan_result": "clear"}}
    reaching.clinic.report(waiting, reaching.clinic.staff, "scan_result_reported", **result)
    pass_days(reaching, 5)
    assert pieces(reaching) == [("while-you-wait", "cleared", "left")]


def test_a_late_event_that_renames_the_stay_sends_nothing_twice(reaching, waiting):
    pass_days(reaching, 3)
    assert pieces(reaching)[0] == ("while-you-wait", "sent", None)
    late = {"facts": {"last_scan_on": "2026-07-01"}, "on": "2026-07-01"}
    assert reaching.clinic.report(waiting, reaching.clinic.staff, "scan_done", **late).status == 200
    pass_days(reaching, 5)
    assert [piece for piece, status, _ in pieces(reaching) if status == "sent"].count("while-you-wait") == 1


def test_down_from_before_to_after_nothing_is_sent(reaching, waiting):
    reaching.clinic.clock.set("2026-07-08T10:00:00")
    reaching.work()
    assert reaching.mail.got == []
    assert pieces(reaching) == [("while-you-wait", "expired", "too_late")]


@pytest.mark.parametrize(("days", "expected"), [(2, [("what-recurrence-is", "sent", None)]), (12, [])])
def test_held_news_is_sent_when_it_was_told_while_it_is_of_use(reaching, days, expected):
    """Nothing before the telling, and nothing old after it: a person has told the patient more by then."""
    enrollment = reaching.reachable_patient()
    reaching.clinic.report(enrollment, reaching.clinic.staff, "recurrence_confirmed")
    pass_days(reaching, days)
    assert reaching.messages() == []
    reaching.clinic.report(enrollment, reaching.clinic.staff, "recurrence_discussed")
    pass_days(reaching, 1)
    assert pieces(reaching) == expected


def test_a_patient_who_moves_gets_it_at_the_hour_of_the_new_place(reaching):
    enrollment = reaching.reachable_patient()
    own = reaching.clinic.token_of_patient("p1")
    for zone, at in (("Pacific/Honolulu", "2026-07-02T10:00:00"), ("Europe/Madrid", "2026-07-03T18:00:00")):
        reaching.clinic.clock.set(at)
        assert reaching.clinic.call("PUT", "/v1/me/preferences", own, json={"time_zone": zone}).status == 200
        reaching.clinic.report(enrollment, reaching.clinic.phone, "scan_done", on="2026-07-02T10:00:00Z", **SCANNED)
        reaching.work()
    reaching.clinic.clock.set("2026-07-03T19:00:00")  # nine in Honolulu
    reaching.work()
    assert states(reaching) == [("scheduled", "not_due")]
    pass_days(reaching, 1)
    assert [attempt.at for attempt in reaching.attempts()] == [datetime(2026, 7, 4, 7, tzinfo=UTC)]


@pytest.mark.parametrize("by", ["the person", "an app"])
def test_a_patient_who_moves_east_gets_it_as_early_as_the_hour_comes(reaching, waiting, by):
    reaching.clinic.clock.set("2026-07-03T12:00:00")
    reaching.learn(by, language="en", time_zone="Asia/Tokyo")
    reaching.work()
    assert reaching.mail.got == []
    reaching.clinic.clock.set("2026-07-04T00:00:00")  # nine in Tokyo, seven hours before nine in Madrid
    reaching.work()
    assert [attempt.at for attempt in reaching.attempts()] == [reaching.clinic.clock()]


def test_a_recalled_page_is_not_sent(reaching, waiting):
    scope = RecallScope("follow_up", "while-you-wait")
    approvals.recall(reaching.clinic.service, PUBLISHER, scope, comment="Wrong.", now=reaching.clinic.clock())
    pass_days(reaching, 8)
    assert reaching.mail.got == []
    assert pieces(reaching) == [("while-you-wait", "expired", "too_late")]


def test_no_permission_is_final_for_the_occasion(reaching, waiting):
    reaching.record(waiting, "revoke")
    pass_days(reaching, 3)
    reaching.clinic.clock.pass_by(seconds=1)
    reaching.record(waiting, "grant")
    pass_days(reaching, 3)
    assert pieces(reaching) == [("while-you-wait", "suppressed", "no_permission")]


def test_an_occasion_becomes_one_message_whoever_looks(reaching, waiting):
    for _ in range(3):
        forget_looks(reaching)
        while schedule_occasions(reaching.clinic.service):
            pass
    assert len(reaching.messages()) == 1


def test_an_enrollment_is_looked_at_when_it_has_changed_alone(reaching, waiting):
    assert schedule_occasions(reaching.clinic.service) == 0
    with reaching.clinic.service.database.writing() as connection:
        connection.execute(enrollments.update().values(revision=enrollments.c.revision + 1))
    assert schedule_occasions(reaching.clinic.service) == 1


def test_an_enrollment_that_could_not_be_read_is_looked_at_again(reaching, monkeypatch, logs):
    def fail(*_):
        raise ValueError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(occasions, "new_occasions", fail)
        enrollment = waiting_patient(reaching)
    assert {line["enrollment"] for line in logs if line["event"] == "messages-look-failed"} == {enrollment}
    assert schedule_occasions(reaching.clinic.service) == 0
    assert reaching.messages() == []
    reaching.clinic.clock.pass_by(minutes=10)
    assert schedule_occasions(reaching.clinic.service) == 1
    assert [row.enrollment for row in reaching.messages()] == [enrollment]


@pytest.mark.parametrize(
    ("outcome", "follows"),
    [(Accepted(), True), (AnswerLost(Reason.TIMEOUT), True), (Transient(Reason.BUSY), False)],
)
def test_a_page_follows_a_message_that_has_left_and_not_one_that_is_leaving(reaching, waiting, outcome, follows):
    reaching.clinic.clock.set("2026-07-04T07:00:00")
    claim = claim_next(reaching.outbox)
    reaching.mail.answers = [outcome]
    forget_looks(reaching)
    while schedule_occasions(reaching.clinic.service):
        pass
    assert len(reaching.messages()) == 1
    store_finished(reaching.outbox, [hand_over(reaching.outbox, claim)])
    while schedule_occasions(reaching.clinic.service):
        pass
    assert ("follow-up-plan" in {piece for piece, _, _ in pieces(reaching)}) == follows


def test_a_page_follows_a_message_whose_receipt_came_before_the_answer(reaching, waiting):
    reaching.clinic.clock.set("2026-07-04T07:00:00")
    claim = claim_next(reaching.outbox)
    assert schedule_occasions(reaching.clinic.service) == 0
    receipt = ProviderReceipt("r1", reaching.clinic.clock(), "delivered", "")
    take_receipt(reaching.clinic.service, MAIL, IncomingReceipt(receipt=receipt, message=claim.call.message.id))
    while schedule_occasions(reaching.clinic.service):
        pass
    assert pieces(reaching) == [("while-you-wait", "sent", None), ("follow-up-plan", "scheduled", None)]


def test_a_busy_provider_keeps_the_occasion(reaching, waiting):
    reaching.mail.answers = [Transient(Reason.BUSY)]
    reaching.clinic.clock.set("2026-07-04T07:00:00")
    send_next(reaching.outbox)
    assert states(reaching) == [("scheduled", "busy")]
    assert schedule_occasions(reaching.clinic.service) == 0
    assert len(reaching.messages()) == 1
