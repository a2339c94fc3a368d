"""The transitions that a track offers in a leaf on a trigger, in the order in which the engine asks them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from journeys.definition.compiler import Candidate, TrackPlan
from journeys.definition.conditions import Compiled, InState, Visits, walk
from journeys.engine.machine import Cursor


@dataclass(frozen=True, slots=True)
class Offers:
    """The transitions offered, and properties of their conditions.

    Attributes:
        candidates: the transitions, innermost state first.
        conditions: their conditions.
        askable: the candidates up to the first state that always takes one; the engine asks no other.
        has_otherwise: whether one of them is taken when no other condition is true.
        raises: the entries they may raise that some track listens to.
        reads_states: whether a condition reads where the tracks are, or how often they were there.
    """

    candidates: tuple[Candidate, ...]
    conditions: tuple[Compiled, ...]
    askable: tuple[Candidate, ...]
    has_otherwise: bool
    raises: frozenset[str]
    reads_states: bool

    def select(self, cursor: Cursor) -> Candidate | None:
        """The transition that the engine takes, or None; the cursor says what the track waits for."""
        return next((candidate for candidate in self.candidates if cursor.offer(candidate)), None)


def offers_of(track: TrackPlan, leaf: str, trigger: str, heard: Set[str], deepest: int | None = None) -> Offers:
    """The offers of a track in a leaf on a trigger.

    Args:
        track: the track.
        leaf: the path of the leaf.
        trigger: the event, or the entry.
        heard: the entries that some track listens to.
        deepest: the depth of the state to begin at, where an event waits in it; the leaf without it.
    """
    by_state = [track.handlers.get((state.path, trigger), ()) for state in reversed(track.chain(leaf)[:deepest])]
    offered = [candidate for candidates in by_state for candidate in candidates]
    is_certain = [any(candidate.condition is None for candidate in candidates) for candidates in by_state]
    askable = by_state[: is_certain.index(True) + 1] if True in is_certain else by_state
    conditions = tuple(candidate.condition for candidate in offered if candidate.condition is not None)
    return Offers(
        candidates=tuple(offered),
        conditions=conditions,
        askable=tuple(candidate for candidates in askable for candidate in candidates),
        has_otherwise=any(candidate.otherwise for candidate in offered),
        raises=frozenset(state.entered for candidate in offered for state in candidate.enters or ()) & heard,
        reads_states=any(reads_states(condition) for condition in conditions),
    )


def reads_states(condition: Compiled) -> bool:
    """Whether a condition reads where the tracks are, or how often they were there."""
    return any(isinstance(part, InState | Visits) for part in walk(condition.node))
