"""Finds the steps between states that may take no time, or hardly any, and the loops of such steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.graph import Edge, instant_steps
from journeys.definition.model import Mark
from journeys.primitives.graphs import components

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class ZeroTimeStep:
    """A step from one leaf to another (full paths) that may take no time; each `reason` takes only one of its steps."""

    start: str
    end: str
    reason: str
    mark: Mark


def zero_time_steps(subject: LintSubject, at_most: timedelta = NO_TIME) -> Iterator[ZeroTimeStep]:
    """The steps of timers that may be due within `at_most`, then those of reactions to entries in other tracks."""
    steps = instant_steps(subject.edges, subject.journey.leaf_paths, at_most)
    for leaf, edge in sorted(steps, key=lambda step: step[1].kind == "raised"):
        yield ZeroTimeStep(leaf, edge.leads_to, _reason(leaf, edge), edge.mark)


def _reason(leaf: str, edge: Edge) -> str:
    if edge.kind == "raised":
        return f"{edge.trigger} in {edge.track}"
    return "after" if edge.declared_by == leaf else f"{edge.on} in {edge.source}"  # a leaf is left by its first


def loops(subject: LintSubject, steps: Sequence[ZeroTimeStep]) -> list[frozenset[str]]:
    """The sets of leaves that can follow each other in a loop."""
    return components(subject.journey.leaf_paths, [(step.start, step.end) for step in steps])
