"""The shortest way to a state of the fold that somebody looks for: breadth first, every step taken by the engine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from journeys.analysis.paths.choices import any_value, reporter, tellings, whole_groups
from journeys.analysis.paths.driver import PathDriver
from journeys.analysis.paths.path import BEGINS, Path, PathEvent
from journeys.analysis.space import conditions_of, visits_in
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Node, TooManyCells, facts_read
from journeys.definition.facts import Value
from journeys.definition.graph import Graph, graph_of
from journeys.definition.model import ANSWERED, RAISED
from journeys.engine import News, State
from journeys.engine.machine import Release

LIMIT = 20_000
#: The number of states a search visits before it ends without a path.

_WAITS = 8
#: How many timers may pass, none leading anywhere, before waiting is given up.


def find(
    release: Release,
    goal: Callable[[State], bool],
    *,
    name: str = "path",
    limit: int = LIMIT,
    asks: Iterable[Node] = (),
    apart: Callable[[State], Hashable] = lambda _: None,
    begins: datetime = BEGINS,
) -> Path | None:
    """The shortest feasible path to a state for which the goal holds, or None where none was found.

    Two places are one where every track is in the same leaf and was in the states that conditions count as often, what
    `asks` reads has the same answers, and `apart` returns the same.

    Args:
        release: the release to walk through.
        goal: the condition that the last state of the path must meet.
        name: the name of the path.
        limit: how many places to look at.
        asks: conditions that the goal reads; the facts in them are told in every way they can tell apart.
        apart: what else of a state keeps it apart from others, where the goal reads more than the above.
        begins: when the patient joins.

    Returns:
        The path, replayed; None where the search found none within the limit, which does not prove that none exists.
    """
    return _Search(release, graph_of(release.plan), goal, tuple(asks), apart).run(name, limit, begins)


class _Search:
    def __init__(
        self,
        release: Release,
        graph: Graph,
        goal: Callable[[State], bool],
        asks: tuple[Node, ...],
        apart: Callable[[State], Hashable],
    ) -> None:
        self.plan = release.plan
        self.release = release
        self.graph = graph
        self.goal = goal
        self.asks = asks
        self.apart = apart
        self.counted = visits_in(condition.node for condition in conditions_of(release.plan, release.plan.tracks))
        self.asked_facts = sorted(frozenset[str]().union(*(facts_read(node) for node in asks)))
        self.seen: set[Hashable] = set()

    def run(self, name: str, limit: int, begins: datetime) -> Path | None:
        queue: deque[PathDriver] = deque()
        looked_at = 0
        for driver in self.beginnings(begins):
            if (path := self.arrive(driver, queue, name)) is not None:
                return path
        while queue:
            for driver in self.following(queue.popleft()):
                looked_at += 1
                if looked_at > limit:
                    return None
                if (path := self.arrive(driver, queue, name)) is not None:
                    return path
        return None

    def arrive(self, driver: PathDriver, queue: deque[PathDriver], name: str) -> Path | None:
        """The path, where it meets the goal; a path to a new state is queued."""
        key = self.key(driver.state)
        if key in self.seen:
            return None
        if self.goal(driver.state):
            path = driver.path(name)
            if path is not None:
                return path
        self.seen.add(key)
        if not driver.has_ended:
            queue.append(driver)
        return None

    def key(self, state: State) -> Hashable:
        facts: tuple[Any, ...] = ()
        if self.asked_facts:
            facts_told = state.facts
            facts = tuple(repr(facts_told[name].value) if name in facts_told else "" for name in self.asked_facts)
        visits = tuple(min(state.visits.get(path, 0), most) for path, most in self.counted.items())
        leaves = tuple(stays[-1].state for stays in state.tracks.values())
        return leaves, visits, state.ended is not None, facts, self.apart(state)

    def beginnings(self, at: datetime) -> Iterator[PathDriver]:
        for entry, _ in self.graph.beginnings():
            declared = self.plan.journey.entries.get(entry) if entry is not None else None
            fact_names = [ask.text for ask in declared.asks] if declared is not None else []
            facts = {name: any_value(self.plan.facts[name], at) for name in fact_names}
            for entry_facts in ({}, facts) if facts else ({},):
                yield PathDriver(self.release, self.graph, entry, whole_groups(self.plan, entry_facts, at), at)

    def following(self, driver: PathDriver) -> Iterator[PathDriver]:
        """Every path that one event or one wait leads to; held facts are disclosed before the path goes on."""
        start = driver.fork()
        if start.tell_held():
            yield start.fork()
        for event in self.events(start):
            after = start.fork()
            if after.report(event):
                yield after
        yield from waits(start, _WAITS, until_moved=True)

    def events(self, driver: PathDriver) -> Iterator[PathEvent]:
        at = driver.next_instant()
        if at is None:
            return
        for trigger in (*self.plan.ranks, ANSWERED):
            if trigger in self.plan.ends or self.may_matter(driver.state, driver.news, trigger):
                for facts in self.facts_for(driver.state, trigger, at):
                    by = reporter(self.plan, trigger, facts)
                    if by is not None:
                        yield PathEvent(at, trigger, by, facts)

    def may_matter(self, state: State, open_news: Iterable[News], trigger: str) -> bool:
        if self.asked_facts:
            return True
        return any(
            (stay.state, trigger) in self.plan.tracks[name].handlers
            for name, stays in state.tracks.items()
            for stay in stays
        ) or any(news.until == trigger for news in open_news)

    def facts_for(self, state: State, trigger: str, at: datetime) -> Iterator[Mapping[str, Value]]:
        required = {name: any_value(self.plan.facts[name], at) for name in sorted(self.plan.requires.get(trigger, ()))}
        try:
            for reported in tellings([*conditions_met(self.plan, state, trigger), *self.asks], self.plan.facts, at):
                yield whole_groups(self.plan, {**required, **reported}, at)
        except TooManyCells:
            yield whole_groups(self.plan, required, at)


def conditions_met(plan: ReleasePlan, state: State, trigger: str) -> Iterator[Node]:
    """The conditions that an event may meet: those of its trigger, of what entries raise, of timers entered."""
    raised: set[str] = set()
    entered: list[Any] = []
    for name, stays in state.tracks.items():
        for stay in stays:
            for candidate in plan.tracks[name].handlers.get((stay.state, trigger), ()):
                if candidate.condition is not None:
                    yield candidate.condition.node
                for into in candidate.enters or ():
                    entered.append(into)
                    raised.add(f"{RAISED}{into.full}")
    for name, stays in state.tracks.items():
        for stay in stays:
            for heard in raised & plan.heard:
                for candidate in plan.tracks[name].handlers.get((stay.state, heard), ()):
                    if candidate.condition is not None:
                        yield candidate.condition.node
    for into in entered:
        for timer in into.timers:
            if timer.when is not None and timer.to is not None:
                yield timer.when.node


def waits(driver: PathDriver, most: int, *, until_moved: bool = False) -> Iterator[PathDriver]:
    """The paths that time alone leads to, up to a number of timers (or the first that leads to another state)."""
    before = len(driver.edges)
    for _ in range(most):
        driver = driver.fork()
        if not driver.wait():
            return
        yield driver
        if until_moved and len(driver.edges) > before:
            return
