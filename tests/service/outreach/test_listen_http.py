"""The inbound route: only what a source signed within five minutes is read, and every answer to it is the same."""

import hashlib
import hmac
import json
import logging

import pytest

from service.http.inbound import EXTENSION
from service.outreach.port import AnswerLost, Reason
from service.platform.database.tables import inbound, receipts, tasks
from service.platform.inbound_sources import InboundSource
from tests.service.examples import exchange_of
from tests.service.outreach.listening_clinic import Listening

SECRET, OTHER = b"0" * 32, b"1" * 32
SOURCES = {
    "email-test": InboundSource("email-test", "email", (SECRET, OTHER)),
    "sms": InboundSource("sms", "sms", (OTHER,)),
}
CANARY_ADDRESS, CANARY_TEXT = "canary.rosa@patient.example", "canarytext"


@pytest.fixture
def listening(clinic):
    before = clinic.app.extensions[EXTENSION]
    clinic.app.extensions[EXTENSION] = SOURCES
    yield Listening(clinic)
    clinic.app.extensions[EXTENSION] = before


def post(listening, body, *, source="email-test", secret=SECRET, age=0, **changes):
    """Signs a body and sends it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(listening.clinic.clock().timestamp()) - age)
    headers = {
        "Journeys-Timestamp": timestamp,
        "Journeys-Signature": hmac.new(secret, timestamp.encode() + b"." + data, hashlib.sha256).hexdigest(),
        "Content-Type": "application/json",
    }
    return listening.clinic.call("POST", f"/v1/inbound/{source}", data=data, headers=headers | changes)


def receipt(kind="delivered", **more) -> dict:
    return {"id": "r1", "kind": kind, "at": "2026-07-29T10:00:00Z", "provider_id": "provider-p1"} | more


def reply(text="STOP", sender="p1@example.org", **more) -> dict:
    return {"id": "w1", "kind": "reply", "from": sender, "text": text, "at": "2026-07-29T10:00:00Z"} | more


def is_untouched(listening) -> bool:
    return not any(listening.rows(table) for table in (inbound, receipts)) and listening.revocations() == []


def test_a_receipt_is_taken_as_in_the_example(listening, examples):
    exchange = exchange_of(receipt(), post(listening, receipt()))
    assert exchange == examples.recorded("inbound_take", exchange)


def test_receipts_and_replies_are_taken(listening):
    message = listening.send(answer=AnswerLost(Reason.TIMEOUT))
    answers = [
        post(listening, receipt(message=message) | {"id": f"r{number}"} if kind != "reply" else reply(), secret=secret)
        for number, (kind, secret) in enumerate([("delivered", SECRET), ("delivered", OTHER), ("reply", SECRET)])
    ]
    assert [row.status for row in listening.messages()] == ["sent"]
    assert len(listening.revocations()) == 1
    assert {(answer.status, answer.data) for answer in answers} == {(202, b'{"status":"accepted"}')}


def test_what_is_unknown_is_answered_like_what_is_known(listening):
    listening.send()
    known = post(listening, receipt())
    unknown = [
        post(listening, receipt("complained", provider_id="nobody")),
        post(listening, receipt("complained", message="nobody")),
        post(listening, receipt("complained"), source="sms", secret=OTHER),
        post(listening, reply(sender="stranger@example.org")),
        post(listening, reply(sender="not an address")),
    ]
    assert {(answer.status, answer.data) for answer in unknown} == {(known.status, known.data)}
    assert len(listening.rows(receipts)) == 1
    assert listening.revocations() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": b"x" * 32},
        {"age": 301},
        {"age": -301},
        {"source": "sms"},
        {"Journeys-Signature": ""},
        {"Journeys-Timestamp": "now"},
    ],
)
def test_what_is_not_signed_is_refused(listening, changes):
    listening.send()
    answer = post(listening, receipt("complained"), **changes)
    assert (answer.status, answer["code"]) == (403, "not-signed")
    assert is_untouched(listening)


def test_a_request_that_is_replayed_counts_once_and_not_at_all_after_five_minutes(listening):
    listening.reachable_patient()
    sent = [post(listening, reply()), post(listening, reply(), age=300)]
    assert {answer.status for answer in sent} == {202}
    assert len(listening.rows(inbound)) == 1
    assert post(listening, reply(id="w2"), age=301).status == 403
    assert len(listening.rows(inbound)) == 1


def test_a_source_that_is_not_set_up_is_not_found(listening):
    answer = post(listening, reply(), source="email")
    assert (answer.status, answer["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b"", 400, "malformed"),
        (b'{"id": "\xff"}', 400, "malformed"),
        (b"> " * 500_001, 413, "too-large"),
        (json.dumps(reply(text="> quoted\n" * 100_000)).encode(), 413, "too-large"),
        (json.dumps(reply(text="> quoted\n" * 90_000)).encode(), 422, "invalid"),
        (json.dumps(reply(text=7)).encode(), 422, "invalid"),
        (json.dumps(reply() | {"more": 1}).encode(), 422, "invalid"),
        (json.dumps({"id": "w1", "kind": "reply", "at": "2026-07-29T10:00:00Z"}).encode(), 422, "invalid"),
        (json.dumps({"id": "r1", "kind": "bounced", "at": "2026-07-29T10:00:00Z"}).encode(), 422, "invalid"),
        (json.dumps(receipt("exploded")).encode(), 422, "invalid"),
        (json.dumps(receipt(at="yesterday")).encode(), 422, "invalid"),
    ],
    ids=range(13),
)
def test_a_body_of_another_form_is_a_problem_and_nothing_is_stored(listening, body, status, code):
    listening.send()
    answer = post(listening, body)
    assert (answer.status, answer["code"]) == (status, code)
    assert is_untouched(listening)


def test_an_unknown_field_is_named_with_those_that_are_accepted(listening):
    problem = post(listening, receipt() | {"more": 1}).json
    (sentence,) = problem["errors"]["more"]
    assert {"id", "kind", "from", "provider_id"} <= set(sentence.partition("Accepted: ")[2].rstrip(".").split(", "))


def test_an_address_and_a_text_are_in_no_log_and_no_answer(listening, logs, caplog):
    listening.reachable_patient()
    own = listening.clinic.token_of_patient("p1")
    listening.clinic.post("/v1/me/contacts", own, {"channel": "email", "address": CANARY_ADDRESS})
    caplog.set_level(logging.DEBUG)
    sent = {"sender": CANARY_ADDRESS, "text": f"Stop. {CANARY_TEXT}"}
    answers = [
        post(listening, reply(**sent)),
        post(listening, reply(**sent), age=900),
        post(listening, reply(**sent) | {"more": CANARY_TEXT}),
        post(listening, reply(**sent, at=CANARY_TEXT)),
        post(listening, reply(**sent) | {"kind": CANARY_TEXT}),
        post(listening, receipt("bounced", status=CANARY_TEXT)),
        post(listening, f'{{"id": "{CANARY_ADDRESS} {CANARY_TEXT}'.encode()),
    ]
    assert len(listening.rows(inbound)) == 1
    assert len(listening.rows(tasks)) == 1
    told = repr([logs, caplog.text, [(answer.headers, answer.data) for answer in answers]])
    assert "canary" not in told
    sealed = {inbound.c.payload.name}
    for table in (inbound, receipts, tasks):
        for row in listening.rows(table):
            assert "canary" not in repr([value for name, value in row._asdict().items() if name not in sealed])
