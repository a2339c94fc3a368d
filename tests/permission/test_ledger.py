"""What a ledger of grants and revocations allows: the latest word counts, and nothing is allowed by default."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.permission import (
    ConsentText,
    PermissionEntry,
    Request,
    channel_status,
    is_allowed,
)
from journeys.permission.ledger import deciding_entry

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = ConsentText("consent", "1", "d", "en")
PURPOSES = ("education", "treatment", "marketing", "measurement", "share:lab")
CHANNELS = ("email", "sms", None)
TOPICS = ("scans", "mood", None)


def at(day):
    return BEGIN + timedelta(days=day)


def grant(day, purpose=None, channel=None, topic=None, until=None, id=""):
    end = at(until) if until is not None else None
    return PermissionEntry(
        id=id or f"grant-{day}-{purpose}-{channel}-{topic}-{until}",
        kind="grant",
        by="patient",
        method="app",
        occurred_at=at(day),
        purpose=purpose,
        channel=channel,
        topic=topic,
        text=TEXT,
        until=end,
    )


def revoke(day, purpose=None, channel=None, topic=None, by="patient"):
    return PermissionEntry(
        id=f"revoke-{day}-{purpose}-{channel}-{topic}",
        kind="revoke",
        by=by,
        method="app",
        occurred_at=at(day),
        purpose=purpose,
        channel=channel,
        topic=topic,
    )


def test_nothing_is_allowed_by_default():
    assert not is_allowed([], Request("treatment", "email"), at(1))
    assert deciding_entry([], Request("treatment", "email"), at(1)) is None


@pytest.mark.parametrize(("purpose", "allowed"), [("education", True), ("marketing", False), ("share:lab", False)])
def test_a_page_that_an_app_fetches_needs_none_but_for_what_needs_a_grant_of_its_own(purpose, allowed):
    assert is_allowed([], Request(purpose, None), at(1)) is allowed


def test_the_latest_word_counts_whichever_arrived_first():
    entries = [revoke(5), grant(1), grant(9, "treatment", "sms")]
    for day, allowed in ((0, False), (1, True), (4, True), (5, False), (8, False), (9, True)):
        assert is_allowed(entries, Request("treatment", "sms"), at(day)) is allowed
    assert not is_allowed(entries, Request("treatment", "email"), at(9))


def test_at_one_instant_a_revocation_goes_before_a_grant():
    assert not is_allowed([revoke(3), grant(3)], Request("treatment", "sms"), at(3))


def test_of_two_grants_at_one_instant_the_one_that_ends_first_counts():
    entries = [grant(1, until=90), grant(1, until=5), grant(1)]
    assert is_allowed(entries, Request("treatment", "sms"), at(4))
    assert not is_allowed(entries, Request("treatment", "sms"), at(5))


def test_a_grant_ends_in_the_instant_that_it_names():
    entries = [grant(1, until=5)]
    assert is_allowed(entries, Request("treatment", "sms"), at(5) - timedelta(microseconds=1))
    assert not is_allowed(entries, Request("treatment", "sms"), at(5))


def test_an_earlier_grant_does_not_revive_when_a_later_one_ends():
    assert not is_allowed([grant(1), grant(2, until=5)], Request("treatment", "sms"), at(6))


@pytest.mark.parametrize("purpose", ["marketing", "measurement", "share:lab"])
def test_a_grant_of_everything_leaves_out_what_must_be_named(purpose):
    assert is_allowed([grant(1)], Request("education", "sms"), at(2))
    assert not is_allowed([grant(1)], Request(purpose, "sms"), at(2))
    assert is_allowed([grant(1, purpose)], Request(purpose, "sms"), at(2))
    assert not is_allowed([grant(1, purpose), revoke(2)], Request(purpose, "sms"), at(2))


def test_sharing_with_one_recipient_is_not_sharing_with_another():
    assert not is_allowed([grant(1, "share:lab")], Request("share:insurer", "webhook"), at(2))


def test_a_word_on_one_channel_or_topic_says_nothing_of_others():
    entries = [grant(1), revoke(2, channel="sms", by="carrier"), revoke(3, topic="mood")]
    assert not is_allowed(entries, Request("support", "sms"), at(4))
    assert is_allowed(entries, Request("support", "email"), at(4))
    assert not is_allowed(entries, Request("support", "email", "mood"), at(4))
    assert is_allowed(entries, Request("support", "email", "scans"), at(4))


ENTRIES = st.lists(
    st.builds(
        lambda kind, *scope, until: kind(*scope) if kind is revoke else grant(*scope, until=until),
        st.sampled_from([grant, revoke]),
        st.integers(0, 6),
        st.sampled_from([*PURPOSES, None]),
        st.sampled_from(CHANNELS),
        st.sampled_from(TOPICS),
        until=st.one_of(st.none(), st.integers(7, 9)),
    ),
    max_size=12,
)


def painted(entries, day):
    """Return by purpose, channel and topic the end of what is granted on a day, painted over day after day."""
    cells = {}
    order = sorted(entries, key=lambda entry: -(entry.until or at(999)).timestamp())  # what ends first is painted last
    for today in range(day + 1):
        for kind in ("grant", "revoke"):
            for entry in order:
                if entry.kind != kind or entry.occurred_at != at(today):
                    continue
                for purpose in PURPOSES:
                    named = entry.purpose == purpose
                    if not named and (entry.purpose is not None or (kind == "grant" and PURPOSES.index(purpose) > 1)):
                        continue
                    for channel in ("email", "sms") if entry.channel is None else (entry.channel,):
                        for topic in ("scans", "mood", "") if entry.topic is None else (entry.topic,):
                            cells[purpose, channel, topic] = (entry.until or at(999)) if kind == "grant" else at(0)
    return cells


@given(ENTRIES, st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_ledger_allows_what_painting_the_grants_over_each_other_leaves(entries, day, chance):
    cells = painted(entries, day)
    arrived = entries[:]
    chance.shuffle(arrived)
    for purpose in PURPOSES:
        for channel in ("email", "sms"):
            for topic in ("scans", "mood", ""):
                expected = cells.get((purpose, channel, topic), at(0)) > at(day)
                assert is_allowed(arrived, Request(purpose, channel, topic or None), at(day)) is expected


def test_the_order_of_arrival_decides_nothing():
    entries = [grant(1), revoke(1, "treatment"), grant(2, "treatment", "sms", until=4), revoke(3, topic="mood")]
    request = Request("treatment", "sms", "scans")
    decisions = {deciding_entry(random.Random(seed).sample(entries, 4), request, at(3)).id for seed in range(40)}
    assert len(decisions) == 1


@given(ENTRIES)
def test_a_revoked_channel_allows_nothing_and_another_revocation_changes_nothing(entries):
    for channel in ("email", "sms"):
        status = channel_status(entries, channel)
        assert channel_status([*entries, revoke(999, channel=channel)], channel) == "revoked"
        if status != "granted":
            requests = [Request(purpose, channel, topic) for purpose in PURPOSES for topic in TOPICS]
            latest = max((entry.occurred_at for entry in entries), default=at(0))
            assert not any(is_allowed(entries, request, latest) for request in requests)


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([], "never"),
        ([grant(1, channel="sms")], "never"),
        ([revoke(1, "treatment", "email")], "never"),
        ([grant(1, "treatment", "email")], "granted"),
        ([grant(1), revoke(2, "treatment")], "granted"),
        ([revoke(1), grant(2, "treatment", "email", "scans")], "granted"),
        ([revoke(2), grant(1)], "revoked"),
        ([revoke(1, channel="email"), grant(1)], "revoked"),
        ([revoke(1), grant(2, channel="sms")], "revoked"),
    ],
)
def test_the_status_of_a_channel(entries, status):
    assert channel_status(entries, "email") == status
