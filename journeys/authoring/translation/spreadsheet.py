"""A spreadsheet as CSV: UTF-8 with a byte order mark, every cell in quotes, and no cell that is taken for a formula.

A text that a spreadsheet would calculate or turn into a number or a date gets an apostrophe in front, as spreadsheets
themselves write it; reading takes it away.
"""

from __future__ import annotations

import csv
import io
import re

from journeys.authoring.translation.edits import unified
from journeys.authoring.translation.rows import Row, TranslationFile, UnreadableTranslation

COLUMNS = ("id", "state", "note")
_CALCULATED = re.compile(r"['=+\-@\t\d＝＋－＠]")


def write_csv(file: TranslationFile) -> bytes:
    """The rows as CSV, under the names of the two languages."""
    lines = io.StringIO()
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["id", file.source_locale, file.locale, "state", "note"])
    for row in file.rows:
        writer.writerow([row.id, *map(_as_text, (row.source, row.target)), row.state, _as_text(row.note)])
    return lines.getvalue().encode("utf-8-sig")


def read_csv(data: bytes) -> TranslationFile:
    """The rows of a CSV file with commas, semicolons or tabs; further columns are passed over.

    Raises:
        UnreadableTranslation: the file is not UTF-8, or lacks a column.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableTranslation("The file is not UTF-8. Save it as 'CSV UTF-8'.") from None
    first = re.match(r'"?[^",;\t\r\n]*"?([,;\t])', text)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=first[1] if first else ",", strict=True))
    except csv.Error as error:
        raise UnreadableTranslation(f"This is not CSV: {error}.") from None
    header = lines[0] if lines else []
    languages = [name for name in header if name and name not in COLUMNS]
    if len(languages) < 2 or len(set(header)) < len(header) or "id" not in header or "state" not in header:
        message = "The first line names the columns: id, the language of the source, the language of the target, state"
        raise UnreadableTranslation(f"{message}, note; a file of `journeys translation export` has them.")
    rows = [_row(line, header, languages, number) for number, line in enumerate(lines[1:], start=2) if any(line)]
    journeys = {row.id.partition(":")[0] for row in rows}
    if len(journeys) != 1:
        raise UnreadableTranslation("The file must have units of one journey, each with its id.")
    return TranslationFile(journeys.pop(), languages[0], languages[1], tuple(rows))


def _row(line: list[str], header: list[str], languages: list[str], number: int) -> Row:
    if len(line) < len(header):
        message = f"Row {number} has {len(line)} cells; the first has {len(header)}."
        raise UnreadableTranslation(message)
    cells = dict(zip(header, line, strict=False))
    source, target = (unified(_as_written(cells[language])) for language in languages[:2])
    is_initial = cells["state"].strip().lower() in ("", "initial")
    return Row(cells["id"].strip(), source, target, "initial" if is_initial else "translated")


def _as_text(text: str) -> str:
    return f"'{text}" if _CALCULATED.match(text) else text


def _as_written(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _CALCULATED.match(cell[1:]) else cell
