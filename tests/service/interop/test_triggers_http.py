"""The route of other systems: only what a source signed within five minutes is read, and each row has its answer."""

import hashlib
import hmac
import json
import logging

import pytest

from service.http.triggers import EXTENSION
from tests.interop.rows.lab import row
from tests.service.examples import exchange_of

SECRET, OTHER = b"0" * 32, b"1" * 32
CANARY = "canary"


@pytest.fixture
def sender(laboratory):
    before = laboratory.app.extensions[EXTENSION]
    laboratory.app.extensions[EXTENSION] = {"lab": (SECRET, OTHER), "undeclared": (SECRET,)}
    yield laboratory
    laboratory.app.extensions[EXTENSION] = before


def post(clinic, body, *, source="lab", secret=SECRET, age=0, **changes):
    """Signs a body and sends it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(clinic.clock().timestamp()) - age)
    headers = {
        "Journeys-Timestamp": timestamp,
        "Journeys-Signature": hmac.new(secret, timestamp.encode() + b"." + data, hashlib.sha256).hexdigest(),
        "Content-Type": "application/json",
    }
    return clinic.call("POST", f"/v1/triggers/{source}", data=data, headers=headers | changes)


def statuses(answer) -> list[str]:
    assert answer.status == 200, answer.data
    return [verdict["status"] for verdict in answer["rows"]]


def test_a_row_is_taken_as_in_the_example(sender, examples):
    exchange = exchange_of(row(), post(sender, row()))
    assert exchange == examples.recorded("triggers_take", exchange)


def test_one_row_is_an_object(sender):
    answer = post(sender, row())
    assert answer.json == {"rows": [{"row": 1, "status": "new", "mistakes": {}}]}
    (enrollment,) = sender.enrolled
    assert sender.places(enrollment)["disease"] == "surveillance.waiting_for_result"


def test_many_rows_are_a_list_and_each_has_its_answer(sender):
    rows = [
        row(),
        row(sample="bad", taken_on="20/06/2026"),
        row(),
        row(packs="1"),
        row(sample="s-2", test="blood"),
        "s-3,p1",
        row() | {"sample": 3},
        row() | {"comment": 3},
    ]
    answer = post(sender, rows, secret=OTHER)
    assert statuses(answer) == ["new", "mistaken", "known", "conflict", "unmapped", "mistaken", "mistaken", "known"]
    assert [sorted(verdict["mistakes"]) for verdict in answer["rows"][1:4]] == [["taken_on"], [], ["row"]]
    assert [sorted(verdict["mistakes"]) for verdict in answer["rows"][5:7]] == [["row"], ["sample"]]
    assert statuses(post(sender, rows))[0] == "known"


@pytest.mark.parametrize(
    "changes",
    [{"secret": b"x" * 32}, {"age": 301}, {"age": -301}, {"Journeys-Signature": ""}, {"Journeys-Timestamp": "now"}],
)
def test_what_is_not_signed_is_refused(sender, changes):
    answer = post(sender, row(), **changes)
    assert (answer.status, answer["code"]) == (403, "not-signed")
    assert statuses(post(sender, row())) == ["new"]


@pytest.mark.parametrize("source", ["nobody", "undeclared"])
def test_a_source_that_is_not_set_up_or_not_declared_is_not_found(sender, source):
    answer = post(sender, row(), source=source)
    assert (answer.status, answer["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b'{"sample": "\xff"}', 400, "malformed"),
        (b'{"sample": "\\u0000"}', 400, "malformed"),
        (b'{"sample": "1", "sample": "2"}', 400, "malformed"),
        (b"[]", 422, "invalid"),
        (b'"s-1"', 422, "invalid"),
        (json.dumps([{}] * 501).encode(), 422, "invalid"),
        (b'{"sample": "' + b"x" * 1_000_000 + b'"}', 413, "too-large"),
    ],
    ids=range(9),
)
def test_a_body_of_another_form_is_a_problem(sender, body, status, code):
    answer = post(sender, body)
    assert (answer.status, answer["code"]) == (status, code)


def test_five_hundred_rows_are_taken_at_once(sender):
    assert statuses(post(sender, [row(sample=f"s-{number}") for number in range(500)])) == ["new"] * 500


def test_nothing_of_a_cell_is_in_a_log_or_an_answer(sender, logs, caplog):
    caplog.set_level(logging.DEBUG)
    answers = [
        post(sender, row(sample=f"{CANARY}-1")),
        post(sender, row(sample=f"{CANARY}-2", patient=CANARY)),
        post(sender, row(sample=f"{CANARY}-3", taken_on=CANARY)),
        post(sender, row(sample=f"{CANARY}-1", packs="1")),
        post(sender, row(status="final", result=CANARY) | {CANARY: CANARY}),
        post(sender, row(sample=CANARY), age=900),
        post(sender, f'{{"sample": "{CANARY}'.encode()),
    ]
    assert CANARY not in repr([logs, caplog.text, [(answer.headers, answer.data) for answer in answers]])
