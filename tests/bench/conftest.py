"""A browser for the tests that need one; they are skipped where there is none."""

from tests.demonstration.conftest import browser

__all__ = ["browser"]
