"""Lint: every mistake of a journey and its content, found before it can be published."""

from journeys.lint.rules import RULES
from journeys.lint.run import Linted, lint_files, lint_journey, readings_of

__all__ = ["RULES", "Linted", "lint_files", "lint_journey", "readings_of"]
