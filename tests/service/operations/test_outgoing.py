"""The lines of the status about what waits to leave and what could not, on a clinic that sends and publishes."""

import json

import pytest

from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, AnswerLost, Permanent, Reason, Transient
from service.outreach.schedule import schedule_reminders
from service.outreach.send import claim_next, hand_over, store_finished
from service.platform.database.tables import attempts, letters, messages
from tests.service.cli.test_commands import run
from tests.service.feed.feeding import Feeding
from tests.service.operations.test_status import line, look
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.test_send import DUE

SENDS = {"mail_server": "mail.clinic.example:587"}
FEED = {"feed": True}


@pytest.fixture
def reaching(clinic) -> Reaching:
    return Reaching(clinic)


@pytest.fixture
def due(reaching) -> Reaching:
    """A clinic with a patient whose reminder falls due now; everything before was looked at."""
    reaching.reachable_patient()
    reaching.work()
    reaching.clinic.clock.set(DUE)
    reaching.clinic.worker().fire_all()
    return reaching


def test_a_reminder_without_a_sender_is_late(due):
    clinic = due.clinic
    clinic.clock.pass_by(minutes=4)
    assert line(clinic, "messages", **SENDS) == (True, "the oldest is 4 min late")
    clinic.clock.pass_by(minutes=2)
    assert line(clinic, "messages", **SENDS) == (False, "the oldest is 6 min late")
    assert line(clinic, "messages", **SENDS, late_message=400)[0] is True
    assert line(clinic, "messages") == (True, "none is due"), "without a channel nothing is sent"
    due.work()
    assert line(clinic, "messages", **SENDS) == (True, "none is due")


def test_a_message_that_nobody_claims_is_late(due):
    clinic = due.clinic
    schedule_reminders(clinic.service)
    clinic.clock.pass_by(minutes=6)
    assert line(clinic, "messages") == (False, "the oldest is 6 min late")
    due.work()
    assert line(clinic, "messages") == (True, "none is due")


def test_a_changed_enrollment_that_the_sender_does_not_look_at_is_late(reaching):
    clinic = reaching.clinic
    enrollment = reaching.reachable_patient()
    reaching.work()
    clinic.report(enrollment, clinic.staff, "asked_for_help")
    clinic.clock.pass_by(minutes=6)
    assert line(clinic, "messages", **SENDS) == (False, "the oldest is 6 min late")
    reaching.work()
    assert line(clinic, "messages", **SENDS) == (True, "none is due")


def test_a_message_whose_sender_died_is_counted_until_another_takes_it(due):
    clinic = due.clinic
    schedule_reminders(clinic.service)
    claim_next(due.outbox)
    assert line(clinic, "senders") == (True, "0 messages whose sender died")
    clinic.clock.pass_by(seconds=61)
    assert line(clinic, "senders") == (False, "1 message whose sender died")
    due.work()
    assert line(clinic, "senders")[0] is True
    assert line(clinic, "unknown") == (False, "1 message that may have arrived")


def test_a_message_whose_answer_was_lost_is_counted_until_it_is_sent_again(due):
    due.mail.answers = [AnswerLost(Reason.TIMEOUT)]
    assert line(due.clinic, "unknown") == (True, "0 messages that may have arrived")
    due.work()
    assert line(due.clinic, "unknown") == (False, "1 message that may have arrived")
    (message,) = due.messages()
    due.clinic.clock.now = message.useful_until
    assert line(due.clinic, "unknown") == (True, "0 messages that may have arrived")


def test_messages_that_failed_within_a_day_are_counted_by_the_channel_of_their_last_attempt(due):
    clinic = due.clinic
    due.mail.answers = [Permanent(Reason.REFUSED, "5.5.0")]
    due.work()
    assert line(clinic, "failed") == (True, "1 message within a day: email 1")
    assert line(clinic, "failed", late_failed=0)[0] is False
    clinic.clock.pass_by(days=1)
    assert line(clinic, "failed", late_failed=0) == (True, "0 messages within a day")


def test_a_second_attempt_counts_for_its_own_channel(due):
    """A channel that took nothing, and then another that failed: the message failed on the other."""
    schedule_reminders(due.clinic.service)
    claim = claim_next(due.outbox)
    store_finished(due.outbox, [hand_over(due.outbox, claim)])
    with due.clinic.service.database.writing() as connection:
        (first,) = connection.execute(attempts.select()).all()
        connection.execute(attempts.insert(), {**first._asdict(), "sequence": first.sequence + 1, "channel": "sms"})
        connection.execute(messages.update().values(status="failed"))
    assert line(due.clinic, "failed")[1] == "1 message within a day: sms 1"


def test_a_letter_that_is_not_printed_or_not_confirmed_in_two_days_is_late(due):
    clinic = due.clinic
    assert line(clinic, "letters") == (True, "none waits to be printed or posted")
    due.work()
    (message,) = due.messages()
    queued = {
        "id": "l1",
        "message": message.id,
        "person": message.person,
        "contact": "c1",
        "status": "queued",
        "queued_at": clinic.clock(),
        "changed_at": clinic.clock(),
    }
    with clinic.service.database.writing() as connection:
        connection.execute(letters.insert(), queued)
    clinic.clock.pass_by(days=2)
    assert line(clinic, "letters") == (True, "the oldest has waited 2 d")
    clinic.clock.pass_by(hours=1)
    assert line(clinic, "letters") == (False, "the oldest has waited 2 d 1 h")
    with clinic.service.database.writing() as connection:
        connection.execute(letters.update().values(status="printed", changed_at=clinic.clock()))
    assert line(clinic, "letters")[0] is True
    clinic.clock.pass_by(days=3)
    assert line(clinic, "letters") == (False, "the oldest has waited 3 d")
    with clinic.service.database.writing() as connection:
        connection.execute(letters.update().values(status="posted", changed_at=clinic.clock()))
    assert line(clinic, "letters")[0] is True


def test_a_feed_that_lacks_a_change_is_late(clinic):
    feeding = Feeding(clinic)
    enrollment = clinic.enroll()
    clinic.clock.pass_by(minutes=6)
    assert line(clinic, "feed", **FEED) == (False, "the oldest is 6 min late")
    assert line(clinic, "feed") == (True, "not published")
    feeding.publish()
    assert line(clinic, "feed", **FEED) == (True, "every change is published")
    clinic.report(enrollment, clinic.staff, "asked_for_help")
    clinic.clock.pass_by(minutes=4)
    assert line(clinic, "feed", **FEED) == (True, "the oldest is 4 min late")
    assert line(clinic, "feed", **FEED, late_feed=60)[0] is False


def test_a_feed_that_misses_a_timer_of_the_told_view_is_late(clinic):
    feeding = Feeding(clinic)
    clinic.enroll()
    feeding.publish()
    clinic.clock.set("2026-07-15T00:06:00")
    assert line(clinic, "feed", **FEED) == (False, "the oldest is 6 min late")
    feeding.publish()
    assert line(clinic, "feed", **FEED)[0] is True


def test_nobody_is_named(due):
    due.mail.answers = [Permanent(Reason.REFUSED, "5.5.0"), Accepted()]
    due.outbox.channels["email"] = ChannelSetup(due.mail)
    due.work()
    (message,) = due.messages()
    text = repr(look(due.clinic, **SENDS, **FEED))
    for name in ("p1", "example.org", message.id, message.person, message.enrollment):
        assert name not in text


def test_the_command_shows_the_lines(clinic, database_url):
    text = run("status", "--database", database_url, code=1).stdout
    assert "ok    failed     0 messages within a day" in text
    assert "ok    feed       not published" in text


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (AnswerLost(Reason.TIMEOUT), "unknown", "timeout"),
        (Permanent(Reason.REFUSED, "5.5.0"), "failed", "refused"),
        (Transient(Reason.BUSY), "scheduled", "busy"),
    ],
)
def test_messages_are_listed_by_state_with_their_reasons(due, database_url, answer, state, says):
    due.mail.answers = [answer]
    due.work()
    (message,) = due.messages()
    listed = {
        other: json.loads(
            run("messages", "list", "--state", other, "--format", "json", "--database", database_url).stdout
        )
        for other in ("unknown", "failed", "scheduled")
    }
    assert listed == {
        other: [{"id": message.id, "due": "2026-07-29T00:00:00Z", "reason": says}] if other == state else []
        for other in listed
    }
    text = run("messages", "list", "--state", state, "--database", database_url).stdout
    assert text.startswith(f"{message.id}  due 2026-07-29T00:00:00Z, {says}\n1 message ")
