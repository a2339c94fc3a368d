"""Turns the rows of other systems' tables into events of a journey by declared sources; no I/O, no clock."""

from journeys.interop.rows.event import RowEvent, event_of_row
from journeys.interop.rows.source import RowSource, RowSourcesForm, read_row_sources
from journeys.interop.rows.table import MAX_TABLE_BYTES, ROW, NumberedRow, read_table

__all__ = [
    "MAX_TABLE_BYTES",
    "ROW",
    "NumberedRow",
    "RowEvent",
    "RowSource",
    "RowSourcesForm",
    "event_of_row",
    "read_row_sources",
    "read_table",
]
