"""Webhooks to a receiver on loopback that checks the signatures of Standard Webhooks by itself."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta, timezone

import pytest

from service.feed.webhook import WebhookChannel
from service.outreach.port import Accepted, EventEnvelope, Permanent, Reason, Transient
from service.platform.outgoing import OutgoingClient, OutgoingRules
from tests.ports import free_port
from tests.service.loopback_http import answer, http_server
from tests.service.outreach.clients import loopback_client
from tests.service.outreach.envelopes import KEY, NOW, clock

KEYS = (b"n" * 24, b"o" * 32)
SECRETS = tuple("whsec_" + base64.b64encode(key).decode() for key in KEYS)


def event(url: str, **changes) -> EventEnvelope:
    return EventEnvelope(
        **{
            "url": url,
            "secrets": SECRETS[:1],
            "type": "org.example.state-changed",
            "source": "/journeys/nsclc",
            "subject": "e-1",
            "time": NOW.astimezone(timezone(timedelta(hours=2))),
            "data": {"state": "Nüchtern"},
            **changes,
        }
    )


def send(server, now=clock, **changes):
    return WebhookChannel(now, loopback_client(server.port)).send(event(server.url("/hook"), **changes), KEY)


def signatures_of(request, keys) -> list[str]:
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    return ["v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys]


def test_an_event_is_a_signed_cloud_event():
    with http_server(answer(204)) as server:
        assert send(server) == Accepted()
    (request,) = server.requests
    assert request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert request.json == {
        "specversion": "1.0",
        "id": KEY,
        "source": "/journeys/nsclc",
        "type": "org.example.state-changed",
        "subject": "e-1",
        "time": "2026-11-30T09:00:00Z",
        "datacontenttype": "application/json",
        "data": {"state": "Nüchtern"},
    }
    assert request.headers["webhook-id"] == KEY
    assert request.headers["webhook-signature"].split(" ") == signatures_of(request, KEYS[:1])


@pytest.mark.parametrize("hours", [-10, 0, 9])
def test_the_time_of_a_signature_is_utc_whatever_zone_the_clock_has(hours):
    def local_clock() -> datetime:
        return NOW.astimezone(timezone(timedelta(hours=hours)))

    with http_server(answer(200)) as server:
        send(server, now=local_clock)
    (request,) = server.requests
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert request.headers["webhook-signature"] == signatures_of(request, KEYS[:1])[0]


def test_two_secrets_sign_while_one_is_rotated():
    with http_server(answer(200)) as server:
        send(server, secrets=SECRETS)
    (request,) = server.requests
    assert request.headers["webhook-signature"].split(" ") == signatures_of(request, KEYS)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (410, Permanent(Reason.ENDED, "410")),
        (429, Transient(Reason.BUSY, "429", timedelta(seconds=5))),
        (500, Transient(Reason.PROVIDER_FAILED, "500", timedelta(seconds=5))),
        (401, Transient(Reason.REFUSED, "401", timedelta(seconds=5))),
        (404, Transient(Reason.REFUSED, "404", timedelta(seconds=5))),
        (301, Transient(Reason.REFUSED, "301", timedelta(seconds=5))),
    ],
)
def test_an_answer_becomes_an_outcome(status, outcome):
    with http_server(answer(status, Retry_After="5", Location="/other")) as server:
        assert send(server) == outcome
        assert server.connections == 1


def test_a_lost_answer_is_transient_and_the_repeat_can_be_told():
    received = []

    def hangs_once(request, connection):
        received.append((request.headers["webhook-id"], request.body))
        if len(received) == 1:
            connection.recv(1)
        answer(200)(request, connection)

    with http_server(hangs_once) as server:
        assert send(server) == Transient(Reason.TIMEOUT)
        assert send(server) == Accepted()
    assert received[0] == received[1]


def test_a_receiver_that_is_down_is_transient():
    port = free_port()
    outcome = WebhookChannel(clock, loopback_client(port)).send(event(f"http://127.0.0.1:{port}/"), KEY)
    assert outcome == Transient(Reason.UNREACHABLE)


@pytest.mark.parametrize("url", ["http://hook.example/", "https://127.0.0.1/", "https://10.0.0.1/", "nothing"])
def test_a_receiver_inside_is_never_called(url):
    outcome = WebhookChannel(clock, OutgoingClient(OutgoingRules())).send(event(url), KEY)
    assert outcome == Permanent(Reason.BAD_ADDRESS)


@pytest.mark.parametrize("secrets", [(), ("",), ("whsec_",), ("whsec_!",), ("whsec_a",)])
def test_an_event_is_never_sent_without_a_signature(secrets):
    with http_server(answer(200)) as server:
        assert send(server, secrets=secrets) == Permanent(Reason.BAD_CONTENT)
        assert server.connections == 0
