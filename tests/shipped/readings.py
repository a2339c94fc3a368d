"""Reading grades of the shipped content, measured by lint."""

from functools import lru_cache

from journeys.authoring.lint import readings_of
from tests.read_once import read_shipped


@lru_cache
def readings(journey):
    """Return (piece, reading) of every text of every piece."""
    return readings_of(read_shipped(journey))[0]
