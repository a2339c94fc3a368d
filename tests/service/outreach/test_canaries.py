"""What a message is about, and whom it reaches, is in no log and no output of any library at its most talkative."""

import json
import logging
import smtplib

import httpcore2
import pytest

from service.feed.webhook import WebhookChannel
from service.outreach.mail import MailChannel, MailServer
from service.outreach.mail_message import MailSender
from service.outreach.port import Accepted, EventEnvelope
from service.outreach.push import PushChannel, PushKey
from service.outreach.sms import TextChannel, TextProvider, TwilioAccount, TwilioChannel
from tests.ports import free_port
from tests.service.feed.test_webhook import SECRETS
from tests.service.loopback_http import answer, http_server
from tests.service.outreach.browsers import Browser
from tests.service.outreach.clients import loopback_client, operator_client
from tests.service.outreach.envelopes import KEY, NOW, clock, envelope
from tests.service.outreach.mail_servers import Inbox, hangs, mail_server, says, scripted_server, until
from tests.service.outreach.test_mail_message import rsa_key, signing_sender  # noqa: F401
from tests.service.outreach.test_push import PEM

pytestmark = pytest.mark.long  # every way in which a provider keeps waiting

ADDRESS, NUMBER, NAME, BODY = "canary.rosa@patient.example", "+34600777888", "Rosacanaria", "canarybodytext"
CANARIES = ("canary", NUMBER.strip("+"), NAME.lower())
#: Loggers of the servers of this test, which see all they receive.
OF_SERVERS = ("mail", "asyncio", "aiosmtpd")


class Sink(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(OF_SERVERS):
            self.texts.append(f"{record.name} {self.format(record)} {record.args!r}")


@pytest.fixture
def sink(monkeypatch):
    """Every logger at DEBUG, and smtplib as talkative as it gets."""
    handler = Sink()
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in list(root.manager.loggerDict)), logging.getLogger("dkimpy")]
    levels = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    root.addHandler(handler)
    monkeypatch.setattr(smtplib.SMTP, "debuglevel", 2)
    yield handler
    root.removeHandler(handler)
    for logger, level in levels:
        logger.setLevel(level)


@pytest.fixture
def canaries_told(sink, capfd):
    """Returns the canaries in what was logged and printed so far, and in the given messages and outcomes."""

    def told(*things) -> list[str]:
        output = capfd.readouterr()
        everything = "\n".join([*sink.texts, output.out, output.err, *map(repr, things)]).lower()
        return [canary for canary in CANARIES if canary in everything]

    return told


def message(**changes):
    return envelope(
        **{"address": ADDRESS, "subject": NAME, "text": f"{NAME} {BODY}", "html": f"<p>{NAME} {BODY}</p>", **changes}
    )


ECHO = {"message": f"{ADDRESS} {NUMBER} {NAME} {BODY}", "sid": NUMBER, "id": NUMBER, "code": NUMBER}


def react_with(status: int):
    return answer(status, ECHO, X_Echo=f"{NUMBER} {NAME}", Location=f"/{NUMBER}", Retry_After=NUMBER)


def silent(request, connection):
    connection.recv(1)


def garbage(request, connection):
    connection.sendall(f"{NUMBER} {NAME} {ADDRESS}\r\n\r\n".encode())


REACTIONS = [*map(react_with, (201, 301, 400, 401, 404, 410, 413, 429, 500)), silent, garbage]
HTTP = pytest.mark.parametrize("react", REACTIONS, ids=lambda react: getattr(react, "__name__", ""))


@HTTP
def test_text_messages(react, canaries_told):
    with http_server(react) as server:
        provider = TextProvider(url=server.url("/send"), body={"to": "{to}", "text": "{text}"}, id_path=("id",))
        account = TwilioAccount(account="AC1", token="t", sender="MG1", url=server.url("").rstrip("/"))
        text = message(address=NUMBER)
        for channel in (
            TextChannel(provider, clock, operator_client()),
            TwilioChannel(account, clock, operator_client()),
        ):
            assert canaries_told(text, channel.send(text, KEY)) == []


@HTTP
def test_push(react, canaries_told):
    with http_server(react) as server:
        channel = PushChannel(
            PushKey(private_key=PEM, contact="mailto:ops@clinic.example"), clock, loopback_client(server.port)
        )
        for endpoint in (server.url("/canary-of-a-subscription"), "https://127.0.0.1/canary", "canary"):
            push = message(address=Browser(endpoint).subscription(), topic="canary")
            assert canaries_told(push, channel.send(push, KEY)) == []
        push = message(address=json.dumps({"endpoint": "canary", "keys": {"p256dh": "canary", "auth": "canary"}}))
        assert canaries_told(push, channel.send(push, KEY)) == []


@HTTP
def test_webhooks(react, canaries_told):
    with http_server(react) as server:
        channel = WebhookChannel(clock, loopback_client(server.port))
        for url in (server.url("/canary-hook"), "https://127.0.0.1/canary", "https://canary@hook.example/"):
            for secrets in (SECRETS, ("whsec_canary!",)):
                event = EventEnvelope(
                    url=url, secrets=secrets, type="t", source="/s", time=NOW, data={"name": NAME, "text": BODY}
                )
                assert canaries_told(event, channel.send(event, KEY)) == []


@pytest.mark.parametrize("step", ["", "mail_answer", "recipient_answer", "data_answer"])
@pytest.mark.parametrize("refusal", ["550 5.1.1", "451 4.2.2"])
def test_mail(step, refusal, canaries_told, signing_sender):  # noqa: F811
    inbox = Inbox()
    if step:
        setattr(inbox, step, f"{refusal} <{ADDRESS}> {NAME} {BODY}")
    with mail_server(inbox) as port:
        channel = MailChannel(MailServer(host="127.0.0.1", port=port, security="none"), signing_sender, clock)
        for mail in (message(), message(address=f"{ADDRESS}\r\n"), message(subject=f"{NAME}\n{BODY}")):
            assert canaries_told(mail, channel.send(mail, KEY)) == []
        channel.close()


@pytest.mark.parametrize("command", [b"greeting", b"EHLO", b"MAIL", b"RCPT", b"DATA", b"."])
@pytest.mark.parametrize("then", [None, hangs, says(f"599 {ADDRESS} {NAME}".encode()), says(ADDRESS.encode())])
def test_mail_to_a_server_that_fails(command, then, canaries_told):
    sender = MailSender(name="C", address="care@clinic.example", bounce_mailbox="b@clinic.example", secret=b"s")
    with scripted_server(until(command, then=then)) as port:
        server = MailServer(host="127.0.0.1", port=port, security="none", connect_seconds=0.2, total_seconds=0.3)
        channel = MailChannel(server, sender, clock)
        outcome = channel.send(message(), KEY)
        assert not isinstance(outcome, Accepted)
        assert canaries_told(message(), outcome) == []
        channel.close()


def test_mail_without_a_server(canaries_told):
    sender = MailSender(name="C", address="care@clinic.example", bounce_mailbox="b@clinic.example", secret=b"s")
    channel = MailChannel(MailServer(host="127.0.0.1", port=free_port(), security="none"), sender, clock)
    assert canaries_told(message(), channel.send(message(), KEY)) == []


def test_the_sink_would_catch_a_library_that_talks(sink, monkeypatch):
    """httpcore2 logs the headers of answers; only our client keeps it silent."""
    monkeypatch.setattr(logging.getLogger("httpcore2.http11"), "disabled", False)
    with http_server(react_with(200)) as server, httpcore2.ConnectionPool() as pool:
        pool.request("POST", server.url(), content=b"{}")
    assert any(NAME in text for text in sink.texts)
