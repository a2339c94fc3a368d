"""The plan of a migration: the mapping from each release, and the patients in each state. Nobody is migrated here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from journeys.analysis.comparison import Lens, inverse_of
from journeys.definition.compiler import ReleasePlan
from journeys.primitives.state_path import StateMap
from service.publishing.service import Service
from service.releases import store
from service.releases.destination import Destination
from service.releases.policies import FOLLOW
from service.releases.policy import PolicyChoice, UnmappedState, list_unmapped_states, published_choice
from service.releases.population import ReleaseCache, count_by_leaf, iterate_open
from service.releases.store import Policy


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """A migration that could be made.

    Attributes:
        journey: the key of the journey.
        to: the new release.
        lenses: the mapping from each release that patients are in.
        numbers: the number of each of these releases.
        people: the number of patients in each of them.
        counts: the number of patients by release and leaf.
        missing: the leaves without a target.
        notes: what a migration back to an earlier release loses, in sentences.
    """

    journey: str
    to: Destination
    lenses: Mapping[str, Lens]
    numbers: Mapping[str, int]
    people: Mapping[str, int]
    counts: Mapping[tuple[str, str], int]
    missing: tuple[UnmappedState, ...]
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """The number of patients to migrate."""
        return sum(count for release, count in self.people.items() if release != self.to.release.id)

    @property
    def stranded(self) -> tuple[UnmappedState, ...]:
        """The leaves without a target that patients are in."""
        return tuple(unmapped_state for unmapped_state in self.missing if unmapped_state.people)

    def migration_id(self, number: int) -> str:
        """Return the id of the journey's migration with a number."""
        return f"move-{self.journey}-{number}"


def plan_migration(
    service: Service, journey: str, to: Destination, choice: PolicyChoice | None = None
) -> MigrationPlan:
    """Return the plan of a migration of all patients to a release.

    Args:
        service: the service that holds the patients.
        journey: the journey's key.
        to: the release.
        choice: the policy; by default the one that the release was published with. A migration back to an earlier
            release without a mapping uses the inverse of the mapping that led away from it.

    Raises:
        Refused: lines of the mapping are wrong.
        Conflict: the release is pinned.
    """
    with service.database.reading() as connection:
        numbers = {release.id: release.number for release in store.list_releases(connection, journey)}
        people = store.count_open(connection, journey)
        compiled = service.library.releases(connection)
        plans = {release: compiled[release].plan for release in people}
        policies = {release: store.find_policy(connection, release) for release in {*people, to.release.id}}
        unfinished = store.unfinished(connection, journey)
        # A release of an unfinished migration may have no patients left; its states may be in the mapping all the same.
        emptied = {release: compiled[release].plan for release in (unfinished.maps if unfinished is not None else ())}
    stored = policies[to.release.id]
    choice = choice or published_choice(stored, to)
    mapping = choice.mapping({**emptied, **plans}.values(), to.plan)
    if not choice.data and choice.policy != FOLLOW and stored is not None:
        mapping = dict(stored.mapping)
    lenses: dict[str, Lens] = {}
    notes: list[str] = []
    for release, plan in plans.items():
        if release == to.release.id:
            continue
        release_mapping = mapping
        if not mapping and to.number is not None and to.number < numbers[release]:
            release_mapping, losses = _inverse_mapping(to.plan, plan, policies[release])
            notes += losses
        lenses[release] = Lens(plan, to.plan, release_mapping)
    populated_numbers = {release: numbers[release] for release in people}
    counts = count_by_leaf(ReleaseCache(service), iterate_open(service, journey), service.clock())
    unmapped_states = list_unmapped_states(lenses, populated_numbers, counts)
    return MigrationPlan(journey, to, lenses, populated_numbers, people, counts, unmapped_states, tuple(notes))


def _inverse_mapping(earlier: ReleasePlan, later: ReleasePlan, policy: Policy | None) -> tuple[StateMap, list[str]]:
    """Return the mapping back to an earlier release, and a sentence for each state that it cannot restore."""
    inverse = inverse_of(earlier, later, policy.mapping if policy is not None else {})
    losses = [
        f"Patients who came to '{state}' from {', '.join(removed_states)} go back to '{state}': "
        "the new release does not tell them apart."
        for state, removed_states in inverse.merged.items()
    ]
    for state, sources in inverse.lost.items():
        reason = f": {', '.join(sources)} were mapped to it." if sources else ": the earlier release does not have it."
        losses.append(f"'{state}' has no single target in the earlier release{reason}")
    return dict(inverse.mapping), losses
