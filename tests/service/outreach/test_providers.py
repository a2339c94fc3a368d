"""Providers that do not answer rest; none gets more at once, or faster, than it takes."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from service.outreach.port import Accepted, AnswerLost, Permanent, Reason, Transient
from service.outreach.providers import AT_ONCE, REST, Providers

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
NO_ANSWER = [
    Transient(Reason.UNREACHABLE),
    Transient(Reason.TIMEOUT),
    AnswerLost(Reason.TIMEOUT),
    AnswerLost(Reason.CONNECTION_LOST),
]


def call(providers, *outcomes, channel="email") -> None:
    for outcome in outcomes:
        providers.begin(channel, NOW)
        providers.end(channel, outcome, NOW)


@pytest.mark.parametrize("outcome", NO_ANSWER)
def test_after_two_calls_without_an_answer_a_provider_rests(outcome):
    providers = Providers()
    call(providers, outcome)
    assert providers.call_at("email", NOW) is None
    call(providers, outcome)
    assert providers.call_at("email", NOW) == (NOW + REST, Reason.UNREACHABLE)
    assert providers.call_at("sms", NOW) is None
    assert providers.call_at("email", NOW + REST) is None
    call(providers, outcome)
    assert providers.call_at("email", NOW) is not None, "after a rest one more is enough"


@pytest.mark.parametrize("outcome", [Accepted(), Permanent(Reason.REFUSED), Transient(Reason.BUSY)])
def test_an_answer_counts_as_one(outcome):
    providers = Providers()
    call(providers, NO_ANSWER[0], outcome, NO_ANSWER[0])
    assert providers.call_at("email", NOW) is None


def test_a_call_that_was_not_made_tells_nothing():
    providers = Providers()
    call(providers, NO_ANSWER[0], None, NO_ANSWER[0])
    assert providers.call_at("email", NOW) is not None


def test_some_calls_are_under_way_at_once():
    providers = Providers()
    for _ in range(AT_ONCE):
        assert providers.call_at("email", NOW) is None
        providers.begin("email", NOW)
    later, reason = providers.call_at("email", NOW)
    assert (later > NOW, reason) == (True, Reason.BUSY)
    assert providers.call_at("sms", NOW) is None
    providers.end("email", Accepted(), NOW)
    assert providers.call_at("email", NOW) is None


def test_a_provider_is_called_as_often_as_it_takes():
    providers, now, calls = Providers(), NOW, 0
    while now < NOW + timedelta(seconds=10):
        later = providers.call_at("sms", now)
        if later is None:
            providers.begin("sms", now, per_second=2)
            providers.end("sms", Accepted(), now)
            calls += 1
            later = now, Reason.BUSY
        now = max(later[0], now + timedelta(milliseconds=1))
    assert calls == 20


def test_a_provider_that_hangs_is_waited_for_once():
    """Else each message of another channel would take as long as the wait."""
    providers = Providers()
    for _ in range(AT_ONCE):
        providers.begin("email", NOW)
    begun = time.monotonic()
    for _ in range(20):
        providers.wait_for_room(0.1)
    assert 0.05 < time.monotonic() - begun < 0.5
