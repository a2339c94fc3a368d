"""The states that declared transitions lead to. Placements by staff are not considered."""

from __future__ import annotations

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.compiler import ReleasePlan


def reachable_leaves(plan: ReleasePlan) -> frozenset[str]:
    """The leaf states (full paths) that an enrollment can reach by declared transitions."""
    subject = LintSubject(plan.journey)
    ends: dict[str, set[str]] = {}
    for edge in subject.edges:
        ends.setdefault(edge.start, set()).add(edge.end)
    reached = set(subject.beginnings)
    frontier = list(reached)
    while frontier:
        next_states = ends.get(frontier.pop(), set()) - reached
        reached |= next_states
        frontier += next_states
    return frozenset(reached)
