"""The types of facts: the values that a fact may have, and how a reported value becomes the stored value."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal

from journeys.primitives.canonical import EARLIEST, parse_day
from journeys.primitives.durations import Duration

FactKind = Literal["boolean", "choice", "set", "integer", "date", "text"]
FACT_KINDS: tuple[FactKind, ...] = ("boolean", "choice", "set", "integer", "date", "text")


class Declined(enum.Enum):
    """The state of a fact that the patient declined to answer."""

    DECLINED = "declined"


DECLINED = Declined.DECLINED

FIRST_DAY = EARLIEST.date()
#: The earliest accepted date of a fact; a year such as 0206 is a typing error.

Value = bool | str | int | list[str] | Declined
#: A told value: dates as text (`2026-01-15`), sets as sorted lists, so that it is also its JSON form.


@dataclass(frozen=True, slots=True)
class DateBound:
    """A bound of a date as written: a day, or a duration from the day of the report (negative for the past)."""

    text: str
    limit: date | Duration

    def on(self, today: date) -> date:
        """The bound for what is reported today."""
        if isinstance(self.limit, Duration):
            return self.limit.after(datetime.combine(today, time())).date()
        return self.limit

    @property
    def words(self) -> str:
        """The bound as an error names it."""
        if not isinstance(self.limit, Duration):
            return self.text
        if not self.limit.months and not self.limit.rest:
            return "today"
        return f"{self.text.removeprefix('-')} {'before' if self.text.startswith('-') else 'after'} today"


@dataclass(frozen=True, slots=True)
class FactType:
    """The type of a fact.

    `ancestors` holds, for each choice, the choice itself and all coarser values above it; `earliest` and `latest` bound
    a date.
    """

    kind: FactKind
    values: tuple[str, ...] = ()
    ancestors: Mapping[str, frozenset[str]] = field(default_factory=dict)
    leaves: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    max_length: int = 200
    earliest: DateBound | None = None
    latest: DateBound | None = None

    def accepts(self) -> str:
        """The accepted values, in words."""
        match self.kind:
            case "boolean":
                return "true or false"
            case "choice":
                return "one of " + ", ".join(self.values)
            case "set":
                return "a list of any of " + ", ".join(self.values)
            case "integer":
                return f"a whole number from {self.minimum} to {self.maximum}"
            case "date":
                return "a date such as 2026-01-15" + self._between()
            case _:
                return f"a text of at most {self.max_length} characters"

    def _between(self) -> str:
        if self.earliest is None and self.latest is None:
            return f", from {FIRST_DAY.isoformat()} on"
        first = self.earliest.words if self.earliest is not None else FIRST_DAY.isoformat()
        return f", from {first}" + (f" to {self.latest.words}" if self.latest is not None else "")

    def read(self, raw: Any, today: date | None = None, happened: date | None = None) -> Value:
        """The stored value of a reported value (JSON, or `{"declined": true}`).

        Args:
            raw: the value as it was reported.
            today: the day of the report, where the patient lives; dates are not bounded without it.
            happened: the day of what is reported, from which the earliest date counts where the report is late.

        Raises:
            ValueError: when the value is outside the type; the message says what is accepted and omits the value.
        """
        if raw is DECLINED or raw == {"declined": True}:
            return DECLINED
        value = self._read(raw)
        if value is not None and self.kind == "date" and today is not None:
            value = value if self._is_within(value, today, min(today, happened or today)) else None
        if value is None:
            raise ValueError(f'it must be {self.accepts()}, or {{"declined": true}}')
        return value

    def has(self, value: Value) -> bool:
        """Whether a stored value belongs to this type; every type accepts a declined fact."""
        return value is DECLINED or self._read(value) is not None

    def _read(self, raw: Any) -> Value | None:
        match self.kind:
            case "boolean":
                return raw if isinstance(raw, bool) else None
            case "choice":
                return raw if isinstance(raw, str) and raw in self.ancestors else None
            case "set":
                return self._read_set(raw)
            case "integer":
                return self._read_integer(raw)
            case "date":
                return _read_date(raw)
            case _:
                return _read_words(raw, self.max_length)

    def _is_within(self, value: Value, today: date, happened: date) -> bool:
        day = date.fromisoformat(str(value))
        if day < max(FIRST_DAY, self.earliest.on(happened) if self.earliest is not None else FIRST_DAY):
            return False
        return self.latest is None or day <= self.latest.on(today)

    def _read_set(self, raw: Any) -> list[str] | None:
        if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
            return None
        if not set(raw) <= set(self.values):
            return None
        return sorted(set(raw))

    def _read_integer(self, raw: Any) -> int | None:
        if isinstance(raw, bool) or not isinstance(raw, int):
            return None
        if self.minimum is not None and raw < self.minimum:
            return None
        if self.maximum is not None and raw > self.maximum:
            return None
        return raw


def _read_date(raw: Any) -> str | None:
    if not isinstance(raw, str):
        return None
    try:
        parse_day(raw)
    except ValueError:
        return None
    return raw  # there is one spelling of a day


def _read_words(raw: Any, max_length: int) -> str | None:
    """A text that every database and UTF-8 can hold: without NUL and without half a surrogate pair."""
    if not isinstance(raw, str) or len(raw) > max_length or "\0" in raw:
        return None
    return None if any("\ud800" <= character <= "\udfff" for character in raw) else raw


def read_text(kind: FactType, text: str) -> Value:
    """The value of a YAML scalar (always text) in a story or a persona.

    Raises:
        ValueError: when the text is not a value of the type.
    """
    raw: Any = text
    if text == "declined":
        raw = DECLINED
    elif kind.kind == "boolean":
        raw = {"true": True, "yes": True, "false": False, "no": False}.get(text)
    elif kind.kind == "integer":
        raw = int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else None
    return kind.read(raw)


def wire_value(value: Value) -> Any:
    """The JSON form of a told value."""
    return {"declined": True} if value is DECLINED else value
