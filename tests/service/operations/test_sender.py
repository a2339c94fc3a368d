"""The sender of a process: it is there where a channel is set up, waits for a right clock, and no provider stops it."""

import threading
import time
from dataclasses import replace

import pytest

from service.operations.heartbeats import sign_on
from service.operations.sender import Sender
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, Reason, Transient
from service.outreach.providers import AT_ONCE
from service.processes import _workers
from service.publishing.library import Library, Rules
from tests.service.clinic import Clinic
from tests.service.outreach.people_reached import Provider, Reaching
from tests.service.outreach.test_send import DUE
from tests.service.outreach.texted_reminder import text_reminder

NUMBER = "+1505555{:04}"


class Hanging:
    """A provider that takes messages and does not answer."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.calls = 0

    def send(self, envelope, key):
        self.calls += 1
        self.released.wait(20)
        return Transient(Reason.TIMEOUT)


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """A journey with a reminder that may be a text message too."""
    return publish_sample(text_reminder)


@pytest.fixture
def reaching(clinic) -> Reaching:
    return Reaching(clinic)


def until(condition, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_provider_that_hangs_holds_up_no_other(reaching):
    """Mail hangs for some patients; the text messages of others leave meanwhile."""
    mail, texts = Hanging(), Provider([Accepted()])
    channels = {"email": ChannelSetup(mail), "sms": ChannelSetup(texts)}
    outbox = replace(reaching.outbox, channels=channels)
    for number in range(AT_ONCE + 2):
        reaching.reachable_patient(f"mail{number}")
    for number in range(6):
        enrollment = reaching.clinic.enroll(f"text{number}")
        own = reaching.clinic.token_of_patient(f"text{number}")
        body = {"channel": "sms", "address": NUMBER.format(number)}
        assert reaching.clinic.post("/v1/me/contacts", own, body).status == 200
        reaching.record(enrollment, "grant")
    reaching.clinic.clock.set("2026-07-29T18:00:00")
    reaching.clinic.worker().fire_all()
    sender = Sender(outbox, 0.05)
    sender.start()
    try:
        assert until(lambda: len(texts.got) == 6), "the others leave while the provider hangs"
        assert mail.calls <= AT_ONCE
    finally:
        mail.released.set()
        sender.stop()


def test_a_sender_that_stops_ends_the_connections_of_its_channels(reaching):
    closed = []
    reaching.outbox.channels["email"] = ChannelSetup(reaching.mail, close=lambda: closed.append("email"))
    reaching.outbox.channels["sms"] = ChannelSetup(Provider())
    sender = Sender(reaching.outbox, 0.05)
    sender.start()
    assert closed == []
    sender.stop()
    assert closed == ["email"]


def test_nothing_is_sent_by_a_clock_that_has_jumped(reaching, logs):
    reaching.reachable_patient()
    sign_on(reaching.clinic.service, "earlier")
    reaching.clinic.clock.set("2046-07-29T10:00:00")
    sender = Sender(reaching.outbox, 0.05)
    sender.start()
    try:
        assert until(lambda: any(line["event"] == "worker-waits-for-the-clock" for line in logs))
    finally:
        sender.stop()
    assert reaching.messages() == []


def test_a_sender_survives_what_it_did_not_expect(reaching, logs):
    for patient in ("p1", "p2"):
        reaching.reachable_patient(patient)
    reaching.clinic.clock.set(DUE)
    reaching.clinic.worker().fire_all()
    reaching.mail.answers = [lambda: 1 / 0, Accepted()]
    sender = Sender(reaching.outbox, 0.05)
    sender.start()
    try:
        assert until(lambda: "sent" in [row.status for row in reaching.messages()])
    finally:
        sender.stop()
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["sender-trouble"]


@pytest.mark.parametrize(
    ("server", "drafts", "count"), [("", False, 1), ("127.0.0.1:25", False, 3), ("127.0.0.1:25", True, 1)]
)
def test_messages_and_digests_are_sent_where_a_channel_is_set_up_and_nothing_is_a_draft(
    clinic: Clinic, server, drafts, count
):
    service = replace(clinic.service, library=Library(Rules(drafts=drafts)))
    mail = {"mail_from": "Care <care@clinic.example>", "mail_bounces": "b@clinic.example"}
    config = replace(
        clinic.config,
        mail_server=server,
        mail_unsubscribe="stop@clinic.example",
        public_url="https://guide.example",
        postal_address="1 Main St; Santa Fe, NM",
        **mail,
    )
    assert len(_workers(service, config)) == count
