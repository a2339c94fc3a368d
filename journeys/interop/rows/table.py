"""Reads CSV into numbered rows: UTF-8, with commas or semicolons, one mistake for each row that cannot be read."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from journeys.primitives.errors import NotATable, Refused

MAX_TABLE_BYTES = 64 * 1024 * 1024
DELIMITERS = (",", ";")
#: The name under which a mistake of a whole row is noted, which is not that of a column.
ROW = "row"
TOO_LARGE = f"The file is larger than {MAX_TABLE_BYTES // 1024 // 1024} MB. Split it."
NO_HEADER = "The file is empty. Its first row must name the columns."
UTF_16 = "The file is UTF-16. Save it as UTF-8 ('CSV UTF-8' in Excel)."
NOT_UTF_8 = "The file is not UTF-8, but probably Windows-1252. Save it as UTF-8 ('CSV UTF-8' in Excel)."
OTHER_LENGTH = "This row has {} cells, and the first row has {}."
MALFORMED = "This row is not CSV: a cell is longer than {:,} characters, or a quotation mark is not closed or doubled."
NO_COLUMNS = "The first row lacks the columns {}. The delimiter is a comma or a semicolon."
DOUBLED = "The first row names the columns {} twice."


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A row: `number` counts from 1, the first row being the header; `cells` are its texts by column, or a mistake."""

    number: int
    cells: Mapping[str, str] | Refused


def read_table(data: bytes, columns: Collection[str]) -> Iterator[NumberedRow]:
    """The rows of a CSV file (RFC 4180), without empty ones; columns without a name are not read.

    Args:
        data: the bytes of the file.
        columns: the columns that it must have.

    Raises:
        NotATable: the file is not UTF-8, or its first row does not name the columns once each.
    """
    text = _decoded(data)
    delimiter = max(DELIMITERS, key=lambda sign: len({*columns}.intersection(_header(text, sign))))
    header = _header(text, delimiter)
    if not any(header):
        raise NotATable(NO_HEADER)
    counts = Counter(header)
    if missing := sorted({*columns} - counts.keys()):
        raise NotATable(NO_COLUMNS.format(_quoted(missing)))
    if doubled := sorted(column for column in columns if counts[column] > 1):
        raise NotATable(DOUBLED.format(_quoted(doubled)))
    return _rows(text, delimiter, header)


def _decoded(data: bytes) -> str:
    if len(data) > MAX_TABLE_BYTES:
        raise NotATable(TOO_LARGE)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotATable(UTF_16)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotATable(NOT_UTF_8) from None


def _header(text: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])]
    except csv.Error:
        return []


def _rows(text: str, delimiter: str, header: list[str]) -> Iterator[NumberedRow]:
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            lines.skip_row()
            yield NumberedRow(number, Refused({ROW: [MALFORMED.format(csv.field_size_limit())]}))
            continue
        if number == 1 or not any(cells):
            continue
        if len(cells) == len(header):
            yield NumberedRow(number, {column: cell for column, cell in zip(header, cells, strict=True) if column})
        else:
            yield NumberedRow(number, Refused({ROW: [OTHER_LENGTH.format(len(cells), len(header))]}))


class _Lines:
    """The lines of a text, which remembers whether a row that could not be read goes on in the next line."""

    def __init__(self, text: str) -> None:
        self._lines = iter(io.StringIO(text, newline=""))
        self._quotes = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._quotes += line.count('"')
        return line

    def begin_row(self) -> None:
        """A row begins with the next line."""
        self._quotes = 0

    def skip_row(self) -> None:
        """Reads on to the end of the row: the line in which its last quotation mark is closed."""
        while self._quotes % 2 and next(self, None) is not None:
            pass


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
