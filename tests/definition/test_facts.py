"""The values that a fact accepts, and their stored forms."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.definition.facts import DECLINED, DateBound, FactType, read_text, wire_value
from journeys.primitives.canonical import canonical, parse_day
from journeys.primitives.durations import parse_duration

ABOVE = {"I": frozenset({"I"}), "IA": frozenset({"I", "IA"}), "II": frozenset({"II"})}
BOOLEAN = FactType("boolean")
CHOICE = FactType("choice", tuple(ABOVE), ABOVE, ("IA", "II"))
SET = FactType("set", ("bone", "brain"), {site: frozenset({site}) for site in ("bone", "brain")}, ("bone", "brain"))
INTEGER = FactType("integer", minimum=0, maximum=200)
DATE = FactType("date")
TEXT = FactType("text", max_length=5)
ALL = [BOOLEAN, CHOICE, SET, INTEGER, DATE, TEXT]


@pytest.mark.parametrize(
    ("kind", "raw_value", "stored"),
    [
        (BOOLEAN, True, True),
        (BOOLEAN, False, False),
        (CHOICE, "I", "I"),
        (CHOICE, "IA", "IA"),
        (SET, ["brain", "bone"], ["bone", "brain"]),
        (SET, ["bone", "bone"], ["bone"]),
        (SET, [], []),
        (INTEGER, 0, 0),
        (INTEGER, 200, 200),
        (DATE, "2026-01-15", "2026-01-15"),
        (DATE, "2028-02-29", "2028-02-29"),
        (TEXT, "", ""),
        (TEXT, "Ána\n", "Ána\n"),
    ],
)
def test_a_value_of_its_type_is_stored(kind, raw_value, stored):
    assert kind.read(raw_value) == stored


@pytest.mark.parametrize(
    ("kind", "raw_value"),
    [
        *((BOOLEAN, raw_value) for raw_value in (0, 1, "true", None, [], {})),
        *((CHOICE, raw_value) for raw_value in ("III", "", "i", 1, None, ["I"], True)),
        *((SET, raw_value) for raw_value in ("bone", ["lung"], [1], [["bone"]], {"bone": 1}, None, ["bone", None])),
        *((INTEGER, raw_value) for raw_value in (-1, 201, 1.0, "7", True, None, [], 10**30)),
        *(
            (DATE, raw_value)
            for raw_value in ("2026-02-30", "2026-W03-4", "20260115", "2026-1-15", "15.01.2026", "", None, 20260115)
        ),
        *((DATE, raw_value) for raw_value in ("2026-01-15T00:00:00Z", "２０２６-01-15", "2026-01-15\n", "0000-01-01")),
        *((TEXT, raw_value) for raw_value in ("toolong", "a\0", "\ud800", "a\udfff", 1, None, ["a"])),
        *((kind, {"declined": False}) for kind in ALL),
        *((kind, {"declined": True, "more": 1}) for kind in ALL),
    ],
)
def test_anything_else_is_refused_without_repeating_it(kind, raw_value):
    """The message says what would be accepted; a told value may be private."""
    with pytest.raises(ValueError, match="it must be ") as refused:
        kind.read(raw_value)
    assert str(refused.value) == f'it must be {kind.accepts()}, or {{"declined": true}}'


@pytest.mark.parametrize("kind", ALL)
def test_any_fact_may_be_declined(kind):
    assert kind.read({"declined": True}) is DECLINED
    assert kind.read(DECLINED) is DECLINED
    assert wire_value(DECLINED) == {"declined": True}
    assert read_text(kind, "declined") is DECLINED


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (BOOLEAN, "true or false"),
        (CHOICE, "one of I, IA, II"),
        (SET, "a list of any of bone, brain"),
        (INTEGER, "a whole number from 0 to 200"),
        (DATE, "a date such as 2026-01-15, from 1900-01-01 on"),
        (TEXT, "a text of at most 5 characters"),
    ],
)
def test_it_says_what_it_accepts(kind, words):
    assert kind.accepts() == words


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (BOOLEAN, "true", True),
        (BOOLEAN, "no", False),
        (INTEGER, "20", 20),
        (CHOICE, "IA", "IA"),
        (DATE, "2026-01-15", "2026-01-15"),
        (TEXT, "20", "20"),
    ],
)
def test_a_scalar_of_yaml_stands_for_a_value(kind, text, value):
    assert read_text(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [(BOOLEAN, "maybe"), (INTEGER, "--5"), (INTEGER, "²"), (INTEGER, "9" * 9000), (INTEGER, ""), (DATE, "now")],
)
def test_a_scalar_that_stands_for_none_is_refused(kind, text):
    with pytest.raises(ValueError, match="it must be "):
        read_text(kind, text)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.just("\ud800")),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=5,
)


@given(st.sampled_from(ALL), JSON)
def test_whatever_is_told_is_stored_or_refused(kind, raw_value):
    """An accepted value can be stored, and its stored form is accepted too."""
    try:
        value = kind.read(raw_value)
    except ValueError:
        return
    stored = json.loads(canonical(wire_value(value)))
    assert kind.read(stored) == value
    assert kind.has(value)


@given(st.sampled_from(ALL), st.sampled_from(ALL), JSON)
def test_a_value_is_one_of_another_type_where_that_would_take_it(kind, other, raw_value):
    """As when another release declares the same fact in another way."""
    try:
        value = kind.read(raw_value)
    except ValueError:
        return
    try:
        other.read(wire_value(value))
    except ValueError:
        assert not other.has(value)
    else:
        assert other.has(value)


def bound(text: str) -> DateBound:
    return DateBound(text, parse_duration(text) if "P" in text else parse_day(text))


@pytest.mark.parametrize(
    ("earliest", "latest", "accepted", "refused"),
    [
        (None, None, ["1900-01-01", "2062-08-05"], ["0026-08-05", "1899-12-31", "0206-07-01"]),
        ("-P200Y", None, ["1900-01-01"], ["1899-12-31", "1830-01-01"]),
        (None, "P0D", ["2026-08-05", "1950-01-01"], ["2026-08-06", "2062-07-20"]),
        ("-P1M", "P2Y", ["2026-07-05", "2028-08-05"], ["2026-07-04", "2028-08-06", "2062-08-05", "2020-08-05"]),
        ("2000-01-01", "2030-12-31", ["2000-01-01", "2030-12-31"], ["1999-12-31", "2031-01-01"]),
    ],
)
def test_a_date_lies_within_its_bounds_on_the_day_of_the_report(earliest, latest, accepted, refused):
    kind = FactType("date", earliest=earliest and bound(earliest), latest=latest and bound(latest))
    today = date(2026, 8, 5)
    assert [kind.read(day, today) for day in accepted] == accepted
    for day in refused:
        with pytest.raises(ValueError, match="it must be a date"):
            kind.read(day, today)
        assert kind.read(day) == day  # a date that was stored before it had bounds stays what it is
    assert kind.read({"declined": True}, today) is DECLINED


def test_a_refused_date_is_told_the_bounds():
    kind = FactType("date", earliest=bound("-P1M"), latest=bound("P0D"))
    assert kind.accepts() == "a date such as 2026-01-15, from P1M before today to today"
