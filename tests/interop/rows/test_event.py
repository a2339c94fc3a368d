"""One row as an event: what it means, and a mistake by column that repeats nothing of a cell."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.definition.facts import DECLINED
from journeys.interop.rows import event_of_row
from journeys.primitives.errors import Refused
from tests.interop.rows.lab import COLUMNS, SOURCES, row, source

CANARY = "canary"


def event(**cells):
    return event_of_row(source(), row(**cells))


def test_a_row_becomes_the_event_of_the_rule_that_it_fits():
    done = event(packs="30")
    assert (done.id, done.patient_ref, done.trigger) == ("s-1", "p1", "scan_done")
    assert (done.at, done.day) == (datetime(2026, 6, 20, tzinfo=UTC), True)
    assert done.facts == {"last_scan_on": "2026-06-20", "pack_years": 30}
    assert event(status="final", result="S").facts == {"scan_result": "suspicious"}
    assert event(test="stage", result="1b").facts == {"stage_group": "IB", "stage_edition": 9}


def test_an_instant_keeps_its_offset():
    at_night = event(taken_on="2026-06-20T23:30:00-05:00", status="final", result="N")
    assert (at_night.at, at_night.day) == (datetime(2026, 6, 21, 4, 30, tzinfo=UTC), False)


def test_a_row_that_fits_no_rule_is_no_event():
    assert event(test="blood") is None
    assert event(status="FINAL") is None


def test_columns_that_the_source_does_not_name_are_not_read():
    assert event_of_row(source(), row() | {"note": "=1\x00" * 1000}) == event()


def test_blanks_around_a_text_do_not_count():
    assert event(sample=" s-1 ", test="CT ", taken_on=" 2026-06-20") == event()


def test_a_reference_is_one_of_its_identifier_system():
    within = source(SOURCES.replace("    id: sample", "    id: sample\n    system: urn:clinic"))
    assert event_of_row(within, row()).patient_ref == "urn:clinic|p1"


def test_a_fact_may_be_declined():
    assert event(packs="declined").facts["pack_years"] is DECLINED


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"sample": ""}, "sample", "This cell is empty."),
        ({"sample": CANARY * 100}, "sample", "This cell is too long; 255 characters"),
        ({"sample": f"={CANARY}"}, "sample", "This cell is a formula."),
        ({"sample": f"{CANARY}\x00"}, "sample", "This cell has a line break or a control character."),
        ({"patient": f"{CANARY}\nx"}, "patient", "This cell has a line break or a control character."),
        ({"patient": "=HYPERLINK(1)"}, "patient", "This cell is a formula."),
        ({"patient": CANARY * 30}, "patient", "This cell is too long; 128 characters"),
        ({"taken_on": "20/06/2026"}, "taken_on", "This must be a date such as 2026-01-15"),
        ({"taken_on": "06.2026"}, "taken_on", "This must be a date such as 2026-01-15"),
        ({"taken_on": "2026-02-30"}, "taken_on", "This must be a date such as 2026-01-15"),
        ({"taken_on": "2026-06-20T10:00:00"}, "taken_on", "This must be a date such as 2026-01-15"),
        ({"taken_on": "46193"}, "taken_on", "This must be a date such as 2026-01-15"),
        ({"packs": "thirty"}, "packs", "This must be a whole number from 0 to 200"),
        ({"packs": "-1"}, "packs", "This must be a whole number from 0 to 200"),
        ({"status": "final", "result": CANARY}, "result", "This must be 'N', 'S' or 'U'"),
        ({"status": "final", "result": ""}, "result", "This cell is empty."),
        ({"test": "stage", "result": "1A"}, "result", "This must be '1a' or '1b'"),
    ],
)
def test_a_mistake_is_named_by_its_column(cells, column, message):
    with pytest.raises(Refused) as refused:
        event(**cells)
    (text,) = refused.value.fields[column]
    assert text.startswith(message)
    assert CANARY not in repr(refused.value.fields)


def test_every_mistake_of_a_row_is_named_at_once():
    with pytest.raises(Refused) as refused:
        event(sample="", patient="", taken_on="soon", packs="many")
    assert refused.value.fields.keys() == {"sample", "patient", "taken_on", "packs"}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(column):
    cells = row()
    del cells[column]
    if column == "result":  # only other rules read it
        assert event_of_row(source(), cells) == event()
        return
    with pytest.raises(Refused, match="Some values") as refused:
        event_of_row(source(), cells)
    assert refused.value.fields == {column: ["This column is required."]}


def test_rows_that_mean_the_same_have_the_same_content():
    assert event().content == event(result="anything").content
    different = [event(patient="p2"), event(taken_on="2026-06-21"), event(packs="1"), event(status="final", result="N")]
    assert len({event().content, *(other.content for other in different)}) == 5


@given(st.fixed_dictionaries({column: st.text(max_size=40) for column in COLUMNS}))
def test_no_row_breaks_the_reader_or_is_repeated_in_a_mistake(cells):
    marked = {column: f"\u2603{text}" if column != "test" else "CT" for column, text in cells.items()} | {
        "status": "done"
    }
    try:
        event_of_row(source(), marked)
    except Refused as refused:
        assert "\u2603" not in repr(refused.fields)


def test_several_columns_can_name_a_row_together():
    named = source(SOURCES.replace("    id: sample", "    id: [sample, status]"))
    assert event_of_row(named, row()).id == "s-1|done"
    assert event_of_row(named, row(status="final", result="N")).id == "s-1|final"
