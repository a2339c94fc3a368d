"""What a person writes is answered once, by an approved reply, whatever they allowed and whatever the hour."""

from pathlib import Path

import pytest

from journeys.outreach.incoming import ANSWERS
from service.demo.reviewers import PUBLISHER
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, Reason, Transient
from service.publishing import approvals
from service.publishing.approvals import RecallScope
from tests.service.outreach.listening_clinic import TEXTS, Listening
from tests.service.outreach.people_reached import Provider

NUMBER = "+15055550178"
REPLIES = {"opt_out": "No more messages come.", "help": "Call us at any time.", "unknown": "We got your message."}


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """A journey with a reply to each question."""
    return publish_sample(add_replies)


def add_replies(folder: Path) -> None:
    for question, words in REPLIES.items():
        reply = folder / "content" / "follow_up" / "_texts" / f"reply-{question.replace('_', '-')}"
        reply.mkdir(parents=True)
        (reply / "piece.yaml").write_text(f"kind: reply\npurpose: support\nanswers: {question}\n")
        for locale in ("en", "es"):
            page = f"---\ntitle: {words}\nsummary: {words}\nsubject: {words}\ntext: {words}\n---\n{words}\n"
            (reply / f"{locale}.md").write_text(page)


@pytest.fixture
def listening(clinic):
    """A clinic that answers questions, with a patient who has mail and a mobile number."""
    listening = Listening(clinic)
    listening.texts = Provider()
    listening.outbox.channels["sms"] = ChannelSetup(listening.texts)
    listening.of_patient = listening.reachable_patient()
    own = clinic.token_of_patient("p1")
    assert clinic.post("/v1/me/contacts", own, {"channel": "sms", "address": NUMBER}).status == 200
    return listening


def sent(provider: Provider) -> list[tuple[str, str]]:
    return [(envelope.address, envelope.text.strip().splitlines()[0]) for _, envelope in provider.got]


@pytest.mark.parametrize(
    ("words", "question"),
    [("STOP", "opt_out"), ("Help", "help"), ("When is my scan?", "unknown"), ("please do not stop", None)],
)
def test_words_are_answered_by_the_channel_and_to_the_contact_that_wrote(listening, words, question):
    listening.write(words, sender=NUMBER, source=TEXTS)
    listening.work()
    listening.work()
    assert sent(listening.texts) == ([(NUMBER, REPLIES[question])] if question else [])
    assert listening.mail.got == []


def test_an_opt_out_by_mail_is_confirmed_by_mail(listening):
    listening.write("STOP")
    listening.work()
    assert sent(listening.mail) == [("p1@example.org", REPLIES["opt_out"])]
    assert listening.texts.got == []
    (_, envelope) = listening.mail.got[0]
    assert envelope.unsubscribe is None


def test_an_opt_out_is_confirmed_at_most_once(listening):
    for number in range(3):
        listening.write("STOP", f"w{number}", sender=NUMBER, source=TEXTS)
        listening.work()
    assert len(listening.texts.got) == 1


def test_nobody_who_was_never_reached_gets_a_confirmation(listening):
    listening.record(listening.of_patient, "revoke")
    listening.write("STOP", sender=NUMBER, source=TEXTS)
    listening.work()
    assert listening.texts.got == []


def test_a_confirmation_that_cannot_leave_within_five_minutes_never_does(listening):
    listening.texts.answers = [Transient(Reason.BUSY), Accepted()]
    listening.write("STOP", sender=NUMBER, source=TEXTS)
    listening.work()
    listening.clinic.clock.pass_by(minutes=5)
    listening.work()
    assert len(listening.texts.got) == 1
    assert [(row.status, row.reason) for row in listening.messages()] == [("expired", "too_late")]


def test_an_answer_is_held_back_by_no_hour_and_no_end(listening):
    """Somebody who writes at two in the night, or after the end, is awake and is answered."""
    listening.clinic.report(listening.of_patient, listening.clinic.staff, "deceased")
    listening.clinic.clock.set("2026-07-05T07:30:00")
    listening.write("HELP", sender=NUMBER, source=TEXTS)
    listening.work()
    assert len(listening.texts.got) == 1


@pytest.mark.parametrize(("words", "reply"), [("HELP", "asks_for_help"), ("Good evening", "free_text")])
def test_two_programs_that_answer_each_other_are_slowed_down(listening, words, reply):
    for number in range(20):
        listening.write(words, f"w{number}", sender=NUMBER, source=TEXTS)
        listening.work()
        listening.clinic.clock.pass_by(seconds=20)
    assert len(listening.texts.got) == 1
    listening.clinic.clock.pass_by(seconds=ANSWERS[reply].not_again.total_seconds())
    listening.write(words, "later", sender=NUMBER, source=TEXTS)
    listening.work()
    assert len(listening.texts.got) == 2


def test_an_answer_counts_for_no_reminder_and_no_reminder_for_it(listening):
    listening.clinic.clock.set("2026-07-29T10:00:00")
    listening.write("HELP")
    listening.work()
    assert len(listening.mail.got) == 2
    listening.clinic.clock.pass_by(days=1)
    listening.write("HELP", "w2")
    listening.work()
    assert len(listening.mail.got) == 3


def test_a_paused_contact_is_answered_and_a_removed_one_is_not(listening):
    listening.write("please do not stop", sender=NUMBER, source=TEXTS)
    listening.write("HELP", "w2", sender=NUMBER, source=TEXTS)
    listening.work()
    assert len(listening.texts.got) == 1
    listening.clinic.clock.pass_by(hours=1)
    listening.write("HELP", "w3", sender=NUMBER, source=TEXTS)
    own = listening.clinic.token_of_patient("p1")
    contact = next(c for c in listening.clinic.get("/v1/me/preferences", own)["contacts"] if c["channel"] == "sms")
    assert listening.clinic.call("DELETE", f"/v1/me/contacts/{contact['id']}", own).status in (200, 204)
    listening.work()
    assert len(listening.texts.got) == 1


def test_a_recalled_reply_is_not_sent(listening):
    listening.write("HELP", sender=NUMBER, source=TEXTS)
    scope = RecallScope("follow_up", "reply-help")
    approvals.recall(listening.clinic.service, PUBLISHER, scope, comment="Wrong.", now=listening.clinic.clock())
    listening.work()
    assert listening.texts.got == []
    assert [(row.status, row.reason) for row in listening.messages()] == [("scheduled", "not_approved")]
