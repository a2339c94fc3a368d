"""ISO 8601 durations, and the calendar in UTC."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.primitives.durations import Duration, parse_duration


@pytest.mark.parametrize(
    ("text", "months", "rest"),
    [
        ("P6M", 6, timedelta()),
        ("P1Y", 12, timedelta()),
        ("P1Y2M", 14, timedelta()),
        ("P2W", 0, timedelta(days=14)),
        ("P14D", 0, timedelta(days=14)),
        ("PT12H", 0, timedelta(hours=12)),
        ("PT5M", 0, timedelta(minutes=5)),
        ("PT90S", 0, timedelta(seconds=90)),
        ("P1Y2M3W4DT5H6M7S", 14, timedelta(days=25, hours=5, minutes=6, seconds=7)),
        ("-P3D", 0, -timedelta(days=3)),
        ("-P1M1D", -1, -timedelta(days=1)),
        ("P0D", 0, timedelta()),
        ("PT0S", 0, timedelta()),
    ],
)
def test_a_duration_is_months_and_an_exact_rest(text, months, rest):
    assert parse_duration(text) == Duration(months, rest)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "P",
            "PT",
            "-P",
            "P1",
            "1M",
            "P1.5D",
            "P1,5D",
            "P1H",
            "PT1D",
            "P1DT",
            "p6m",
            "P6M ",
            " P6M",
            "P 6M",
            "P6M\n",
        ),
        *("+P6M", "P-6M", "--P6M", "P1M1Y", "PT1S1H", "P1W1Y", "P99999999999Y", "6 months", "P6MP6M", "P٣D"),
    ],
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="is not an ISO 8601 duration such as P6M, P14D, PT12H or -P3D"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2026-01-15", "P6M", "2026-07-15"),
        ("2026-01-31", "P1M", "2026-02-28"),  # clamped to the month's end
        ("2028-01-31", "P1M", "2028-02-29"),
        ("2026-08-31", "P6M", "2027-02-28"),
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2026-03-31", "-P1M", "2026-02-28"),
        ("2026-01-15", "-P1M", "2025-12-15"),
        ("2026-12-31", "P2M", "2027-02-28"),
        ("2026-01-31", "P1M1D", "2026-03-01"),  # months first, then the rest
        ("2026-03-28", "P1W", "2026-04-04"),  # no summer time in UTC
        ("2026-01-01", "-P3D", "2025-12-29"),
        ("2026-01-01", "P0D", "2026-01-01"),
        ("9999-12-31", "P1D", "9999-12-31"),
        ("9999-12-01", "P1M", "9999-12-31"),
        ("0001-01-01", "-P1D", "0001-01-01"),
        ("0001-01-01", "-P999Y", "0001-01-01"),
    ],
)
def test_it_counts_by_the_calendar(start, text, end):
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert parse_duration(text).after(moment) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_the_time_of_day_stays():
    start = datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert parse_duration("P1M").after(start) == datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P0D", False),
        ("PT0S", False),
        ("-P0D", False),
        ("-PT1S", True),
        ("-P1M", True),
        ("PT1S", False),
        ("P1M", False),
    ],
)
def test_a_duration_of_zero_is_not_negative(text, expected):
    assert parse_duration(text).is_negative is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("P0D", True), ("PT0S", True), ("-P3D", True), ("PT1S", False), ("P1M", False), ("-P1M", True)],
)
def test_what_may_take_no_time_is_known(text, expected):
    assert parse_duration(text).is_zero_or_negative is expected


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.from_regex(r"-?P([0-9]{1,3}Y)?([0-9]{1,4}M)?[0-9]{1,5}D(T[0-9]{1,5}H)?", fullmatch=True),
)
def test_no_start_and_no_duration_raises(start, text):
    """What falls outside the calendar is its first or last day; later never comes before."""
    duration = parse_duration(text)
    end = duration.after(start)
    assert end.tzinfo is UTC
    if end.year not in (1, 9999):
        assert (end >= start) if not text.startswith("-") else (end <= start)
