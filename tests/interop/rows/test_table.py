"""CSV files as they come: a bad row never stops the good ones, and a file that is none is named as such."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.interop.rows import ROW, read_table
from journeys.primitives.errors import NotATable, Refused
from tests.interop.rows.lab import COLUMNS, row, table

CANARY = "canary"


def ids(data: bytes) -> list[tuple[int, str]]:
    """The number of each row with its id, or with its mistake."""
    return [
        (
            numbered.number,
            numbered.cells.fields[ROW][0][:20] if isinstance(numbered.cells, Refused) else numbered.cells["sample"],
        )
        for numbered in read_table(data, COLUMNS)
    ]


GOOD = table(row(sample="a"), row(sample="b"))
EXPECTED = [(2, "a"), (3, "b")]


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        table(row(sample="a"), row(sample="b"), delimiter=";"),
        table(row(sample="a"), row(sample="b"), end="\n"),
        table(row(sample="a"), row(sample="b"), end="\r"),
        GOOD.replace(b"\r\n", b"\n", 2),
        GOOD.rstrip(b"\r\n"),
        GOOD.replace(b"sample,", b' "sample" ,'.replace(b" ", b"")),
        GOOD.replace(b"sample,", b"sample ,"),
        b"\r\n".join(line + b",," for line in GOOD.splitlines()),
    ],
    ids=["plain", "mark", "semicolons", "unix", "old-mac", "mixed", "no-end", "quoted", "blank", "nameless"],
)
def test_the_usual_forms_of_a_file_are_read(data):
    assert ids(data) == EXPECTED


def test_a_line_break_within_quotation_marks_is_part_of_the_cell():
    data = table(row(sample='"a"'), row(sample="b", result='"two\r\nlines; ""quoted"", and a comma"'), row(sample="c"))
    rows = [numbered.cells for numbered in read_table(data, COLUMNS)]
    assert [cells["sample"] for cells in rows] == ["a", "b", "c"]
    assert rows[1]["result"] == 'two\r\nlines; "quoted", and a comma'


def test_empty_rows_are_left_out_and_counted():
    assert ids(table(row(sample="a")) + b"\r\n,,,,,,\r\n" + b",".join([b"b", *[b""] * 6])) == [(2, "a"), (5, "b")]


@pytest.mark.parametrize(
    ("bad", "mistake"),
    [
        (b"x,y\r\n", "This row has 2 cells"),
        (b",".join([b"x"] * 9) + b"\r\n", "This row has 9 cells"),
        (b'"x"y,,,,,,\r\n', "This row is not CSV: "),
        (b"x" * 1_000_000 + b",,,,,,\r\n", "This row is not CSV: "),
        (b'"' + b"x,\r\nx" * 250_000 + b'",,,,,,\r\n', "This row is not CSV: "),
    ],
    ids=["too-few", "too-many", "quotation", "long-cell", "long-quoted-cell"],
)
def test_a_bad_row_does_not_stop_the_good_ones(bad, mistake):
    head, first, last = GOOD.splitlines(keepends=True)
    assert ids(head + first + bad + last) == [(2, "a"), (3, mistake[:20]), (4, "b")]


def test_a_quotation_mark_that_is_never_closed_is_a_mistake_of_its_row():
    head, first, last = GOOD.splitlines(keepends=True)
    assert ids(head + first + b'"x,,,,,,\r\n' + last) == [(2, "a"), (3, "This row is not CSV:")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"\r\n\r\n", "The file is empty."),
        (GOOD.replace(b"patient", b"mrn"), "The first row lacks the columns 'patient'."),
        (GOOD.partition(b"\r\n")[2], "The first row lacks the columns 'packs', 'patient',"),
        (GOOD.replace(b"result", b"status"), "The first row lacks the columns 'result'."),
        (GOOD.replace(b",packs", b",packs,status"), "The first row names the columns 'status' twice."),
        (GOOD.replace(b",", b"\t"), "The first row lacks the columns 'packs', 'patient', 'result', 'sample'"),
        (GOOD.decode().replace("p1", "Peñ").encode("cp1252"), "The file is not UTF-8, but probably Windows-1252."),
        (GOOD.decode().encode("utf-16"), "The file is UTF-16."),
        (b"PK\x03\x04\xff\xfe", "The file is not UTF-8"),
        (b"x" * (64 * 1024 * 1024 + 1), "The file is larger than 64 MB."),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(data, message):
    with pytest.raises(NotATable) as refused:
        list(read_table(data, COLUMNS))
    assert refused.value.detail.startswith(message)


def test_a_mistake_repeats_nothing_of_the_file():
    headless = table(row(sample=CANARY)).partition(b"\r\n")[2]
    with pytest.raises(NotATable) as refused:
        read_table(headless, COLUMNS)
    assert CANARY not in str(refused.value)
    (numbered,) = read_table(GOOD.splitlines(keepends=True)[0] + CANARY.encode(), COLUMNS)
    assert CANARY not in repr(numbered.cells.fields)


def test_a_hundred_thousand_rows_are_read_one_by_one():
    data = table(row()) + b"".join(b"s-%d,p1,2026-06-20,CT,done,,\r\n" % number for number in range(100_000))
    assert sum(not isinstance(numbered.cells, Refused) for numbered in read_table(data, COLUMNS)) == 100_001


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=7, max_size=7)))
def test_what_a_spreadsheet_writes_is_read_as_it_was(rows):
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([COLUMNS, *rows])
    cells = [numbered.cells for numbered in read_table(written.getvalue().encode(), COLUMNS)]
    assert [list(read.values()) for read in cells] == [texts for texts in rows if any(texts)]
