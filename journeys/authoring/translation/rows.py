"""The file that goes to translators and comes back, whatever its format: rows with id, source, target, state, note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from journeys.authoring.translation.units import Unit

MAX_BYTES = 16 * 1024 * 1024
#: Of a file that comes back; the texts of a large journey have about one.

State = Literal["initial", "translated"]


class UnreadableTranslation(Exception):
    """A translation that cannot be read or written in a format; the text says why, and what is accepted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit in the file; an empty target, or a copy of the source in the state `initial`, waits for translation."""

    id: str
    source: str
    target: str = ""
    state: State = "initial"
    note: str = ""

    @property
    def is_translated(self) -> bool:
        """Whether the target is a translation."""
        return bool(self.target.strip()) and (self.state != "initial" or self.target != self.source)


@dataclass(frozen=True, slots=True)
class TranslationFile:
    """The rows of a journey, from one language into another."""

    journey: str
    source_locale: str
    locale: str
    rows: tuple[Row, ...]


def rows_of(units: Iterable[Unit]) -> tuple[Row, ...]:
    """The rows of units."""
    return tuple(
        Row(unit.id, unit.source, unit.target or "", "initial" if unit.target is None else "translated", unit.note)
        for unit in units
    )
