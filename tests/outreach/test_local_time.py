"""Local time against an oracle that goes minute by minute: ten zones, around every change of their clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.outreach.local_time import QuietHours, first_at, first_of_next_day, is_same_day, is_same_week
from tests.outreach.zones import MINUTE, ZONES, changes

DAY = timedelta(days=1)
WINDOWS = (
    QuietHours(time(21), time(8)),
    QuietHours(time(0), time(6)),
    QuietHours(time(1, 30), time(2, 30)),
    QuietHours(time(2), time(3)),
    QuietHours(time(23, 30), time(0, 15)),
    QuietHours(time(12), time(11, 59)),
)


def is_quiet(at, zone, quiet):
    wall = at.astimezone(ZoneInfo(zone))
    minute, start, end = (moment.hour * 60 + moment.minute for moment in (wall, quiet.start, quiet.end))
    return any(start <= minute + shift < (end if end > start else end + 1440) for shift in (0, 1440))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("quiet", WINDOWS, ids=lambda quiet: f"{quiet.start:%H%M}-{quiet.end:%H%M}")
def test_the_next_allowed_instant_is_the_first_minute_that_is_not_quiet(zone, quiet):
    for change in changes(zone):
        for hours in range(-30, 31, 3):
            at = change + timedelta(hours=hours, minutes=hours % 7)
            assert quiet.includes(at, ZoneInfo(zone)) is is_quiet(at, zone, quiet)
            expected = at
            while is_quiet(expected, zone, quiet):
                expected += MINUTE
            assert quiet.next_allowed(at, ZoneInfo(zone)) == expected, (change, at)


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_of_day_is_the_first_minute_whose_wall_clock_is_not_before_it(zone):
    for change in changes(zone):
        wall = change.astimezone(ZoneInfo(zone))
        for shift in (-1, 0, 1):
            day = (wall + shift * DAY).date()
            for of_day in (time(0), time(1, 15), time(2, 30), time(9), time(23, 59)):
                target = datetime.combine(day, of_day)
                at = target.replace(tzinfo=UTC) - timedelta(hours=30)
                while at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < target:
                    at += MINUTE
                assert first_at(day, of_day, ZoneInfo(zone)) == at, (change, target)


def test_days_have_23_to_25_hours_and_a_day_may_be_missing():
    madrid = ZoneInfo("Europe/Madrid")
    lengths = {
        (first_of_next_day(begin, madrid) - begin) // timedelta(hours=1)
        for begin in (first_at(date(2026, 1, 1) + number * DAY, time(), madrid) for number in range(365))
    }
    assert lengths == {23, 24, 25}
    apia = ZoneInfo("Pacific/Apia")
    last = first_at(date(2011, 12, 29), time(23, 59), apia)
    assert first_of_next_day(last, apia).astimezone(apia).date() == date(2011, 12, 31)
    assert first_at(date(2011, 12, 30), time(9), apia) == first_at(date(2011, 12, 31), time(), apia)


def test_caps_count_the_days_and_weeks_of_the_person():
    tokyo, honolulu = ZoneInfo("Asia/Tokyo"), ZoneInfo("Pacific/Honolulu")
    sunday_evening = datetime(2026, 5, 3, 14, 59, tzinfo=UTC)  # 23:59 in Tokyo
    assert is_same_day(sunday_evening, sunday_evening - timedelta(hours=23), tokyo)
    assert not is_same_day(sunday_evening, sunday_evening + MINUTE, tokyo)
    assert is_same_day(sunday_evening, sunday_evening + MINUTE, honolulu)
    assert not is_same_week(sunday_evening, sunday_evening + MINUTE, tokyo)
    assert is_same_week(sunday_evening, sunday_evening + MINUTE, honolulu)


def test_an_instant_within_a_minute_waits_for_the_whole_minute():
    quiet, zone = QuietHours(time(21), time(8)), ZoneInfo("Europe/Madrid")
    at = datetime(2026, 1, 10, 6, 59, 59, 999999, tzinfo=UTC)
    assert quiet.next_allowed(at, zone) == datetime(2026, 1, 10, 7, tzinfo=UTC)
    allowed = datetime(2026, 1, 10, 7, 0, 0, 1, tzinfo=UTC)
    assert quiet.next_allowed(allowed, zone) == allowed


def test_quiet_hours_of_equal_ends_are_refused():
    with pytest.raises(ValueError, match="two different times"):
        QuietHours(time(8), time(8))


def test_after_a_clock_that_is_set_back_over_midnight_the_next_day_still_lies_ahead():
    st_johns = ZoneInfo("America/St_Johns")  # until 2011 from 00:01 to 23:01 of the day before
    set_back = datetime(2010, 11, 7, 2, 31, tzinfo=UTC)
    assert first_of_next_day(set_back - 2 * MINUTE, st_johns) == set_back - MINUTE
    assert first_of_next_day(set_back + MINUTE, st_johns) == set_back + 59 * MINUTE


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 59]))
HOURS = st.tuples(TIMES, TIMES).filter(lambda ends: ends[0] != ends[1]).map(lambda ends: QuietHours(*ends))


@settings(max_examples=60)
@given(HOURS, HOURS)
def test_quiet_hours_cover_others_where_every_minute_of_those_is_quiet(wide, narrow):
    minutes = [datetime(2026, 1, 1, tzinfo=UTC) + number * MINUTE for number in range(1440)]
    expected = all(is_quiet(at, "UTC", wide) for at in minutes if is_quiet(at, "UTC", narrow))
    assert wide.covers(narrow) is expected
