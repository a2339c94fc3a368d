"""Addresses: what is accepted, in which form, and that no error repeats an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.primitives.errors import Refused
from service.persons.addresses import CHANNELS, checked_address, masked_address

KEYS = {"p256dh": "BNcRd", "auth": "tBHIt"}


@pytest.mark.parametrize(
    ("channel", "address", "checked", "masked"),
    [
        ("email", "Ana.Ruiz+guide@Example.ORG", "Ana.Ruiz+guide@example.org", "A…@example.org"),
        ("email", "o'hara@mail.example.co.uk", "o'hara@mail.example.co.uk", "o…@mail.example.co.uk"),
        ("sms", "+1 505 555 0178", "+15055550178", "+1…78"),
        ("sms", "+34 612 34 56 78", "+34612345678", "+3…78"),
        (
            "push",
            {"endpoint": "https://push.example.org/a1", "keys": KEYS, "expirationTime": None},
            {"endpoint": "https://push.example.org/a1", "keys": KEYS},
            "push.example.org",
        ),
        ("post", ["Ana  Ruiz", "1 Main St"], ["Ana Ruiz", "1 Main St"], "A…"),
    ],
)
def test_an_address_has_one_form_and_is_masked(channel, address, checked, masked):
    assert checked_address(channel, address) == checked
    assert masked_address(channel, checked) == masked


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("email", "ana"),
        ("email", "ana@example"),
        ("email", "ana@127.0.0.1"),
        ("email", "@example.com"),
        ("email", "ana@-example.org"),
        ("email", "ana@example..org"),
        ("email", "ana@example.org\nBcc: all@example.org"),
        ("email", "ana@example.org, eve@example.org"),
        ("email", '"a b"@example.org'),
        ("email", "Ana <ana@example.org>"),
        ("email", "añá@example.org"),
        ("email", "a" * 300 + "@example.org"),
        ("email", None),
        ("sms", "911"),
        ("sms", "+911"),
        ("sms", "112"),
        ("sms", "505 555 0178"),  # no country
        ("sms", "+1 900 555 0178"),  # premium rate
        ("sms", "+1 505 555 0178 ext. 9"),
        ("sms", "+34 91 123 45 67"),  # a landline
        ("sms", "+999 123456789"),
        ("sms", "+" + "1" * 1_000_000),
        ("sms", 15055550179),
        ("push", "https://push.example.org/a1"),
        ("push", {"endpoint": "http://push.example.org/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://user@push.example.org/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://push.example.org:22/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://push.example.org/a1", "keys": {"auth": "x"}}),
        ("push", {"endpoint": "https://[push/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://127.0.0.1/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://[::1]/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://2130706433/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://0x7f.1/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://169.254.169.254/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://10.0.0.5/a1", "keys": KEYS}),
        ("push", {"endpoint": "https://localhost/a1", "keys": KEYS}),
        ("push", {"endpoint": "file:///etc/passwd", "keys": KEYS}),
        ("post", ["one line"]),
        ("post", ["Ana", "a\nb"]),
        ("post", ["Ana", ""]),
        ("post", "Ana, 1 Main St"),
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(channel, address):
    with pytest.raises(Refused) as refused:
        checked_address(channel, address)
    assert list(refused.value.fields) == ["address"]
    assert str(address) not in str(refused.value.fields)


@given(st.sampled_from(CHANNELS), st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5))
def test_whatever_is_sent_is_an_address_or_refused(channel, value):
    try:
        checked = checked_address(channel, value)
    except Refused:
        return
    assert checked_address(channel, checked) == checked
