"""Receipts of providers are believed only with a signature over their very bytes, of the last five minutes."""

import hashlib
import hmac
from datetime import timedelta

import pytest

from service.outreach.signature import is_signed, signature_of
from tests.service.outreach.envelopes import NOW

SECRET, OLD = b"new secret", b"old secret"
BODY = b'{"id": "m-1",  "status": "delivered"}'
STAMP = str(int(NOW.timestamp()))


def check(body=BODY, timestamp=STAMP, signature=None, secrets=(SECRET, OLD), now=NOW) -> bool:
    sent = signature_of(BODY, timestamp=STAMP, secret=SECRET) if signature is None else signature
    return is_signed(body, timestamp=timestamp, signature=sent, secrets=secrets, now=now)


def test_the_signature_is_an_hmac_over_the_time_and_the_bytes():
    expected = hmac.new(SECRET, STAMP.encode() + b"." + BODY, hashlib.sha256).hexdigest()
    assert signature_of(BODY, timestamp=STAMP, secret=SECRET) == expected
    assert check()


def test_both_secrets_count_while_one_is_rotated():
    assert check(signature=signature_of(BODY, timestamp=STAMP, secret=OLD))
    assert not check(secrets=(OLD,))
    assert not check(secrets=())


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_signature_is_valid_for_five_minutes(minutes):
    moment = NOW + timedelta(minutes=minutes)
    assert check(now=moment)
    assert not check(now=moment + timedelta(seconds=1 if minutes > 0 else -1))


@pytest.mark.parametrize(
    "changes",
    [
        {"body": b'{"id": "m-1", "status": "delivered"}'},
        {"timestamp": str(int(STAMP) + 1)},
        {"signature": ""},
        {"signature": "ñ"},
        {"signature": signature_of(BODY, timestamp=STAMP, secret=b"other")},
        {"timestamp": ""},
        {"timestamp": "-1"},
        {"timestamp": STAMP + ".5"},
        {"timestamp": "٣"},
        {"timestamp": "9" * 30},
    ],
)
def test_anything_else_is_refused(changes):
    assert not check(**changes)
