"""Turns steps between configurations into a dated path of one patient that the real engine confirms."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from journeys.analysis.paths import BEGINS, Path, PathEvent, admitted_events, told_view
from journeys.analysis.paths.choices import any_value, reporter, tellings, whole_groups
from journeys.analysis.paths.driver import PathDriver
from journeys.analysis.paths.search import conditions_met, waits
from journeys.analysis.proofs.proof_space import ProofSpace
from journeys.analysis.space import SpaceConfiguration, SpaceStep
from journeys.definition.conditions import Node, TooManyCells, facts_read
from journeys.definition.graph import Graph
from journeys.definition.model import ANSWERED
from journeys.engine import State
from journeys.engine.machine import Release

_KEPT = 40
#: The number of drivers kept after each step.

_WAITS = 12
#: The number of timers that may fire during the wait for one timer.

Goal = Callable[[PathDriver], bool]


@dataclass(frozen=True, slots=True)
class FollowTarget:
    """The goal that must hold at the end of a path; `asks` are the conditions that the goal reads."""

    goal: Goal
    asks: tuple[Node, ...] = ()


class Follower:
    """Follows steps from a space with the engine."""

    def __init__(self, release: Release, graph: Graph) -> None:
        self.plan = release.plan
        self.graph = graph
        self.release = release

    def follow(
        self,
        space: ProofSpace,
        steps: Sequence[tuple[SpaceStep | None, SpaceConfiguration]],
        target: FollowTarget,
        name: str,
    ) -> Path | None:
        """A replayed path along the steps that reaches the goal; None if no such path was found."""
        start = steps[0][1]
        level = [driver for driver in self._beginnings(target) if self._is_at(driver, space, start)]
        for step, configuration in steps[1:]:
            assert step is not None
            drivers: dict[Hashable, PathDriver] = {}
            for driver in level:
                for after in self._after(driver, step, target):
                    if self._is_at(after, space, configuration):
                        drivers.setdefault(self._key(after, target), after)
                if len(drivers) >= _KEPT:
                    break
            level = list(drivers.values())[:_KEPT]
            if not level:
                return None
        return self._finish(level, space, steps[-1][1], target, name)

    def end_of(self, path: Path) -> State:
        """The told view at the end of a path."""
        return told_view(self.release, admitted_events(self.release, path), path.until)

    def _finish(
        self, level: list[PathDriver], space: ProofSpace, end: SpaceConfiguration, target: FollowTarget, name: str
    ) -> Path | None:
        """The drivers at the goal: at once, after a disclosure, after reported facts, or after some time."""
        seen: set[Hashable] = set()
        for _ in range(3):
            following: dict[Hashable, PathDriver] = {}
            for driver in level:
                if target.goal(driver):
                    path = driver.path(name)
                    if path is not None:
                        return path
                seen.add(self._key(driver, target))
            for driver in level:
                for after in self._nearby(driver, target):
                    key = self._key(after, target)
                    if key not in seen and self._is_at(after, space, end):
                        following.setdefault(key, after)
                if len(following) >= _KEPT * 2:
                    break
            level = list(following.values())
        for driver in level:
            if target.goal(driver):
                return driver.path(name)
        return None

    # --- steps ---------------------------------------------------------------------------------------------

    def _beginnings(self, target: FollowTarget) -> Iterator[PathDriver]:
        for entry, _ in self.graph.beginnings():
            declared = self.plan.journey.entries.get(entry) if entry is not None else None
            entry_facts = {
                ask.text: any_value(self.plan.facts[ask.text], BEGINS) for ask in (declared.asks if declared else ())
            }
            yield PathDriver(self.release, self.graph, entry, {}, BEGINS)
            if entry_facts:
                yield PathDriver(self.release, self.graph, entry, whole_groups(self.plan, entry_facts, BEGINS), BEGINS)

    def _after(self, driver: PathDriver, step: SpaceStep, target: FollowTarget) -> Iterator[PathDriver]:
        disclosed = driver.fork()
        for start in (driver, disclosed) if disclosed.tell_held() else (driver,):
            match step.kind:
                case "event":
                    yield from self._reported(start, step.trigger, target)
                case "timer":
                    yield from waits(start, _WAITS)
                case _:
                    return

    def _reported(self, driver: PathDriver, trigger: str, target: FollowTarget) -> Iterator[PathDriver]:
        at = driver.next_instant()
        if at is None:
            return
        required = {name: any_value(self.plan.facts[name], at) for name in sorted(self.plan.requires.get(trigger, ()))}
        met = list(conditions_met(self.plan, driver.state, trigger))
        for asks in ([*met, *target.asks], met) if target.asks else (met,):
            try:
                for reported in tellings(asks, self.plan.facts, at):
                    facts = whole_groups(self.plan, {**required, **reported}, at)
                    by = reporter(self.plan, trigger, facts)
                    after = driver.fork()
                    if by is not None and after.report(PathEvent(at, trigger, by, facts)):
                        yield after
            except TooManyCells:
                continue

    def _nearby(self, driver: PathDriver, target: FollowTarget) -> Iterator[PathDriver]:
        disclosed = driver.fork()
        if disclosed.tell_held():
            yield disclosed
        carriers = (*self.plan.journey.triggers, ANSWERED)
        for trigger in carriers if any(facts_read(node) for node in target.asks) else ():
            yield from self._reported(driver, trigger, target)
        yield from waits(driver, _WAITS)

    # --- where ---------------------------------------------------------------------------------------------

    def _is_at(self, driver: PathDriver, space: ProofSpace, configuration: SpaceConfiguration) -> bool:
        return driver.state.ended is None and all(
            driver.state.tracks[name][-1].state == leaf
            for name, leaf in zip(space.tracks, configuration.leaves, strict=True)
        )

    def _key(self, driver: PathDriver, target: FollowTarget) -> Hashable:
        state = driver.state
        fact_names = sorted({name for node in target.asks for name in facts_read(node)})
        facts = tuple(repr(state.facts[name].value) if name in state.facts else "" for name in fact_names)
        fired = tuple(
            timer.name for stays in state.tracks.values() for stay in stays for timer in stay.fired if timer.took
        )
        return tuple(driver.leaves.values()), facts, len(driver.news), tuple(sorted(state.visits.items())), fired
