"""Codes: six digits as likely as each other, three an hour, accepted once, within ten minutes and five tries."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.outreach.verification import SentCode, code_of, judge_code, next_code_at

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
SENT = SentCode("right", NOW - timedelta(minutes=9), tries=0, is_used=False)
MINUTES = st.lists(st.integers(0, 300), max_size=12)
MOST = st.integers(1, 12)


def test_codes_are_six_digits_and_spread():
    codes = [code_of(f"secret {number}") for number in range(20_000)]
    assert {len(code) for code in codes} == {6}
    assert all(code.isascii() and code.isdigit() for code in codes)
    for place in range(6):
        counts = Counter(code[place] for code in codes)
        assert len(counts) == 10
        assert max(counts.values()) < 1.15 * min(counts.values())


@pytest.mark.parametrize(
    ("changes", "digest", "verdict"),
    [
        ({}, "right", "accepted"),
        ({}, "wrong", "wrong"),
        ({}, "", "wrong"),
        ({"tries": 4}, "right", "accepted"),
        ({"tries": 5}, "right", "ended"),
        ({"tries": 5}, "wrong", "ended"),
        ({"is_used": True}, "right", "ended"),
        ({"drawn_at": NOW - timedelta(minutes=10)}, "right", "ended"),
        ({"drawn_at": NOW}, "right", "accepted"),
    ],
)
def test_what_is_accepted(changes, digest, verdict):
    assert judge_code(replace(SENT, **changes), digest, NOW) == verdict


@pytest.mark.parametrize("digest", ["", "right"])
def test_without_a_code_nothing_is_accepted(digest):
    assert judge_code(None, digest, NOW) == "ended"


@given(MINUTES, MOST)
def test_no_hour_has_more_codes_than_are_accepted(minutes, most):
    requested = []
    for minute in sorted(minutes):
        now = NOW + timedelta(minutes=minute)
        allowed = next_code_at(requested, now, most)
        if allowed == now:
            requested.append(now)
        else:
            assert now < allowed <= now + timedelta(hours=1)
            assert next_code_at(requested, allowed, most) == allowed
    for start in requested:
        assert sum(start <= at < start + timedelta(hours=1) for at in requested) <= most


@given(MINUTES, MOST)
def test_a_code_is_refused_only_after_those_that_are_accepted(minutes, most):
    requested = [NOW - timedelta(minutes=minute) for minute in minutes]
    recent = [minute for minute in minutes if minute < 60]
    assert (next_code_at(requested, NOW, most) == NOW) == (len(recent) < most)
