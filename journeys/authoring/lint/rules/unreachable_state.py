"""Every state can be entered: from an initial state or an entry, by events, timers and entries of other tracks.

A track in which a target or an `initial` is wrong is not looked at: where it was to lead is not known.

Wrong: a state to which no `to` leads. Remove it, or declare how it is reached.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "unreachable-state"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each state that nothing enters."""
    ends: dict[str, set[str]] = {}
    for edge in subject.edges:
        ends.setdefault(edge.start, set()).add(edge.end)
    reached = set(subject.beginnings)
    frontier = list(reached)
    while frontier:
        newly_reached = ends.get(frontier.pop(), set()) - reached
        reached |= newly_reached
        frontier += newly_reached
    for track, state in subject.states():
        if not subject.leads_somewhere(track):
            continue
        full = f"{track.name}.{state.path}"
        if not any(leaf == full or leaf.startswith(full + ".") for leaf in reached):
            yield subject.problem(state.mark, f"Nothing leads to '{state.path}'. Declare a way to it, or remove it.")
