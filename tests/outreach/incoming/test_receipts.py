"""What receipts make of a contact: the order in which they arrive, and repetitions, decide nothing."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from journeys.outreach.incoming import (
    ContactHealth,
    ProviderReceipt,
    consequence_of,
    contact_health,
    is_worth_retrying,
)

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def receipt(day, kind="bounced", status="", id=""):
    return ProviderReceipt(id or f"{day} {kind} {status}", BEGIN + timedelta(days=day), kind, status)


def bounces(status, *days):
    return [receipt(day, "bounced", status) for day in days]


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.10", "404", "410"])
def test_a_contact_that_does_not_exist_is_bad_at_once_and_for_good(status):
    receipts = [*bounces(status, 2), receipt(3, "delivered"), receipt(4, "opened")]
    assert contact_health(receipts).bad_since == BEGIN + timedelta(days=2)


@pytest.mark.parametrize(
    "status", ["4.2.2", "4.4.1", "4.7.0", "5.2.2", "5.2.1", "5.3.2", "5.4.1", "5.0.0", "", "2.0.0", "?"]
)
@pytest.mark.parametrize(
    ("days", "bad_since"),
    [
        ((0,), None),
        ((0, 1), None),
        ((0, 1, 2), 2),
        ((0, 0.1, 0.2, 0.3), None),
        ((0, 0.1, 5, 5.2, 13), 13),
        ((0, 5, 14), None),
        ((0, 5, 14, 15), 15),
        ((0, 0.4, 0.6), None),
    ],
)
def test_a_bounce_that_may_pass_makes_a_contact_bad_on_the_third_of_14_days(status, days, bad_since):
    expected = None if bad_since is None else BEGIN + timedelta(days=bad_since)
    assert contact_health(bounces(status, *days)) == ContactHealth(expected)


def test_days_are_those_of_utc():
    tokyo = timezone(timedelta(hours=9))
    times = (datetime(2026, 3, day, hour, tzinfo=tokyo) for day, hour in ((2, 10), (3, 8), (4, 1)))
    receipts = [ProviderReceipt(str(at), at, "bounced", "4.2.2") for at in times]
    assert contact_health(receipts).bad_since is None


@pytest.mark.parametrize("kind", ["delivered", "opened", "clicked"])
def test_a_later_delivery_clears_the_count(kind):
    assert contact_health([*bounces("4.2.2", 0, 1, 3), receipt(2, kind)]).bad_since is None
    assert contact_health([*bounces("4.2.2", 0, 1, 2), receipt(3, kind)]).bad_since is None


def test_a_delivery_at_the_same_instant_is_not_later():
    receipts = [*bounces("4.2.2", 0, 1, 2), receipt(0, "delivered")]
    assert contact_health(receipts).bad_since == BEGIN + timedelta(days=2)


@pytest.mark.parametrize("status", ["5.7.1", "5.5.2", "5.6.0", "5.1.8", "5.2.3", "5.3.4", "400", "401", "403", "413"])
def test_our_own_fault_leaves_the_contact_good_and_alerts(status):
    receipts = bounces(status, 0, 1, 2)
    assert contact_health(receipts) == ContactHealth(alerts=tuple(receipts))


@pytest.mark.parametrize("status", ["408", "429", "500", "503"])
def test_trouble_of_the_push_service_says_nothing_of_the_contact(status):
    assert contact_health(bounces(status, 0, 1, 2)) == ContactHealth()


@pytest.mark.parametrize("kind", ["complained", "opted_out"])
def test_a_complaint_and_a_carriers_opt_out_revoke(kind):
    assert contact_health([receipt(1, kind), receipt(2, "delivered")]) == ContactHealth(revocations=(receipt(1, kind),))


@pytest.mark.parametrize(
    ("status", "is_worth"),
    [
        *(("4.2.2", True), ("4.7.0", True), ("5.2.2", True), ("429", True), ("408", True), ("503", True)),
        *(("5.1.1", False), ("5.2.1", False), ("5.7.1", False), ("5.0.0", False), ("410", False), ("403", False)),
        *(("", False), ("4", False), ("4.x", False)),
    ],
)
def test_what_may_get_through_later_is_worth_retrying(status, is_worth):
    assert is_worth_retrying(status) is is_worth


RECEIPTS = st.lists(
    st.builds(
        ProviderReceipt,
        st.text("abcdef", min_size=1, max_size=2),
        st.integers(0, 120).map(lambda quarter: BEGIN + timedelta(hours=6 * quarter)),
        st.sampled_from(["delivered", "opened", "clicked", "bounced", "bounced", "bounced", "complained", "opted_out"]),
        st.sampled_from(["4.2.2", "5.2.2", "5.0.0", "", "5.7.1", "5.1.1", "503"]),
    ),
    max_size=12,
)


@given(RECEIPTS, st.randoms())
def test_order_and_repetition_decide_nothing(receipts, chance):
    shuffled = receipts + chance.choices(receipts, k=5) if receipts else []
    chance.shuffle(shuffled)
    assert contact_health(shuffled) == contact_health(receipts)


@given(st.sets(st.integers(0, 60)))
def test_three_days_of_14_are_counted_as_by_hand(days):
    spans = (sum(first <= day < first + 14 for day in days) for first in days)
    assert (contact_health(bounces("4.4.1", *days)).bad_since is not None) is (max(spans, default=0) >= 3)


@given(st.text(max_size=12) | st.from_regex(r"\A[245]?\.?[0-9]{0,4}\.?[0-9]{0,4}\Z"))
def test_a_status_that_is_no_code_counts_and_is_not_retried(status):
    assume(not re.fullmatch(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}|[1-5][0-9]{2}", status))
    assert (consequence_of(status), is_worth_retrying(status)) == ("counts", False)
