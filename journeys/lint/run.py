"""Runs the rules over a journey and its content and gives every problem, sorted by place."""

from __future__ import annotations

from collections.abc import Mapping

from journeys.lint.rules import RULES
from journeys.lint.subject import Subject
from journeys.model import Journey
from journeys.problems import Problem


def lint_journey(journey: Journey, pieces: Mapping[str, object] | None = None) -> list[Problem]:
    """Every problem that the rules find in a journey (its shape was checked when it was read)."""
    subject = Subject(journey, pieces)
    found: list[Problem] = []
    for rule in RULES:
        for problem in rule.check(subject):
            found.append(Problem(problem.file, problem.line, problem.column, problem.level, rule.ID, problem.message))
    return sorted(set(found))
