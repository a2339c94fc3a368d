"""Text messages to providers on loopback that accept, refuse, opt out, do not answer, or answer too late."""

import base64
import threading
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from service.outreach.port import Accepted, AnswerLost, OptedOut, Permanent, Reason, Transient
from service.outreach.sms import TextChannel, TextProvider, TwilioAccount, TwilioChannel
from tests.ports import free_port
from tests.service.loopback_http import answer, http_server
from tests.service.outreach.clients import operator_client
from tests.service.outreach.envelopes import KEY, NOW, clock, envelope

NUMBER = "+34600111222"


def message(**changes):
    return envelope(**{"address": NUMBER, "text": "Su cita es {to}mañana.", **changes})


def provider(url: str, **changes) -> TextProvider:
    return TextProvider(
        **{
            "url": url,
            "body": {"messages": [{"to": "{to}", "content": {"text": "{text}"}, "flash": False}], "reference": "{key}"},
            "headers": {"Authorization": "App secret", "Idempotency-Key": "{key}"},
            "id_path": ("messages", 0, "id"),
            "code_path": ("error", "code"),
            "opted_out_statuses": frozenset({451}),
            "opted_out_codes": frozenset({"EC_BLOCKED", "1701"}),
            **changes,
        }
    )


def send(server, text=None, **changes):
    return TextChannel(provider(server.url("/send"), **changes), clock, operator_client()).send(text or message(), KEY)


def send_by_twilio(server, text=None, sender="+15005550006"):
    account = TwilioAccount(account="AC1", token="t0ken", sender=sender, url=server.url("").rstrip("/"))
    return TwilioChannel(account, clock, operator_client()).send(text or message(), KEY)


def silent(request, connection):
    connection.recv(1)


def lost(request, connection):
    return None


# --- the configured provider ---------------------------------------------------------------------------------


def test_a_message_is_sent_as_configured_and_the_id_is_read():
    with http_server(answer(200, {"messages": [{"id": "m-1"}]})) as server:
        assert send(server) == Accepted("m-1")
    (request,) = server.requests
    assert request.json == {
        "messages": [{"to": NUMBER, "content": {"text": "Su cita es {to}mañana."}, "flash": False}],
        "reference": KEY,
    }
    assert (request.method, request.target) == ("POST", "/send")
    assert request.headers["authorization"] == "App secret"
    assert request.headers["idempotency-key"] == KEY


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", {"messages": []}, {"messages": [{"id": None}]}, {"messages": [{"id": ["x"]}]}]
    + [{"messages": [{"id": text}]} for text in ("34600111222-7", "a b", "x" * 300)],
)
def test_an_accepted_message_may_have_no_id_and_never_one_that_tells_the_number(body):
    with http_server(answer(200, body)) as server:
        assert send(server) == Accepted(None)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (429, b"", Transient(Reason.BUSY, "429", timedelta(seconds=90))),
        (500, b"", Transient(Reason.PROVIDER_FAILED, "500", timedelta(seconds=90))),
        (503, b"", Transient(Reason.PROVIDER_FAILED, "503", timedelta(seconds=90))),
        (401, b"", Transient(Reason.NOT_SIGNED_IN, "401", timedelta(seconds=90))),
        (400, {"error": {"code": "EC_OTHER", "text": NUMBER}}, Permanent(Reason.REFUSED, "400")),
        (302, b"", Permanent(Reason.REFUSED, "302")),
        (413, b"", Permanent(Reason.TOO_LARGE, "413")),
        (451, b"", OptedOut("451")),
        (400, {"error": {"code": "EC_BLOCKED"}}, OptedOut("EC_BLOCKED")),
        (200, {"error": {"code": 1701}}, OptedOut("1701")),
    ],
)
def test_an_answer_becomes_an_outcome(status, body, outcome):
    with http_server(answer(status, body, Retry_After="90", Location="/other")) as server:
        assert send(server) == outcome
        assert server.connections == 1


@pytest.mark.parametrize(
    ("react", "reason"), [(silent, Reason.TIMEOUT), (lost, Reason.BAD_ANSWER)], ids=["silent", "lost"]
)
def test_a_lost_answer_is_ambiguous_unless_the_provider_tells_repeats(react, reason):
    with http_server(react) as server:
        assert send(server) == AnswerLost(reason)
        assert send(server, tells_repeats=True) == Transient(reason)
        assert send_by_twilio(server) == AnswerLost(reason)


def test_a_message_that_was_never_sent_is_transient():
    channel = TextChannel(provider(f"http://127.0.0.1:{free_port()}/"), clock, operator_client())
    assert channel.send(message(), KEY) == Transient(Reason.UNREACHABLE)


def test_a_late_answer_and_a_second_attempt_are_one_message_to_a_provider_that_tells_repeats():
    sent, answered = set(), threading.Event()

    def late_once(request, connection):
        sent.add(request.headers["idempotency-key"])
        if not answered.is_set():
            answered.wait(2)
        answer(200, {"messages": [{"id": "m-1"}]})(request, connection)

    with http_server(late_once) as server:
        assert send(server, tells_repeats=True) == Transient(Reason.TIMEOUT)
        answered.set()
        assert send(server, tells_repeats=True) == Accepted("m-1")
    assert sent == {KEY}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"address": "600111222"}, Permanent(Reason.BAD_ADDRESS)),
        ({"address": "911"}, Permanent(Reason.BAD_ADDRESS)),
        ({"address": "+911"}, Permanent(Reason.BAD_ADDRESS)),
        ({"address": "+1911"}, Permanent(Reason.BAD_ADDRESS)),
        ({"address": "+34 600 111 222"}, Permanent(Reason.BAD_ADDRESS)),
        ({"address": "+34600111222\r\n"}, Permanent(Reason.BAD_ADDRESS)),
        ({"address": "+٣٤٦٠٠١١١٢٢٢"}, Permanent(Reason.BAD_ADDRESS)),
        ({"address": "+999123456789"}, Permanent(Reason.BAD_ADDRESS)),
        ({"text": ""}, Permanent(Reason.BAD_CONTENT)),
    ],
)
def test_what_is_not_a_text_message_reaches_no_provider(changes, outcome):
    with http_server(answer(200)) as server:
        assert send(server, message(**changes)) == outcome
        assert send_by_twilio(server, message(**changes)) == outcome
        assert server.connections == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"body": {"text": "{text}"}},
        {"body": {"to": "{to}"}},
        {"headers": {"X-To": "{to}"}},
        {"headers": {"X": "a\r\nb"}},
        {"body": {"to": "{to}", "text": "{text}"}, "headers": {}, "tells_repeats": True},
    ],
)
def test_a_template_is_checked_at_the_start(changes):
    with pytest.raises(ValueError, match="provider"):
        provider("https://sms.example/send", **changes)


@pytest.mark.parametrize("url", ["sms.example/send", "https://user:secret@sms.example/", "ftp://sms.example/"])
def test_the_address_of_a_provider_is_checked_at_the_start(url):
    with pytest.raises(ValueError, match="The address must be"):
        TextChannel(provider(url), clock, operator_client())
    with pytest.raises(ValueError, match="The address must be"):
        TwilioChannel(TwilioAccount(account="AC1", token="t", sender="MG1", url=url), clock, operator_client())


# --- Twilio --------------------------------------------------------------------------------------------------


def test_twilio_gets_a_form_and_basic_authentication():
    with http_server(answer(201, {"sid": "SM123"})) as server:
        assert send_by_twilio(server) == Accepted("SM123")
        send_by_twilio(server, message(useful_until=NOW + timedelta(days=3)), sender="MG9")
    first, second = server.requests
    assert first.target == "/2010-04-01/Accounts/AC1/Messages.json"
    assert first.headers["authorization"] == "Basic " + base64.b64encode(b"AC1:t0ken").decode()
    assert parse_qs(first.body.decode()) == {
        "To": [NUMBER],
        "From": ["+15005550006"],
        "Body": ["Su cita es {to}mañana."],
        "ValidityPeriod": ["7200"],
    }
    form = parse_qs(second.body.decode())
    assert (form["MessagingServiceSid"], form["ValidityPeriod"], "From" in form) == (["MG9"], ["36000"], False)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, {"code": 21610, "message": f"{NUMBER} is unsubscribed"}, OptedOut("21610")),
        (400, {"code": 21211, "message": f"{NUMBER} is not valid"}, Permanent(Reason.REFUSED, "21211")),
        (429, {"code": 20429}, Transient(Reason.BUSY, "429")),
        (400, {"code": 21611}, Transient(Reason.BUSY, "21611")),
        (401, {"code": 20003}, Transient(Reason.NOT_SIGNED_IN, "401")),
        (503, b"<html>", Transient(Reason.PROVIDER_FAILED, "503")),
        (400, b"<html>", Permanent(Reason.REFUSED, "400")),
        (400, {"code": 34600111222}, Permanent(Reason.REFUSED, "400")),
    ],
)
def test_an_error_of_twilio_becomes_an_outcome(status, body, outcome):
    with http_server(answer(status, body)) as server:
        assert send_by_twilio(server) == outcome


def test_a_text_that_is_not_useful_any_more_is_not_sent():
    with http_server(answer(201)) as server:
        assert send_by_twilio(server, message(useful_until=NOW)) == Permanent(Reason.EXPIRED)
        assert server.connections == 0
