"""Every state can be reached from an initial state or an entry, through events, timers or entries of other tracks.

The rule skips a track in which a target or an `initial` is wrong, because its transitions are unknown.

Wrong: a state that no `to` leads to. Right: remove the state, or declare a transition to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.graph import reachable_leaves
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import is_within

ID = "unreachable-state"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each state that no transition, timer or entry reaches."""
    reached = reachable_leaves(subject.journey)
    for track in subject.journey.tracks.values():
        if not subject.leads_somewhere(track):
            continue
        for state in track.states.values():
            full = f"{track.name}.{state.path}"
            if not any(is_within(leaf, full) for leaf in reached):
                message = f"Nothing leads to '{state.path}'. Declare a transition to it, or remove it."
                yield subject.problem(state.mark, message)
