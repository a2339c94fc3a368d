"""One spelling for every value: JSON, ids and times."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.primitives.canonical import canonical, derived_id, event_uid, ids_of, parse_day, parse_time, time_text

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=8,
)


def test_the_same_value_has_the_same_bytes():
    assert canonical({"b": [1, True, None], "a": "é\n"}) == '{"a":"é\\n","b":[1,true,null]}'.encode()
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1})


@given(JSON)
def test_what_is_written_is_read_again(value):
    assert canonical(json.loads(canonical(value))) == canonical(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), [float("nan")]])
def test_what_json_does_not_have_is_refused(value):
    with pytest.raises(ValueError, match="JSON"):
        canonical(value)


def test_ids_are_80_bits_of_their_parts():
    written = b'["stay","disease","surveillance","cause"]'
    assert derived_id("stay", "disease", "surveillance", "cause") == hashlib.sha256(written).hexdigest()[:20]
    assert derived_id("a", "bc") != derived_id("ab", "c")
    assert event_uid("e", "r", "1") == derived_id("event", "e", "r", "1")


@given(st.text(), st.text(), st.text())
def test_ids_of_the_same_parts_are_the_same(first, second, last):
    assert ids_of(first, second)(last) == derived_id(first, second, last)


@pytest.mark.parametrize(
    ("text", "instant", "day"),
    [
        ("2026-01-15", datetime(2026, 1, 15, tzinfo=UTC), True),
        ("2026-01-15T10:00:00Z", datetime(2026, 1, 15, 10, tzinfo=UTC), False),
        ("2026-01-15t10:00:00z", datetime(2026, 1, 15, 10, tzinfo=UTC), False),
        ("2026-01-15T10:00:00.5+02:00", datetime(2026, 1, 15, 8, 0, 0, 500000, tzinfo=UTC), False),
        ("2026-01-15T00:30:00+01:00", datetime(2026, 1, 14, 23, 30, tzinfo=UTC), False),
        ("2026-01-15T10:00:00-00:00", datetime(2026, 1, 15, 10, tzinfo=UTC), False),
        ("2026-01-15T10:00:00.123456789Z", datetime(2026, 1, 15, 10, 0, 0, 123456, tzinfo=UTC), False),
    ],
)
def test_a_time_is_an_instant_or_a_day(text, instant, day):
    assert parse_time(text) == (instant, day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026",
        "2026-01",
        "2026-1-5",
        "2026-W03-4",
        "20260115",
        "2026-02-30",
        "2026-01-15T10:00:00",
        "2026-01-15 10:00:00Z",
        "2026-01-15T10:00Z",
        "2026-01-15T10Z",
        "20260115T100000Z",
        "2026-01-15T24:00:00Z",
        "2026-01-15T10:00:60Z",
        "2026-01-15T10:00:00,5Z",
        "2026-01-15T10:00:00+25:00",
        "2026-01-15T10:00:00+02",
        "2026-01-15T10:00:00Z\n",
        "２０２６-01-15",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-01-15T10:00:00." + "0" * 1000 + "Z",
    ],
)
def test_any_other_time_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


@pytest.mark.parametrize("text", ["2026-01-15", "2028-02-29", "0001-01-01", "9999-12-31"])
def test_a_day_is_a_day(text):
    assert parse_day(text).isoformat() == text


def test_times_are_written_in_utc():
    bogota = timezone(timedelta(hours=-5))
    assert time_text(datetime(2026, 1, 15, 22, tzinfo=bogota)) == "2026-01-16T03:00:00Z"
    assert time_text(datetime(2026, 1, 15, 22, tzinfo=bogota), day=True) == "2026-01-16"
    assert time_text(datetime(2026, 1, 15, 22, 0, 0, 1, tzinfo=UTC)) == "2026-01-15T22:00:00.000001Z"


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        time_text(datetime(2026, 1, 15))  # noqa: DTZ001 - that is what must be refused


@given(st.datetimes(timezones=st.just(UTC)), st.booleans())
def test_a_written_time_is_read_again(instant, day):
    read, is_day = parse_time(time_text(instant, day))
    assert is_day is day
    assert read == (instant.replace(hour=0, minute=0, second=0, microsecond=0) if day else instant)
