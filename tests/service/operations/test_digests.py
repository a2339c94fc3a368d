"""The daily digest: by a real mail server, at most once a day, of what is new, never with data of a patient."""

import email
import threading
from dataclasses import replace
from email.policy import SMTP

import pytest

from service.access import accounts, digests
from service.operations.digests import DigestSender, send_digests
from service.outreach.outbox import ChannelSetup
from service.outreach.port import AnswerLost, Permanent, Reason, Transient
from service.outreach.setup import make_outbox
from service.publishing import approvals, comments, review
from service.publishing.publish import publish_from_files
from tests.folders import copy_samples
from tests.service.outreach.mail_servers import Inbox, mail_server
from tests.service.outreach.people_reached import Provider
from tests.service.people import add, add_author

HOUR = 6
WORDS = "Bring a list of your medicines."
ADDRESS = "kim@clinic.example"


@pytest.fixture
def files(tmp_path):
    return copy_samples(tmp_path)


@pytest.fixture
def publish(clinic, files):
    """A function: publish other words in English, by an author of the name ada; nobody signs them."""

    def publish(words=WORDS):
        file = next(path for path in files.rglob("scan-due/en.md"))
        file.write_text(f"{file.read_text().rstrip()}\n\n{words}\n")
        done = publish_from_files(clinic.service, files / "definitions", files / "content", author="ada")
        assert done.is_done

    return publish


@pytest.fixture
def mails():
    return Inbox()


@pytest.fixture
def outbox(clinic, mails):
    """The outbox as it is configured, at a real mail server."""
    with mail_server(mails) as port:
        config = replace(
            clinic.config,
            mail_server=f"127.0.0.1:{port}",
            mail_security="none",
            mail_from="Guide <guide@clinic.example>",
            mail_bounces="b@clinic.example",
            mail_unsubscribe="stop@clinic.example",
            public_url="https://guide.example",
            postal_address="1 Main St; Santa Fe, NM",
        )
        made = make_outbox(clinic.service, config)
        yield made
        made.close()


def texts(mails):
    """The mails as they are read: recipient, subject, text."""
    read = [(recipients, email.message_from_bytes(content, policy=SMTP)) for _, recipients, content in mails.mails]
    return [(recipients[0], mail["Subject"], mail.get_content()) for recipients, mail in read]


def comment(clinic, account, text):
    opened = review.open_piece(clinic.service, "follow_up", 1, "scan-due")
    return comments.comment(clinic.service, account, opened, locale="en", sentence="", text=text)


def test_a_digest_names_what_is_new_with_links_and_how_to_end_it(clinic, outbox, mails, publish):
    add(clinic, "kim", email=ADDRESS)
    publish()
    assert send_digests(outbox, HOUR) == 1
    [(recipient, subject, text)] = texts(mails)
    assert (recipient, subject) == (ADDRESS, "Your inbox: 1 new")
    assert text.replace("\r\n", "\n") == (
        "New in your inbox:\n\n"
        "1 text of follow_up (en) waits for your signature as medical: scan-due\n"
        "https://guide.example/room/journeys/follow_up/queue?function=medical&locale=en\n\n"
        "In all, your inbox has 1:\nhttps://guide.example/room/inbox\n\n"
        "You get this mail at most once a day. To switch it off, use the button at the end of that page:\n"
        "https://guide.example/room/inbox#digest\n"
    )


def test_a_digest_is_sent_once_a_day_and_not_on_a_day_without_anything_new(clinic, outbox, mails, publish):
    add(clinic, "kim", email=ADDRESS)
    publish()
    assert [send_digests(outbox, HOUR) for _ in range(2)] == [1, 0]
    clinic.clock.pass_by(hours=1)
    publish("Another sentence.")
    assert send_digests(outbox, HOUR) == 0, "the day has had its digest"
    clinic.clock.set("2026-07-02T05:59:00")
    assert send_digests(outbox, HOUR) == 0, "the hour has not come"
    clinic.clock.set("2026-07-02T06:00:00")
    assert send_digests(outbox, HOUR) == 1
    clinic.clock.set("2026-07-03T06:00:00")
    assert send_digests(outbox, HOUR) == 0, "nothing is new, though a text still waits"
    assert [subject for _, subject, _ in texts(mails)] == ["Your inbox: 1 new"] * 2


def test_what_comes_after_the_hour_of_a_day_without_news_is_in_the_next_digest(clinic, outbox, mails, publish):
    add(clinic, "kim", email=ADDRESS)
    assert send_digests(outbox, HOUR) == 0
    publish()
    assert send_digests(outbox, HOUR) == 0
    clinic.clock.set("2026-07-02T06:00:00")
    assert send_digests(outbox, HOUR) == 1


def test_only_who_has_an_address_and_wants_it_gets_a_digest(clinic, outbox, mails, publish):
    add(clinic, "lou")
    kim = add(clinic, "kim", email=ADDRESS)
    add(clinic, "max", email="max@clinic.example")
    accounts.disable_account(clinic.service, "max")
    digests.switch_digest(clinic.service, kim, is_on=False)
    publish()
    assert send_digests(outbox, HOUR) == 0 and mails.mails == []
    digests.switch_digest(clinic.service, kim, is_on=True)
    digests.set_email(clinic.service, "kim", "other@clinic.example")
    assert send_digests(outbox, HOUR) == 1
    assert [recipient for recipient, _, _ in texts(mails)] == ["other@clinic.example"]


def test_the_author_is_told_who_rejected_and_who_commented_without_their_words(clinic, outbox, mails, publish):
    """Free text could name a patient; the link leads to it."""
    kim = add(clinic, "kim")
    ada = add_author(clinic.service)
    digests.set_email(clinic.service, "ada", "ada@clinic.example")
    publish()
    written = comment(clinic, kim, "As with patient Jo Doe.")
    status = next(
        status
        for status in approvals.list_statuses(clinic.service, "follow_up")
        if (status.subject.key, status.subject.locale) == ("scan-due", "en")
    )
    signer, now = approvals.signer_of(kim), clinic.clock()
    approvals.reject(
        clinic.service, signer, status.subject, status.digest, function="medical", comment="See Jo Doe.", now=now
    )
    assert send_digests(outbox, HOUR) == 1
    [(_, subject, text)] = texts(mails)
    assert subject == "Your inbox: 2 new" and "Jo Doe" not in text
    assert "Dr Kim rejected scan-due of follow_up (en)." in text
    assert "Dr Kim commented on scan-due of follow_up (en)." in text
    digests.set_email(clinic.service, "kim", ADDRESS)
    opened = review.open_piece(clinic.service, "follow_up", 1, "scan-due")
    comments.add_step(clinic.service, ada, opened, written.id, kind="answered", text="I ask Jo Doe.")
    assert send_digests(outbox, HOUR) == 1
    assert "Dr Ada answered a comment on scan-due of follow_up (en)." in texts(mails)[1][2]
    assert all("Jo Doe" not in text for _, _, text in texts(mails))


def test_two_workers_send_a_digest_once(clinic, outbox, mails, publish):
    for number in range(4):
        add(clinic, f"kim{number}", email=f"kim{number}@clinic.example")
    publish()
    together, sent = threading.Barrier(2), []

    def work():
        together.wait()
        sent.append(send_digests(outbox, HOUR))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == 4
    assert sorted(recipient for recipient, _, _ in texts(mails)) == [f"kim{n}@clinic.example" for n in range(4)]


def test_after_a_crash_between_claim_and_mail_the_next_digest_tells_it_and_none_is_repeated(clinic, outbox, publish):
    kim = add(clinic, "kim", email=ADDRESS)
    publish()

    def crash():
        raise KeyboardInterrupt

    crashing = replace(outbox, channels={"email": ChannelSetup(Provider([crash]))})
    with pytest.raises(KeyboardInterrupt):
        send_digests(crashing, HOUR)
    assert send_digests(outbox, HOUR) == 0
    clinic.clock.set("2026-07-02T06:00:00")
    assert digests.list_unclaimed(clinic.service, [kim], "2026-07-02") == [(kim, None)]
    assert send_digests(outbox, HOUR) == 1


@pytest.mark.parametrize(
    ("outcome", "again"),
    [
        (Transient(Reason.UNREACHABLE), 1),
        (AnswerLost(Reason.TIMEOUT), 0),
        (Permanent(Reason.REFUSED), 0),
    ],
)
def test_a_digest_is_tried_again_the_same_day_only_where_the_server_does_not_have_it(
    clinic, outbox, publish, logs, outcome, again
):
    kim = add(clinic, "kim", email=ADDRESS)
    publish()
    failing = replace(outbox, channels={"email": ChannelSetup(Provider([outcome]))})
    assert send_digests(failing, HOUR) == 0
    [line] = [line for line in logs if line["event"] == "digest-not-sent"]
    assert line["account"] == kim.id and ADDRESS not in str(line)
    assert send_digests(outbox, HOUR) == again


def test_the_loop_of_a_worker_sends_digests(clinic, outbox, mails, publish):
    add(clinic, "kim", email=ADDRESS)
    publish()
    sender = DigestSender(outbox, HOUR, interval=0.01)
    sender.start()
    try:
        for _ in range(1_000):
            if mails.mails:
                break
            threading.Event().wait(0.01)
    finally:
        sender.stop()
    assert [recipient for recipient, _, _ in texts(mails)] == [ADDRESS]
