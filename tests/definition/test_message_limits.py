"""The limits of messages are stored with their programme."""

import json
from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from journeys.definition.message_limits import Cap, MessageLimits
from journeys.definition.model import Titles
from journeys.definition.programmes import Programme, limits_from_stored, to_stored

MINUTES = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
MOST = st.none() | st.integers(1, 20)
CAPS = st.builds(
    Cap, purposes=st.frozensets(st.sampled_from(["education", "support", "marketing"]), min_size=1), day=MOST, week=MOST
)
LIMITS = st.builds(
    MessageLimits,
    quiet=st.none() | st.tuples(MINUTES, MINUTES),
    apart=st.integers(0, 40_320).map(lambda minutes: timedelta(minutes=minutes)),
    caps=st.lists(CAPS, max_size=3).map(tuple),
)


def north(limits):
    return Programme("north", Titles({"en": "North"}), {}, messages=limits)


@given(LIMITS)
def test_limits_are_read_back_from_the_programme_that_was_stored(limits):
    stored = json.loads(json.dumps(to_stored(north(limits))))
    assert limits_from_stored(stored) == limits


def test_a_programme_without_limits_is_stored_as_before_there_were_limits():
    assert to_stored(north(MessageLimits())) == {"title": {"en": "North"}, "values": {}}
