"""A browser for the tests that need one; they are skipped where there is none."""

from tests.service.demo.conftest import browser

__all__ = ["browser"]
