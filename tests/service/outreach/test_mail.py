"""Mail to real servers on loopback: accepted, refused, lost before and after the end of the mail."""

import threading
import time
from email import message_from_bytes
from email.policy import default

import pytest

from service.outreach.mail import MailChannel, MailServer
from service.outreach.mail_message import DkimKey, MailSender, key_of_mailbox
from service.outreach.port import Accepted, AnswerLost, Permanent, Reason, Transient
from tests.ports import free_port
from tests.service.certificates import certificate_for
from tests.service.outreach.envelopes import KEY, clock, envelope
from tests.service.outreach.mail_servers import (
    Inbox,
    drips,
    hangs,
    mail_server,
    only_user,
    says,
    scripted_server,
    until,
)

SECRET = b"s" * 32
SENDER = MailSender(name="Clinic", address="care@clinic.example", bounce_mailbox="bounce@clinic.example", secret=SECRET)
SECONDS = 0.6


def send(port: int, *, tls=None, mail=None, **settings):
    server = MailServer(
        **{
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "connect_seconds": SECONDS / 2,
            "total_seconds": SECONDS,
            **settings,
        }
    )
    channel = MailChannel(server, SENDER, clock, tls=tls)
    try:
        return channel.send(mail or envelope(), KEY)
    finally:
        channel.close()


def test_an_accepted_mail_arrives_from_a_sender_that_names_it():
    inbox = Inbox()
    with mail_server(inbox) as port:
        assert send(port) == Accepted(f"<{KEY}@clinic.example>")
    ((sender, recipients, content),) = inbox.mails
    assert key_of_mailbox(sender, SENDER.bounce_mailbox, SECRET) == KEY
    assert recipients == ["rosa.canaria@patient.example"]
    plain = next(message_from_bytes(content, policy=default).iter_parts())
    assert plain.get_content().replace("\r\n", "\n").startswith("Hola Rosa Canaria:\n.\nmañana a las 9.\n")


@pytest.mark.parametrize("step", ["mail_answer", "recipient_answer", "data_answer"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 <rosa.canaria@patient.example>: no such user", Permanent(Reason.REFUSED, "5.1.1")),
        ("554 5.7.1 spam", Permanent(Reason.REFUSED, "5.7.1")),
        ("550 no such user", Permanent(Reason.REFUSED, "5.0.0")),
        ("452 4.2.2 mailbox full", Transient(Reason.REFUSED, "4.2.2")),
        ("451 try again", Transient(Reason.REFUSED, "4.0.0")),
    ],
)
def test_a_refusal_is_told_by_its_code_at_every_step(step, answer, outcome):
    inbox = Inbox()
    setattr(inbox, step, answer)
    with mail_server(inbox) as port:
        assert send(port) == outcome
    assert inbox.mails == []


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        (b"greeting", Transient(Reason.UNREACHABLE)),
        (b"EHLO", Transient(Reason.UNREACHABLE)),
        (b"MAIL", Transient(Reason.CONNECTION_LOST)),
        (b"RCPT", Transient(Reason.CONNECTION_LOST)),
        (b"DATA", Transient(Reason.CONNECTION_LOST)),
        (b".", AnswerLost(Reason.CONNECTION_LOST)),
    ],
)
def test_only_a_connection_lost_after_the_end_of_the_mail_leaves_open_whether_it_was_sent(command, outcome):
    with scripted_server(until(command)) as port:
        assert send(port) == outcome


@pytest.mark.long  # it waits
@pytest.mark.parametrize("reaction", [hangs, drips])
@pytest.mark.parametrize("command", [b"greeting", b"EHLO", b"RCPT", b"."])
def test_a_server_that_hangs_or_drips_holds_nobody_up(command, reaction):
    with scripted_server(until(command, then=reaction)) as port:
        begin = time.monotonic()
        outcome = send(port)
        assert time.monotonic() - begin < SECONDS + 3
    hangs_at_greeting = command in (b"greeting", b"EHLO") and reaction is hangs
    expected = AnswerLost(Reason.TIMEOUT) if command == b"." else Transient(Reason.TIMEOUT)
    assert outcome == (Transient(Reason.UNREACHABLE) if hangs_at_greeting else expected)


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        (b"greeting", b"554 5.7.1 go away", Transient(Reason.REFUSED, "5.7.1")),
        (b"greeting", b"421 busy", Transient(Reason.REFUSED, "4.0.0")),
        (b"greeting", b"hello?", Transient(Reason.REFUSED)),
        (b"RCPT", b"hello?", Transient(Reason.BAD_ANSWER)),
        (b".", b"hello?", AnswerLost(Reason.BAD_ANSWER)),
        (b".", b"552 5.3.4 too big", Permanent(Reason.REFUSED, "5.3.4")),
    ],
)
def test_what_a_server_says_at_the_wrong_moment(command, answer, outcome):
    """Before a mail is named, a refusal concerns the server, not the message."""
    with scripted_server(until(command, then=says(answer))) as port:
        assert send(port) == outcome


def test_a_closed_port_is_transient():
    assert send(free_port()) == Transient(Reason.UNREACHABLE)


def test_an_address_with_a_line_break_reaches_no_server():
    assert send(free_port(), mail=envelope(address="a@b.example\r\nRCPT TO:<x@y.example>")) == Permanent(
        Reason.BAD_ADDRESS
    )


def test_a_connection_serves_several_mails_and_is_opened_anew_when_the_server_closed_it():
    inbox = Inbox()
    with mail_server(inbox) as port:
        channel = MailChannel(MailServer(host="127.0.0.1", port=port, security="none"), SENDER, clock)
        inbox.recipient_answer = "550 5.1.1 no"
        channel.send(envelope(), KEY)
        inbox.recipient_answer = ""
        for _ in range(2):
            assert isinstance(channel.send(envelope(), KEY), Accepted)
        assert len(inbox.connections) == 1
        threads = [threading.Thread(target=channel.send, args=(envelope(), KEY)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(inbox.mails) == 6
    with mail_server(inbox, port=port):  # the server was restarted
        assert isinstance(channel.send(envelope(), KEY), Accepted)
        channel.close()


def test_a_server_that_takes_one_mail_a_connection_gets_all_of_them():
    inbox = Inbox()
    inbox.takes_one_mail_a_connection = True
    with mail_server(inbox) as port:
        channel = MailChannel(MailServer(host="127.0.0.1", port=port, security="none"), SENDER, clock)
        for _ in range(3):
            assert isinstance(channel.send(envelope(), KEY), Accepted)
        channel.close()
    assert len(inbox.mails) == len(inbox.connections) == 3


@pytest.mark.long
@pytest.mark.parametrize("command", [b"MAIL", b"RSET"])
def test_a_server_that_hangs_on_idle_connections_holds_a_call_no_longer_than_its_time(command):
    """What cuts a call cuts one connection: the call ends then, and tries no further one."""
    hanging = threading.Event()

    def play(connection, lines):
        connection.sendall(b"220 mail.example ESMTP\r\n")
        in_data = False
        for line in map(bytes.strip, lines):
            word = line.upper().split(b":")[0].split(b" ")[0]
            if in_data:
                in_data = line != b"."
                if not in_data:
                    connection.sendall(b"250 queued\r\n" if command == b"MAIL" else b"552 5.3.4 too big\r\n")
            elif hanging.is_set():
                lines.read()
                return
            elif word == b"DATA":
                in_data = True
                connection.sendall(b"354 go on\r\n")
            else:
                connection.sendall(b"250 OK\r\n")

    with scripted_server(play) as port:
        server = MailServer(host="127.0.0.1", port=port, security="none", total_seconds=1.0)
        channel = MailChannel(server, SENDER, clock)
        together = threading.Barrier(4)

        def call():
            together.wait()
            channel.send(envelope(), KEY)

        calls = [threading.Thread(target=call) for _ in range(4)]
        for thread in calls:
            thread.start()
        for thread in calls:
            thread.join()
        assert len(channel._idle) > 1
        hanging.set()
        begin = time.monotonic()
        assert channel.send(envelope(), KEY) == Transient(Reason.TIMEOUT)
        assert time.monotonic() - begin < 2.5
        channel.close()


def test_calls_at_the_same_time_are_each_cut_at_their_own_end():
    """One thread watches all calls of a channel."""
    lasted = []

    def call(channel: MailChannel, wait: float) -> None:
        time.sleep(wait)
        begin = time.monotonic()
        assert channel.send(envelope(), KEY) == Transient(Reason.TIMEOUT)
        lasted.append(time.monotonic() - begin)

    with scripted_server(until(b"RCPT", then=hangs)) as port:
        channel = MailChannel(
            MailServer(host="127.0.0.1", port=port, security="none", total_seconds=1.0), SENDER, clock
        )
        calls = [threading.Thread(target=call, args=(channel, wait)) for wait in (0.0, 0.5, 1.5)]
        for thread in calls:
            thread.start()
        for thread in calls:
            thread.join()
    assert len(lasted) == 3 and all(1.0 <= seconds < 4.0 for seconds in lasted)


# --- TLS and login -------------------------------------------------------------------------------------------


def test_starttls_and_login(tmp_path):
    server_side, client_side = certificate_for("localhost", tmp_path)
    inbox = Inbox()
    settings = {
        "tls_context": server_side,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": only_user("journeys", "secret"),
    }
    login = {"host": "localhost", "security": "starttls", "user": "journeys", "password": "secret", "tls": client_side}
    with mail_server(inbox, **settings) as port:
        assert isinstance(send(port, **login), Accepted)
        outcome = send(port, **{**login, "password": "wrong"})
        assert outcome == Transient(Reason.NOT_SIGNED_IN, "5.7.8")
        assert send(port, **{**login, "host": "127.0.0.1"}) == Transient(Reason.UNREACHABLE)  # not of the certificate
    assert len(inbox.mails) == 1


def test_tls_from_the_start(tmp_path):
    server_side, client_side = certificate_for("localhost", tmp_path)
    inbox = Inbox()
    with mail_server(inbox, ssl_context=server_side) as port:
        assert isinstance(send(port, host="localhost", security="tls", tls=client_side), Accepted)


def test_without_tls_nothing_is_sent_unless_the_operator_says_so():
    inbox = Inbox()
    with mail_server(inbox) as port:
        assert send(port, security="starttls") == Transient(Reason.UNREACHABLE)
    assert inbox.senders == []


# --- configuration -------------------------------------------------------------------------------------------


def test_a_key_that_cannot_sign_is_told_at_the_start():
    key = DkimKey(domain="clinic.example", selector="s1", private_key="-----BEGIN nothing")
    sender = MailSender(name="C", address="a@b.example", bounce_mailbox="b@b.example", secret=SECRET, dkim=key)
    with pytest.raises(ValueError, match="RSA private key"):
        MailChannel(MailServer(host="127.0.0.1"), sender, clock)


def test_the_absence_of_the_extra_is_told_at_the_start(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "dkim", None)
    key = DkimKey(domain="clinic.example", selector="s1", private_key="")
    sender = MailSender(name="C", address="a@b.example", bounce_mailbox="b@b.example", secret=SECRET, dkim=key)
    with pytest.raises(RuntimeError, match=r"patient-journeys\[mail\]"):
        MailChannel(MailServer(host="127.0.0.1"), sender, clock)


@pytest.mark.parametrize("changes", [{"address": "care"}, {"bounce_mailbox": "b@"}, {"name": "a\r\nb"}])
def test_a_sender_is_checked_at_the_start(changes):
    fields = {"name": "C", "address": "a@b.example", "bounce_mailbox": "b@b.example", "secret": SECRET}
    with pytest.raises(ValueError, match="must"):
        MailSender(**{**fields, **changes})
