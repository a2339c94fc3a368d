"""The reading grades of what is shipped, as lint finds them."""

from functools import lru_cache
from pathlib import Path

from journeys.lint import lint_files
from journeys.lint.subject import Subject

ROOT = Path(__file__).parents[2]


@lru_cache
def linted(journey):
    return lint_files(ROOT / "definitions" / f"{journey}.yaml", ROOT / "content")


@lru_cache
def readings(journey):
    """Return (piece, reading) of every text of every piece."""
    found = linted(journey)
    return Subject(found.journey, found.catalogue.pieces, plan=found.plan, glossary=found.glossary).readings
