"""The migration policy of a release: pin, follow or map; the mapping is checked when it is published, and stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from journeys.analysis.comparison import Lens, read_mapping
from journeys.definition.compiler import ReleasePlan
from journeys.primitives.errors import Refused
from journeys.primitives.problems import Problem, only_errors
from journeys.primitives.state_path import StateMap
from service.platform import errors
from service.publishing.service import Service
from service.releases import store
from service.releases.destination import Destination
from service.releases.policies import FOLLOW, PIN
from service.releases.population import count_by_leaf, iterate_open_within
from service.releases.store import Policy

if TYPE_CHECKING:
    from journeys.authoring.lint import Linted


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """The policy of a release: with `map` the bytes of the mapping and the name of its file."""

    policy: str = PIN
    data: bytes = b""
    file: str = ""

    def problems(self, service: Service, connection: Connection, linted: Linted) -> list[Problem]:
        """Return the errors that keep a release from being published: states of patients without a target.

        Args:
            service: the service that holds the patients.
            connection: of the transaction that publishes.
            linted: the release to publish; with `pin` patients stay where they are, and nothing is checked.
        """
        plan = linted.plan
        if self.policy == PIN or plan is None:
            return []
        journey = plan.journey.key
        numbers = {release.id: release.number for release in store.list_releases(connection, journey)}
        compiled = service.library.releases(connection)
        populated = store.count_open(connection, journey)
        old_plans = {release: compiled[release].plan for release in populated if release != plan.id}
        mapping, problems = self._read(old_plans.values(), plan)
        if problems or not old_plans:
            return only_errors(problems)
        lenses = {release: Lens(old_plan, plan, mapping) for release, old_plan in old_plans.items()}
        counts = count_by_leaf(compiled, iterate_open_within(connection, journey), service.clock())
        file = self.file or plan.journey.file
        return [
            Problem(file, 1, 1, "error", "moving", unmapped_state.in_words())
            for unmapped_state in list_unmapped_states(lenses, numbers, counts)
            if unmapped_state.people
        ]

    def store(self, service: Service, connection: Connection, linted: Linted, now: datetime) -> None:
        """Store the policy with the release that is published."""
        plan = linted.plan
        if plan is None:
            return
        compiled = service.library.releases(connection)
        populated = store.count_open(connection, plan.journey.key) if self.data else ()
        mapping, _ = self._read([compiled[release].plan for release in populated], plan)
        store.set_policy(connection, plan.id, Policy(self.policy, mapping), now)

    def mapping(self, old_plans: Iterable[ReleasePlan], new: ReleasePlan) -> StateMap:
        """Return the mapping, empty without a file.

        Raises:
            Refused: lines of the mapping are wrong.
        """
        mapping, problems = self._read(old_plans, new)
        if problems:
            raise Refused({Path(self.file).name: [str(problem) for problem in problems]})
        return mapping

    def _read(self, old_plans: Iterable[ReleasePlan], new: ReleasePlan) -> tuple[StateMap, list[Problem]]:
        return read_mapping(self.data, self.file, old_plans, new) if self.data else ({}, [])


@dataclass(frozen=True, slots=True)
class UnmappedState:
    """A leaf that has no target in the new release, and the number of patients in it."""

    release: str
    number: int
    state: str
    people: int

    def in_words(self) -> str:
        """Return a sentence that says what to do."""
        verb = "patient is" if self.people == 1 else "patients are"
        return (
            f"{self.people:,} {verb} in '{self.state}' of release {self.number}, which has no target in the new "
            "release. Declare its new name under 'renamed', or map it to a state."
        )


def list_unmapped_states(
    lenses: Mapping[str, Lens], numbers: Mapping[str, int], counts: Mapping[tuple[str, str], int]
) -> tuple[UnmappedState, ...]:
    """Return the leaves that have no target.

    Args:
        lenses: the mapping from each old release to the new one.
        numbers: the number of each release.
        counts: the number of patients by release and leaf.
    """
    return tuple(
        UnmappedState(release, numbers[release], leaf, counts.get((release, leaf), 0))
        for release, lens in lenses.items()
        for leaf, target in lens.leaves.items()
        if target is None
    )


def read_map(service: Service, journey: str, new: ReleasePlan, choice: PolicyChoice) -> StateMap:
    """Return a mapping, checked against every release that patients are in.

    Raises:
        Refused: lines of the mapping are wrong.
    """
    with service.database.reading() as connection:
        compiled = service.library.releases(connection)
        old_plans = [compiled[release].plan for release in store.count_open(connection, journey)]
    return choice.mapping(old_plans, new)


def published_choice(stored: Policy | None, to: Destination) -> PolicyChoice:
    """Return the policy that a release was published with; `follow` where it has none.

    Raises:
        Conflict: the release is pinned.
    """
    if stored is None:
        return PolicyChoice(FOLLOW)
    if stored.policy == PIN:
        raise errors.Conflict(
            f"Release {to.number} is pinned: patients stay where they are. "
            "Use --follow, or --map FILE, to migrate them anyway."
        )
    return PolicyChoice(stored.policy)
