"""Mail that comes back: bounces, complaints, absences and answers, in any order; and the command of a mail server."""

import json
import logging

import pytest
from click.testing import CliRunner

from journeys.outreach.incoming import MailEnvelope
from service.cli import main
from service.outreach import listen_mail
from service.outreach.listen_mail import OwnMailboxes, own_mailboxes, take_mail
from service.outreach.mail_message import tagged_mailbox
from service.outreach.port import AnswerLost, Reason
from service.platform.configuration import Configuration
from service.platform.database.tables import inbound, receipts, tasks
from tests.service.outreach.listening_clinic import Listening

SETTINGS = {
    "JOURNEYS_MAIL_FROM": "Care guide <care@clinic.example>",
    "JOURNEYS_MAIL_BOUNCES": "bounces@clinic.example",
    "JOURNEYS_MAIL_UNSUBSCRIBE": "unsubscribe@clinic.example",
}
CONFIG = Configuration(
    mail_from=SETTINGS["JOURNEYS_MAIL_FROM"],
    mail_bounces=SETTINGS["JOURNEYS_MAIL_BOUNCES"],
    mail_unsubscribe=SETTINGS["JOURNEYS_MAIL_UNSUBSCRIBE"],
)


class MailListening(Listening):
    @property
    def mailboxes(self) -> OwnMailboxes:
        return own_mailboxes(self.clinic.service, CONFIG)

    def take(self, raw: bytes, envelope: MailEnvelope | None = None) -> None:
        take_mail(self.clinic.service, self.mailboxes, raw, envelope)

    def tagged(self, message: str) -> str:
        return tagged_mailbox(self.mailboxes.bounces, message, self.mailboxes.secret)


@pytest.fixture
def listening(clinic) -> MailListening:
    return MailListening(clinic)


def lines(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def bounce(mailbox: str, status: str, id: str = "b1@mx.example", action: str = "failed") -> bytes:
    return lines(
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.example",
        f"To: {mailbox}",
        f"Message-ID: <{id}>",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example",
        "",
        "Final-Recipient: rfc822; p1@example.org",
        f"Action: {action}",
        f"Status: {status}",
        "",
        "--b--",
    )


def complaint(mailbox: str, kind: str = "abuse") -> bytes:
    return lines(
        "From: feedback@provider.example",
        "To: abuse@clinic.example",
        "Message-ID: <arf-1@provider.example>",
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
        "",
        "--b",
        "Content-Type: message/feedback-report",
        "",
        f"Feedback-Type: {kind}",
        f"Original-Mail-From: <{mailbox}>",
        "",
        "--b--",
    )


def written(text: str, *fields: str, sender: str = "p1@example.org", id: str = "m1@example.org") -> bytes:
    head = (f"From: Ana <{sender}>", "To: care@clinic.example", f"Message-ID: <{id}>", *fields)
    return lines(*head, "Content-Type: text/plain; charset=utf-8", "", text)


def test_an_address_that_does_not_exist_is_bad_at_once(listening):
    mailbox = listening.tagged(listening.send())
    for _ in range(2):
        listening.take(bounce(mailbox, "5.1.1"))
    assert listening.contact() == "bad"
    assert len(listening.rows(receipts)) == 1


def test_a_full_mailbox_is_bad_on_the_third_day(listening):
    mailbox = listening.tagged(listening.send())
    seen = []
    for day in range(3):
        listening.take(bounce(mailbox, "5.2.2", f"b{day}@mx.example"))
        seen.append(listening.contact())
        listening.clinic.clock.pass_by(days=1)
    assert seen == ["good", "good", "bad"]


def test_a_refusal_of_our_signature_is_for_the_operator(listening, logs):
    message = listening.send()
    listening.take(bounce(listening.tagged(message), "5.7.1"))
    assert listening.contact() == "good"
    assert [line["message"] for line in logs if line["event"] == "bounce-is-our-fault"] == [message]


@pytest.mark.parametrize(("action", "status"), [("delivered", "sent"), ("delayed", "unknown"), ("relayed", "unknown")])
def test_a_report_settles_what_nobody_knew(listening, action, status):
    mailbox = listening.tagged(listening.send(answer=AnswerLost(Reason.TIMEOUT)))
    listening.take(bounce(mailbox, "2.0.0" if action == "delivered" else "4.0.0", action=action))
    assert [row.status for row in listening.messages()] == [status]
    assert listening.contact() == "good"


@pytest.mark.parametrize(("kind", "count"), [("abuse", 1), ("fraud", 1), ("not-spam", 0)])
def test_a_complaint_revokes_mail(listening, kind, count):
    mailbox = listening.tagged(listening.send())
    for _ in range(2):
        listening.take(complaint(mailbox, kind))
    assert [(entry["by"], entry["channel"]) for entry in listening.revocations()] == [("complaint", "email")] * count


def test_a_report_without_our_tag_changes_nothing(listening):
    message = listening.send()
    before = listening.everything()
    local, _, domain = listening.tagged(message).partition("@")
    guesses = (
        f"bounces+{message}@clinic.example",
        f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        tagged_mailbox("bounces@clinic.example", message, b"another secret"),
        listening.tagged("nobody-9"),
    )
    for mailbox in guesses:
        listening.take(bounce(mailbox, "5.1.1"))
        listening.take(complaint(mailbox))
    assert listening.everything() == before


@pytest.mark.parametrize(
    "field",
    ["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes", "Return-Path: <>", "List-Id: <x.example>"],
)
def test_automatic_mail_is_nobodys_word(listening, field):
    listening.send()
    before = listening.everything()
    listening.take(written("STOP", field))
    listening.take(written("STOP", sender="care@clinic.example"))
    listening.take(written("STOP"), MailEnvelope("", "care@clinic.example"))
    assert listening.everything() == before


@pytest.mark.parametrize(
    ("text", "subject", "reply", "contact"),
    [
        ("ALTO", "Re: Your scan", "revokes", "good"),
        ("Stop. Gracias", "Re: Your scan", "mentions", "paused"),
        ("no quiero que esto pare nunca", "Re: Your scan", "free_text", "good"),
        ("", "unsubscribe", "revokes", "good"),
        ("Thank you!\r\n\r\n> Reply STOP to end these mails", "Re: Your scan", "free_text", "good"),
        ("STOP\r\n" + "> STOP and more\r\n" * 60_000, "Re: Your scan", "revokes", "good"),
    ],
    ids=range(6),
)
def test_answers_by_mail(listening, text, subject, reply, contact):
    listening.send()
    for _ in range(2):
        listening.take(written(text, f"Subject: {subject}"))
    (row,) = listening.rows(inbound)
    assert (row.reply, listening.contact()) == (reply, contact)
    assert len(row.payload) < 300_000
    assert len(listening.revocations()) == (reply == "revokes")
    assert len([task for task in listening.rows(tasks) if task.id == row.id]) == (reply != "revokes")


@pytest.mark.parametrize("text", ["", "Hello", "Sent from my phone"])
def test_mail_to_the_mailbox_that_ends_mail_ends_it_whatever_it_says(listening, text):
    """List-Unsubscribe names the mailbox, so that a mail program writes what it likes (RFC 2369)."""
    listening.send()
    listening.take(written(text, "Subject: Hello"), MailEnvelope("p1@example.org", CONFIG.mail_unsubscribe))
    assert [each["channel"] for each in listening.revocations()] == ["email"]


def test_a_mail_without_text_keeps_its_subject(listening):
    listening.reachable_patient()
    listening.take(written("", "Subject: Please call me"))
    (row,) = listening.rows(inbound)
    assert json.loads(row.payload) == {"text": "Please call me"}


def test_a_mail_without_an_id_counts_once(listening):
    listening.reachable_patient()
    raw = written("Hello").replace(b"Message-ID: <m1@example.org>\r\n", b"")
    for _ in range(2):
        listening.take(raw)
    assert len(listening.rows(inbound)) == 1


class TestCommand:
    def run(self, listening, raw: bytes, *options: str, **settings: str):
        environment = {"JOURNEYS_DATABASE": listening.clinic.config.database, **SETTINGS, **settings}
        return CliRunner(env=environment).invoke(main, ["inbound", "mail", *options], input=raw)

    def test_a_mail_is_taken(self, listening):
        listening.reachable_patient()
        done = self.run(listening, written("STOP"), "--sender", "p1@example.org", "--recipient", "care@clinic.example")
        assert (done.exit_code, done.output) == (0, "")
        assert [entry["method"] for entry in listening.revocations()] == ["reply"]

    def test_the_recipient_of_the_envelope_names_the_message(self, listening):
        mailbox = listening.tagged(listening.send())
        raw = bounce("undisclosed", "5.1.1")
        done = self.run(listening, raw, "--sender", "MAILER-DAEMON", "--recipient", mailbox)
        assert (done.exit_code, listening.contact()) == (0, "bad")

    @pytest.mark.parametrize("sender", ["", "MAILER-DAEMON"])
    def test_an_empty_sender_is_a_machine(self, listening, sender):
        listening.reachable_patient()
        done = self.run(listening, written("STOP"), "--sender", sender, "--recipient", "care@clinic.example")
        assert (done.exit_code, listening.revocations()) == (0, [])

    @pytest.mark.parametrize("raw", [b"", b"\0" * 100, b"From: x", written("STOP", sender="stranger@example.org")])
    def test_what_says_nothing_is_ignored(self, listening, raw):
        done = self.run(listening, raw)
        assert (done.exit_code, done.output) == (0, "")
        assert listening.rows(inbound) == []

    @pytest.mark.parametrize(
        "settings",
        [
            {"JOURNEYS_DATABASE": "sqlite:////nowhere/journeys.db"},
            {"JOURNEYS_DATABASE": "postgresql://nobody@127.0.0.1:1/nothing"},
            {"JOURNEYS_DATABASE": "nonsense"},
            {"JOURNEYS_MAIL_BOUNCES": ""},
            {"JOURNEYS_UNKNOWN": "x"},
        ],
        ids=["no file", "no server", "no URL", "no address of bounces", "an unknown setting"],
    )
    def test_the_mail_server_keeps_what_cannot_be_taken_now(self, listening, settings):
        done = self.run(listening, written("STOP"), **settings)
        assert done.exit_code == 75
        assert "Traceback" not in done.output

    def test_nothing_personal_is_printed_or_logged(self, listening, monkeypatch, caplog, logs):
        def fail(_outbox, _mailboxes, raw, _envelope):
            raise ValueError(raw)

        caplog.set_level(logging.DEBUG)
        raw = written("canarytext", sender="canary@example.org")
        outputs = [self.run(listening, raw, "--sender", "canary@example.org", "--recipient", "canary@clinic.example")]
        monkeypatch.setattr(listen_mail, "take_mail", fail)
        outputs.append(self.run(listening, raw))
        assert [done.exit_code for done in outputs] == [0, 75]
        assert "mail-not-taken" in {line["event"] for line in logs}
        assert "canary" not in "".join(done.output for done in outputs) + caplog.text + repr(logs)
