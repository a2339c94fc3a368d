"""Reading grades of the shipped content, measured by lint."""

from functools import lru_cache

from journeys.authoring.lint import lint_files, readings_of
from tests.folders import ROOT


@lru_cache
def linted(journey):
    return lint_files(ROOT / "definitions" / f"{journey}.yaml", ROOT / "content")


@lru_cache
def readings(journey):
    """Return (piece, reading) of every text of every piece."""
    return readings_of(linted(journey))
