"""Finds the configurations of a space from which others can be reached; it drives no path."""

from __future__ import annotations

from collections.abc import Set

from journeys.analysis.proofs.proof_space import ProofSpace
from journeys.analysis.space import SpaceConfiguration


def leading_to(space: ProofSpace, targets: Set[SpaceConfiguration]) -> set[SpaceConfiguration]:
    """All configurations from which some steps lead to a target."""
    predecessors: dict[SpaceConfiguration, set[SpaceConfiguration]] = {}
    for configuration in space.reached:
        for step in space.steps(configuration):
            predecessors.setdefault(step.after, set()).add(configuration)
    leading = set(targets)
    frontier = list(targets)
    while frontier:
        new = predecessors.get(frontier.pop(), set()) - leading
        leading |= new
        frontier += new
    return leading


def surely_leading_to(space: ProofSpace, targets: Set[SpaceConfiguration]) -> set[SpaceConfiguration]:
    """All configurations from which reporters can always make a patient reach a target."""
    outcomes = {
        configuration: list(space.surely(configuration))
        for configuration in space.reached
        if configuration not in targets
    }
    leading = set(targets)
    while True:
        new = {start for start, sets in outcomes.items() if any(ends <= leading for ends in sets)} - leading
        if not new:
            return leading
        leading |= new
