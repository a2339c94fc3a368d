"""Lint: every mistake of a journey and its content, found before it can be published."""

from journeys.lint.rules import RULES
from journeys.lint.run import lint_journey

__all__ = ["RULES", "lint_journey"]
