"""The targets in another release of states, leaves and timers, and what is the same in both; it folds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeys.analysis.comparison.behavior import (
    behavior_of,
    held_facts_of,
    meaning_of,
    release_wide,
    timers_of,
)
from journeys.analysis.comparison.targets import (
    DROPPED,
    further_leaf_targets,
    further_targets,
    leaf_targets,
    map_of,
    targets,
)
from journeys.content.catalogue import Catalogue
from journeys.definition.compiler import ReleasePlan
from journeys.engine import State
from journeys.primitives.state_path import StateMap, chain_of


@dataclass(frozen=True)
class Lens:
    """The mapping between two releases: targets of states, and the action of each timer in the words of the new one."""

    old: ReleasePlan
    new: ReleasePlan
    mapping: StateMap
    state_targets: Mapping[str, str | None] = field(init=False)
    further: Mapping[str, tuple[str, ...]] = field(init=False)
    leaves: Mapping[str, str | None] = field(init=False)
    further_leaves: Mapping[str, tuple[str, ...]] = field(init=False)
    map: StateMap = field(init=False)
    timers: tuple[Mapping[tuple[str, str], str], Mapping[tuple[str, str], str]] = field(init=False)
    alike: frozenset[str] = field(init=False)
    same: frozenset[str] = field(init=False)
    untouched: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        state_targets = targets(self.old, self.new, self.mapping)
        object.__setattr__(self, "state_targets", state_targets)
        object.__setattr__(self, "further", further_targets(self.old, self.new, self.mapping))
        object.__setattr__(self, "leaves", leaf_targets(self.old, self.new, self.mapping))
        object.__setattr__(self, "further_leaves", further_leaf_targets(self.old, self.new, self.mapping))
        object.__setattr__(self, "map", map_of(self.old, self.new, self.mapping))
        new_timers = timers_of(self.new, lambda full: (full,))
        old_timers = timers_of(self.old, self.names_of, frozenset(new_timers.values()))
        object.__setattr__(self, "timers", (old_timers, new_timers))
        names = self.old.states.keys() & self.new.states.keys()
        alike = {
            full
            for full in names
            if state_targets[full] == full
            and full not in self.further
            and meaning_of(self.old, full) == meaning_of(self.new, full)
        }
        object.__setattr__(self, "alike", frozenset(alike))
        object.__setattr__(self, "same", self._same())
        is_one = release_wide(self.old) == release_wide(self.new)
        untouched = (
            {full for full in alike if behavior_of(self.old, full) == behavior_of(self.new, full)} if is_one else ()
        )
        object.__setattr__(self, "untouched", frozenset(untouched))

    def _same(self) -> frozenset[str]:
        """Return the leaves in which a migration changes nothing if no event waits; empty if the facts differ."""
        old, new = self.old, self.new
        if old.facts != new.facts or held_facts_of(old) != held_facts_of(new) or old.tracks.keys() != new.tracks.keys():
            return frozenset()
        return frozenset(
            full
            for full, to in self.leaves.items()
            if to == full and all(path in self.alike for path in chain_of(full)[1:])
        )

    def differing(self, pieces: tuple[Catalogue, Catalogue] | None) -> frozenset[str]:
        """The tracks and states in which other pieces may be shown, or other versions of them."""
        if pieces is None:
            return frozenset()
        was, now = pieces
        old_conditions = (self.old.facts, {name: text.text for name, text in self.old.journey.conditions.items()})
        new_conditions = (self.new.facts, {name: text.text for name, text in self.new.journey.conditions.items()})
        if old_conditions != new_conditions:
            return frozenset([*self.old.tracks, *self.old.states])
        paths = was.by_place.keys() | now.by_place.keys()
        return frozenset(
            full
            for full in paths
            if {(key, was.pieces[key].version) for key in was.by_place.get(full, ())}
            != {(key, now.pieces[key].version) for key in now.by_place.get(full, ())}
        )

    def is_still(self, state: State, differing: frozenset[str]) -> bool:
        """Whether a migration now would change nothing for a patient in this state."""
        if state.waiting or not all(self.names_of(full) == (full,) for full in state.visits):
            return False
        return not any(
            f"{track}.{stays[-1].state}" not in self.same
            or track in differing
            or (differing and any(f"{track}.{stay.state}" in differing for stay in stays))
            for track, stays in state.tracks.items()
        )

    def changes_nothing(self, state: State, differing: frozenset[str]) -> bool:
        """Whether it is certain, without the log, that the new release changes nothing, now or from the beginning.

        Only for a patient in the old release who was never migrated and whose due timers have all fired. Under the new
        release, each step from states that behave alike would have led to the same states. So if every state that the
        patient ever entered behaves alike, nothing differs.

        Args:
            state: the state of the patient.
            differing: the tracks and states in which pieces differ, by `differing`.
        """
        return (
            state.ended is None
            and bool(state.tracks)
            and state.visits.keys() <= self.untouched
            and self.is_still(state, differing)
        )

    def seen(self, full: str) -> str:
        """The name in the new release of a state of the old one; its old name if it has no target."""
        to = self.state_targets.get(full)
        return to if to is not None and to != DROPPED else full

    def names_of(self, full: str) -> tuple[str, ...]:
        """The names in the new release of a state of the old one, `seen` first; several if it has several targets."""
        return self.seen(full), *self.further.get(full, ())

    def targets_of(self, leaf: str) -> tuple[str, ...]:
        """The leaves of the new release in which patients of a leaf of the old one would be; empty without a target."""
        target = self.leaves.get(leaf)
        return () if target is None else (target, *self.further_leaves.get(leaf, ()))

    def has_place_for(self, state: State) -> bool:
        """Whether a patient in this state has a target in every track."""
        return all(
            self.leaves.get(f"{track}.{stays[-1].state}") is not None for track, stays in state.tracks.items() if stays
        )
