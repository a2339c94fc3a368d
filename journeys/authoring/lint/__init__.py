"""Lint: every mistake of a journey and its content, found before it can be published."""

from journeys.authoring.lint.rules import RULES
from journeys.authoring.lint.run import CONTENT_RULES, Linted, lint_files, lint_journey, readings_of

__all__ = ["CONTENT_RULES", "RULES", "Linted", "lint_files", "lint_journey", "readings_of"]
