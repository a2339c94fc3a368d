"""Lint: every mistake of a journey and its content, found before it can be published."""

from journeys.lint.rules import RULES
from journeys.lint.run import CONTENT_RULES, Linted, lint_files, lint_journey, readings_of

__all__ = ["CONTENT_RULES", "RULES", "Linted", "lint_files", "lint_journey", "readings_of"]
