"""Lint: every mistake of a journey and its content, found before it can be published."""

from journeys.authoring.lint.between import check_topic_names
from journeys.authoring.lint.row_sources import SOURCES, SourcesFile, read_sources_beside
from journeys.authoring.lint.rules import FILE_RULES, RULES
from journeys.authoring.lint.run import (
    CONTENT_RULES,
    PLAY_RULES,
    Linted,
    check_files,
    lint_files,
    lint_journey,
    question_readings_of,
    read_checked,
    readings_of,
)

__all__ = [
    "CONTENT_RULES",
    "FILE_RULES",
    "PLAY_RULES",
    "RULES",
    "SOURCES",
    "Linted",
    "SourcesFile",
    "check_files",
    "check_topic_names",
    "lint_files",
    "lint_journey",
    "question_readings_of",
    "read_checked",
    "read_sources_beside",
    "readings_of",
]
