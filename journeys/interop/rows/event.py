"""Reads one row, as texts by column, into the event that it reports; a mistake names columns, never a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeys.definition.facts import Value, read_text, wire_value
from journeys.interop.rows.source import RowFact, RowRule, RowSource
from journeys.primitives.canonical import canonical, parse_time, time_text
from journeys.primitives.characters import is_plain_line
from journeys.primitives.errors import Refused

LONGEST_CELL = 1_000
LONGEST_ID = 255
LONGEST_REFERENCE = 128
MISSING = "This column is required."
EMPTY = "This cell is empty. It needs a value."
TOO_LONG = "This cell is too long; {:,} characters are accepted."
FORMULA = "This cell is a formula. Export values."
NOT_A_LINE = "This cell has a line break or a control character. It must be one line of text."
TIME = "This must be a date such as 2026-01-15, or a time with its offset such as 2026-01-15T10:00:00Z."


@dataclass(frozen=True, slots=True)
class RowEvent:
    """The event that a row reports.

    `at` is the instant, or the first of its day with `day`; `columns` are the columns by the field of the event.
    """

    id: str
    patient_ref: str
    trigger: str
    at: datetime
    day: bool
    facts: Mapping[str, Value]
    columns: Mapping[str, str]

    @property
    def content(self) -> bytes:
        """What the row says, as canonical JSON: equal for rows that mean the same."""
        return canonical([self.patient_ref, self.body])

    @property
    def body(self) -> Mapping[str, Any]:
        """The event as plain JSON values."""
        return {
            "id": self.id,
            "type": self.trigger,
            "occurred_at": time_text(self.at, self.day),
            "facts": {name: wire_value(value) for name, value in self.facts.items()},
        }


def event_of_row(source: RowSource, cells: Mapping[str, str]) -> RowEvent | None:
    """The event that a row reports, or None where the row fits no rule.

    Args:
        source: the declared source.
        cells: the text of each cell by its column; columns that the source does not name are not read.

    Raises:
        Refused: columns are missing, or cells are not accepted, by column.
    """
    deciding = (*source.id, *(column for rule in source.rules for column in rule.texts))
    missing = {column: [MISSING] for column in deciding if column not in cells}
    if missing:
        raise Refused(missing)
    rule = next((rule for rule in source.rules if rule.fits(cells)), None)
    return _RowReader(source, cells).event(rule) if rule is not None else None


class _RowReader:
    """Reads the cells of one row and notes the first mistake of each column."""

    def __init__(self, source: RowSource, cells: Mapping[str, str]) -> None:
        self._source = source
        self._cells = cells
        self._mistakes: dict[str, list[str]] = {}

    def event(self, rule: RowRule) -> RowEvent:
        source = self._source
        ids = [self._cell(column, (LONGEST_ID + 1) // len(source.id) - 1) for column in source.id]
        prefix = f"{source.system}|" if source.system is not None else ""
        patient = self._cell(source.patient, LONGEST_REFERENCE - len(prefix))
        at, day = self._time()
        facts = {fact.name: value for fact in rule.facts if (value := self._value(fact)) is not None}
        if self._mistakes or patient is None or at is None:
            raise Refused(self._mistakes)
        columns = {f"facts.{fact.name}": fact.column for fact in rule.facts if fact.column is not None}
        columns["occurred_at"] = source.time
        id = "|".join(text for text in ids if text is not None)
        return RowEvent(id, prefix + patient, rule.trigger, at, day, facts, columns)

    def _cell(
        self, column: str, longest: int = LONGEST_CELL, *, may_be_empty: bool = False, has_lines: bool = False
    ) -> str | None:
        text = self._cells.get(column)
        text = text.strip() if text is not None else None
        if text is None:
            mistake = MISSING
        elif not text:
            mistake = "" if may_be_empty else EMPTY
        elif len(text) > longest:
            mistake = TOO_LONG.format(longest)
        elif text.startswith("="):
            mistake = FORMULA
        elif not (is_plain_line(text) or has_lines):
            mistake = NOT_A_LINE
        else:
            return text
        if mistake:
            self._mistakes.setdefault(column, [mistake])
        return None

    def _time(self) -> tuple[datetime | None, bool]:
        text = self._cell(self._source.time)
        if text is None:
            return None, False
        try:
            return parse_time(text)
        except ValueError:
            self._mistakes.setdefault(self._source.time, [TIME])
            return None, False

    def _value(self, fact: RowFact) -> Value | None:
        if fact.column is None:
            return fact.value
        text = self._cell(fact.column, may_be_empty=fact.may_be_empty, has_lines=fact.kind.kind == "text")
        if text is None:
            return None
        try:
            return fact.table[text] if fact.table else read_text(fact.kind, text)
        except KeyError:
            accepted = f"This must be {_either(sorted(fact.table))}: the texts that the source declares."
        except ValueError:
            accepted = f"This must be {fact.kind.accepts()}."
        self._mistakes.setdefault(fact.column, [accepted])
        return None


def _either(texts: list[str]) -> str:
    quoted = [f"'{text}'" for text in texts]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
