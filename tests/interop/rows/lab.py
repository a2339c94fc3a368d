"""A laboratory whose rows become events of the sample journey, and rows made up for one test."""

from functools import lru_cache

from journeys.definition.compiler import ReleasePlan, compile_journey
from journeys.definition.reading import read_journey
from journeys.interop.rows import RowSource, read_row_sources
from tests.folders import SAMPLES

SOURCES = """
sources:
  lab:
    id: sample
    patient: patient
    time: taken_on
    rules:
      scan:
        rows: {test: [CT, MRI], status: done}
        trigger: scan_done
        facts:
          last_scan_on: {column: taken_on}
          pack_years: {column: packs, may_be_empty: true}
      result:
        rows: {test: [CT, MRI], status: final}
        trigger: scan_result_reported
        facts:
          scan_result: {column: result, values: {N: clear, U: unclear, S: suspicious}}
      stage:
        rows: {test: stage}
        trigger: answers_given
        facts:
          stage_group: {column: result, values: {"1a": IA, "1b": IB}}
          stage_edition: "9"
"""
COLUMNS = ("sample", "patient", "taken_on", "test", "status", "result", "packs")
ROW = {
    "sample": "s-1",
    "patient": "p1",
    "taken_on": "2026-06-20",
    "test": "CT",
    "status": "done",
    "result": "",
    "packs": "",
}


@lru_cache
def plan() -> ReleasePlan:
    journey, problems = read_journey((SAMPLES / "definitions" / "follow_up.yaml").read_bytes(), "follow_up.yaml")
    assert journey is not None
    assert problems == []
    return compile_journey(journey)


@lru_cache
def source(text: str = SOURCES) -> RowSource:
    sources, problems = read_row_sources(text.encode(), "follow_up.sources.yaml", plan())
    assert problems == []
    return next(iter(sources.values()))


def row(**cells: str) -> dict[str, str]:
    return ROW | cells


def table(*rows: dict[str, str], delimiter: str = ",", end: str = "\r\n") -> bytes:
    """The rows as a CSV file."""
    lines = [delimiter.join(COLUMNS), *(delimiter.join(cells.values()) for cells in rows)]
    return "".join(line + end for line in lines).encode()
