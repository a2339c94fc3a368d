"""Push messages to an endpoint on loopback: only the browser reads them, and the endpoint knows who sends."""

import base64
import hmac
import json
import re
import sys
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, AnswerLost, Permanent, Reason, Transient
from service.outreach.push import PushChannel, PushKey
from service.persons.store import PersonContact, add_contact
from service.platform.outgoing import OutgoingClient, OutgoingRules
from tests.folders import copy_samples
from tests.ports import free_port
from tests.service.loopback_http import answer, http_server
from tests.service.outreach.browsers import Browser, base64url
from tests.service.outreach.clients import loopback_client, operator_client
from tests.service.outreach.envelopes import KEY, NOW, clock, envelope
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.test_send import DUE

SERVER_KEY = ec.generate_private_key(ec.SECP256R1())
PEM = SERVER_KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
RAW = base64url(SERVER_KEY.private_numbers().private_value.to_bytes(32, "big"))
CONTACT = "mailto:ops@clinic.example"


def channel(client: OutgoingClient, private_key: str = PEM) -> PushChannel:
    return PushChannel(PushKey(private_key=private_key, contact=CONTACT), clock, client)


def send(server, browser=None, **changes):
    browser = browser or Browser(server.url("/push/abc"))
    message = envelope(**{"address": browser.subscription(), "subject": "Clínica", "text": "Su cita", **changes})
    return channel(loopback_client(server.port)).send(message, KEY)


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(authorization: str) -> dict:
    """Verify the signature (RFC 8292) by the key that it names, and return the claims."""
    token, point = re.fullmatch(r"vapid t=([\w.-]+),\s*k=([\w-]+)", authorization).groups()
    signed, _, signature = token.rpartition(".")
    raw = bytes_of(signature)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(point))
    assert key.public_numbers() == SERVER_KEY.public_key().public_numbers()
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    return json.loads(bytes_of(signed.split(".")[1]))


@pytest.mark.parametrize("private_key", [PEM, RAW], ids=["pem", "raw"])
def test_only_the_browser_can_read_a_message(private_key):
    with http_server(answer(201, Location="https://push.example/m/1")) as server:
        browser = Browser(server.url("/push/abc"))
        message = envelope(address=browser.subscription(), subject="Clínica", text="Su cita es mañana")
        assert channel(loopback_client(server.port), private_key).send(message, KEY) == Accepted()
    (request,) = server.requests
    content = {"id": KEY, "title": "Clínica", "body": "Su cita es mañana", "lang": "es"}
    assert json.loads(browser.decrypted(request.body)) == content
    assert {name: request.headers[name] for name in ("ttl", "urgency", "content-encoding")} == {
        "ttl": "7200",
        "urgency": "normal",
        "content-encoding": "aes128gcm",
    }
    assert "topic" not in request.headers
    assert claims_of(request.headers["authorization"]) == {
        "aud": server.url("").rstrip("/"),
        "sub": CONTACT,
        "exp": int((NOW + timedelta(hours=12)).timestamp()),
    }


def test_a_topic_is_the_same_for_one_subscription_and_tells_the_push_service_nothing():
    with http_server(answer(201)) as server:
        browser = Browser(server.url())
        for topic, receiver in (("scan", browser), ("scan", browser), ("lab", browser), ("scan", None)):
            send(server, receiver, topic=topic, urgent=True)
    topics = [request.headers["topic"] for request in server.requests]
    assert topics[0] == topics[1]
    assert len(set(topics)) == 3
    assert all(re.fullmatch(r"[\w-]{32}", topic) for topic in topics)
    assert server.requests[0].headers["urgency"] == "high"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (404, Permanent(Reason.ENDED, "404")),
        (410, Permanent(Reason.ENDED, "410")),
        (413, Permanent(Reason.TOO_LARGE, "413")),
        (400, Permanent(Reason.REFUSED, "400")),
        (307, Permanent(Reason.REFUSED, "307")),
        (429, Transient(Reason.BUSY, "429", timedelta(seconds=60))),
        (403, Transient(Reason.NOT_SIGNED_IN, "403", timedelta(seconds=60))),
        (502, Transient(Reason.PROVIDER_FAILED, "502", timedelta(seconds=60))),
    ],
)
def test_an_answer_becomes_an_outcome(status, outcome):
    with http_server(answer(status, Retry_After="60", Location="/other")) as server:
        assert send(server) == outcome
        assert server.connections == 1


def test_an_endpoint_that_does_not_answer():
    with http_server(lambda request, connection: connection.recv(1)) as server:
        assert send(server) == AnswerLost(Reason.TIMEOUT)
    port = free_port()
    message = envelope(address=Browser(f"http://127.0.0.1:{port}/").subscription())
    assert channel(loopback_client(port)).send(message, KEY) == Transient(Reason.UNREACHABLE)


@pytest.mark.parametrize(
    "endpoint",
    ["https://127.0.0.1/push", "https://[::1]/push", "https://169.254.169.254/", "http://push.example/", "push", ""],
)
def test_an_endpoint_inside_is_never_called(endpoint):
    message = envelope(address=Browser(endpoint).subscription())
    assert channel(OutgoingClient(OutgoingRules())).send(message, KEY) == Permanent(Reason.BAD_ADDRESS)


NOT_SUBSCRIPTIONS = [
    "",
    "not json",
    "[]",
    "{}",
    '{"endpoint": "https://push.example/"}',
    '{"endpoint": "https://push.example/", "keys": {}}',
    '{"endpoint": "https://push.example/", "keys": {"p256dh": 1, "auth": 2}}',
    Browser("https://push.example/").subscription(p256dh="AAAA"),
    Browser("https://push.example/").subscription(p256dh=base64url(b"\4" + b"x" * 64)),
    Browser("https://push.example/").subscription(auth=""),
]


@pytest.mark.parametrize("address", NOT_SUBSCRIPTIONS, ids=range(len(NOT_SUBSCRIPTIONS)))  # made of random keys
def test_what_is_not_a_subscription_is_refused(address):
    assert channel(operator_client()).send(envelope(address=address), KEY) == Permanent(Reason.BAD_ADDRESS)


def test_a_message_of_3993_bytes_is_the_longest():
    frame = len(json.dumps({"id": KEY, "title": "", "body": "", "lang": "es"}))
    with http_server(answer(201)) as server:
        browser = Browser(server.url())
        assert send(server, browser, subject="", text="x" * (3993 - frame)) == Accepted()
        assert send(server, browser, subject="", text="x" * (3994 - frame)) == Permanent(Reason.TOO_LARGE)
        (request,) = server.requests
    assert len(request.body) <= 4096
    assert len(browser.decrypted(request.body)) == 3993


def test_a_message_that_is_not_useful_any_more_is_not_sent():
    with http_server(answer(201)) as server:
        assert send(server, useful_until=NOW) == Permanent(Reason.EXPIRED)
        assert server.connections == 0


@pytest.mark.parametrize(
    ("private_key", "contact"), [("", CONTACT), ("nonsense", CONTACT), ("-----BEGIN x", CONTACT), (PEM, "ops")]
)
def test_a_key_that_cannot_sign_is_told_at_the_start(private_key, contact):
    with pytest.raises(ValueError, match="P-256"):
        PushChannel(PushKey(private_key=private_key, contact=contact), clock, operator_client())


def test_the_absence_of_the_extra_is_told_at_the_start(monkeypatch):
    monkeypatch.setitem(sys.modules, "pywebpush", None)
    with pytest.raises(RuntimeError, match=r"patient-journeys\[push\]"):
        channel(operator_client())


# --- reminders as they arrive --------------------------------------------------------------------------------


def publish_with_push(clinic, folder, critical: bool) -> None:
    content = copy_samples(folder) / "content"
    (piece,) = (content / "follow_up").rglob("scan-reminder/piece.yaml")
    front = piece.read_text().replace("adherence", "treatment") + "channels: [web, push]\n"
    piece.write_text(front + "critical: true\n" * critical)
    for text in piece.parent.glob("*.md"):
        text.write_text(text.read_text().replace("---\n", "---\npush: Something to read\n", 1))
    clinic.publish(content=content)


@pytest.mark.parametrize(("critical", "urgency"), [(False, "normal"), (True, "high")])
def test_a_reminder_has_the_topic_of_its_piece_and_browser_and_is_urgent_if_critical(
    clinic, tmp_path, critical, urgency
):
    publish_with_push(clinic, tmp_path, critical)
    reaching = Reaching(clinic)
    with http_server(answer(201)) as server:
        browsers = {patient: Browser(server.url(f"/{patient}")) for patient in ("p1", "p2")}
        for patient, browser in browsers.items():
            enrollment = clinic.enroll(patient)
            contact = PersonContact(
                id=f"contact-{patient}",
                person=reaching.person_of(enrollment),
                channel="push",
                address=json.loads(browser.subscription()),
                verified_by="word",
                status="good",
                created_at=clinic.clock(),
            )
            with clinic.service.database.writing() as connection:
                add_contact(connection, contact, patient)
            reaching.record(enrollment, "grant")
        push = PushChannel(PushKey(private_key=PEM, contact=CONTACT), clinic.clock, loopback_client(server.port))
        reaching.outbox.channels["push"] = ChannelSetup(push)
        clinic.clock.set(DUE)
        reaching.work()
    by_path = {request.target: request for request in server.requests}
    for patient, browser in browsers.items():
        request = by_path[f"/{patient}"]
        assert request.headers["urgency"] == urgency
        topic = hmac.digest(browser.secret, b"follow_up scan-reminder", "sha256")
        assert request.headers["topic"] == base64.urlsafe_b64encode(topic).decode()[:32]
