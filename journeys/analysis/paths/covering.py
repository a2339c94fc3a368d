"""Covers: paths that together take every transition, or every two in a row, or lead to every state."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from journeys.analysis.paths.choices import any_value, whole_groups
from journeys.analysis.paths.driver import PathDriver
from journeys.analysis.paths.path import BEGINS, Path
from journeys.analysis.paths.path_space import PathSpace, PathStep
from journeys.analysis.paths.reasons import why_not
from journeys.analysis.space import SpaceConfiguration
from journeys.definition.facts import Value
from journeys.definition.graph import Edge, Graph, graph_of
from journeys.engine.machine import Release
from journeys.primitives.words import Aim

LONGEST = 40
#: How many transitions a path has at most, apart from those on the way to what it was made for.

ATTEMPTS = 4
#: From how many places a transition is tried before it is given up.

DETOURS: Mapping[Aim, int] = {"states": 0, "transitions": 2, "pairs": 1}
#: How many steps a path goes for the next thing that is not covered; further, and another path does it, begun where
#: others came without going there again: few paths where people read them, few events where there are thousands.

MOST = 20_000
#: From how many configurations of a track the cover looks around before it calls the rest not found.

Goal = int | str
#: A leaf (`track.path`) to cover, or the number of a transition or of two in a row (see `edges_of`).


@dataclass(frozen=True, slots=True)
class Impossible:
    """What no path can do, and the contradiction in words. `first` is given where it is two transitions in a row."""

    goal: str
    why: str
    first: Edge | None = None
    edge: Edge | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """Paths that together cover all possible goals; the impossible goals with reasons; the goals that stay open."""

    aim: Aim
    paths: tuple[Path, ...]
    impossible: tuple[Impossible, ...]
    unfound: tuple[str, ...] = ()


def cover(release: Release, aim: Aim, *, begins: datetime = BEGINS) -> Cover:
    """The paths that cover a release by an aim, each gone with the engine.

    A state is covered by a path that ends there, as short as there is one; a transition by any path that takes it; a
    pair by a path in which the second is the next of its track after the first.
    """
    return _Covering(release, graph_of(release.plan), aim, begins).run()


Node = tuple[SpaceConfiguration, int]
#: A configuration, and the number of the transition of the track that came last (-1: none yet, or it matters not).


class _Move(NamedTuple):
    """A step from a node: where it leads (None: the end), and what it covers."""

    step: PathStep
    into: int | None
    goals: tuple[Goal, ...]


@dataclass(slots=True)
class _Map:
    """The nodes of one track's space by number, and the nodes where each goal can be met.

    `open` has, by node, the moves that may still cover something, except ends; moves with closed goals are dropped.
    """

    space: PathSpace
    nodes: dict[Node, int] = field(default_factory=dict)
    entries: dict[int, str | None] = field(default_factory=dict)
    before: dict[int, tuple[int, PathStep]] = field(default_factory=dict)
    moves: list[Sequence[_Move]] = field(default_factory=list)
    places: dict[Goal, list[tuple[int, PathStep | None]]] = field(default_factory=dict)
    open: list[list[_Move]] = field(default_factory=list)


class _Covering:
    def __init__(self, release: Release, graph: Graph, aim: Aim, begins: datetime) -> None:
        self.release = release
        self.plan = release.plan
        self.graph = graph
        self.aim = aim
        self.begins = begins
        self.maps = {name: self.explore(PathSpace(graph, name)) for name in self.plan.tracks}
        self.open: dict[Goal, None] = dict.fromkeys(self.goals())
        self.failed: set[int] = set()
        self.come: dict[tuple[str, int], PathDriver | None] = {}
        self.paths: list[Path] = []

    def goals(self) -> Iterator[Goal]:
        match self.aim:
            case "states":
                yield from self.graph.leaves
            case "transitions":
                yield from (edge.number for edge in self.graph.edges)
            case "pairs":
                yield from (self.pair(first.number, second.number) for first, second in self.graph.pairs())

    def pair(self, first: int, second: int) -> int:
        """The number of two transitions in a row; that of one alone is its own."""
        return (first + 1) * len(self.graph.edges) + second

    def edges_of(self, goal: int) -> tuple[Edge, ...]:
        """The transitions of a goal, in a row."""
        first, second = divmod(goal, len(self.graph.edges))
        return (self.graph.edges[first - 1], self.graph.edges[second]) if first else (self.graph.edges[second],)

    def run(self) -> Cover:
        # The track that depends on most others first: on its way the others are covered too.
        tracks = sorted(self.plan.tracks, key=lambda name: -len(self.maps[name].space.tracks))
        for attempt in range(ATTEMPTS):
            for ends in (False, True):  # most ends come by themselves, where nothing else is near
                for track in tracks:
                    for goal, places in self.maps[track].places.items():
                        if goal in self.open and attempt < len(places) and self.is_end(goal) is ends:
                            self.go(track, goal, *places[attempt])
        impossible = {goal: None for goal in self.open if self.is_impossible(goal)}
        return Cover(
            aim=self.aim,
            paths=tuple(self.paths),
            impossible=tuple(self.explained(goal) for goal in impossible),
            unfound=tuple(self.in_words(goal) for goal in self.open if goal not in impossible),
        )

    def is_impossible(self, goal: Goal) -> bool:
        """Whether it can be met nowhere, with everything looked at."""
        mine = self.maps[self.track_of(goal)]
        return mine.space.is_complete and goal not in mine.places

    def is_end(self, goal: Goal) -> bool:
        return not isinstance(goal, str) and self.edges_of(goal)[-1].kind == "end"

    def track_of(self, goal: Goal) -> str:
        return goal.partition(".")[0] if isinstance(goal, str) else self.edges_of(goal)[-1].track

    def in_words(self, goal: Goal) -> str:
        return goal if isinstance(goal, str) else ", then ".join(edge.name for edge in self.edges_of(goal))

    # --- the map of one track ------------------------------------------------------------------------------

    def explore(self, space: PathSpace) -> _Map:
        """Breadth first from everywhere an enrollment may begin."""
        track_map = _Map(space)
        queue: deque[Node] = deque()
        for entry, leaves in self.graph.beginnings():
            root = (space.beginning(leaves), -1)
            if root not in track_map.nodes:
                number = track_map.nodes[root] = len(track_map.nodes)
                track_map.entries[number] = entry
                queue.append(root)
                if self.aim == "states":
                    track_map.places.setdefault(f"{space.track}.{leaves[space.track]}", []).append((number, None))
        while queue:
            if len(track_map.moves) >= MOST:
                space.is_complete = False
                track_map.moves += [()] * len(queue)  # known of, but not looked around from
                track_map.open += [[] for _ in queue]
                break
            self.look_around(track_map, queue.popleft(), queue)
        return track_map

    def look_around(self, track_map: _Map, node: Node, queue: deque[Node]) -> None:
        """Records the moves at a node, and queues the new nodes behind it."""
        at, came = node
        number = track_map.nodes[node]
        moves: list[_Move] = []
        for step in track_map.space.steps(at):
            last, goals = came, []
            for edge in step.edges:
                if edge.track == track_map.space.track:
                    goal = self.goal_of(last, edge)
                    if goal is not None:
                        goals.append(goal)
                        places = track_map.places.setdefault(goal, [])
                        if len(places) < ATTEMPTS:
                            places.append((number, step))
                    if self.aim == "pairs":
                        last = edge.number
            into = None
            if step.kind != "end":
                after = (step.after, last)
                into = track_map.nodes.get(after)
                if into is None:
                    into = track_map.nodes[after] = len(track_map.nodes)
                    track_map.before[into] = (number, step)
                    queue.append(after)
            moves.append(_Move(step, into, tuple(goals)))
        track_map.moves.append(moves)
        track_map.open.append([move for move in moves if move.goals and move.into is not None])

    def goal_of(self, last: int, edge: Edge) -> Goal | None:
        """What taking a transition after another one (-1: none) covers."""
        match self.aim:
            case "states":
                return f"{edge.track}.{edge.target}" if edge.target is not None else None
            case "transitions":
                return edge.number
            case "pairs":
                return self.pair(last, edge.number) if last >= 0 else None

    # --- going ---------------------------------------------------------------------------------------------

    def go(self, track: str, goal: Goal, node: int, step: PathStep | None) -> None:
        """One path: to the goal, and then on to whatever is not covered yet."""
        driver = self.come_to(track, node)
        if driver is None or (step is not None and not driver.take(step) and self.aim == "states"):
            return
        covered = self.close_goals(driver, goal, 0)
        most = len(driver.edges) + LONGEST
        while self.aim != "states" and not driver.has_ended and len(driver.edges) < most:
            before = len(driver.edges)
            for next_step in self.further(track, driver):
                if not driver.take(next_step):
                    self.failed.add(id(next_step))
                    break
            if len(driver.edges) == before:
                break
            covered |= self.close_goals(driver, goal, before)
        if not covered:
            return
        path = driver.path(self.path_name(goal))
        if path is not None:
            self.paths.append(path)
        else:  # it does not replay: it covers nothing
            self.open |= dict.fromkeys(covered)

    def come_to(self, track: str, node: int) -> PathDriver | None:
        """A way to a node; it is gone once, and begun again from there. None where the engine does not go it."""
        driver = self.come.get((track, node))
        if driver is None and (track, node) not in self.come:
            mine = self.maps[track]
            if node in mine.entries:
                entry = mine.entries[node]
                driver = PathDriver(self.release, self.graph, entry, self.entry_facts(entry), self.begins)
            else:
                before, step = mine.before[node]
                driver = self.come_to(track, before)
                if driver is not None and not driver.take(step):
                    driver = None
            self.come[track, node] = driver
        return driver.fork() if driver is not None else None

    def close_goals(self, driver: PathDriver, goal: Goal, since: int) -> set[Goal]:
        """Closes the goals that a path covers and that were open, and returns them."""
        goals: Iterable[Goal]
        match self.aim:
            case "states":
                goals = [goal] if goal in driver.states else []
            case "transitions":
                goals = [edge.number for edge in driver.edges[since:]]
            case "pairs":
                late = driver.pairs[max(since - len(self.plan.tracks), 0) :]
                goals = [self.pair(first.number, second.number) for first, second in late]
        covered = self.open.keys() & goals
        for covered_goal in covered:
            del self.open[covered_goal]
        return covered

    def further(self, track: str, driver: PathDriver) -> list[PathStep]:
        """The steps to the nearest thing of a track that is not covered, ends apart; none where that is far."""
        mine = self.maps[track]
        last = driver.last.get(track) if self.aim == "pairs" else None
        at = mine.space.configuration(driver.leaves, driver.visits)
        start = mine.nodes.get((at, last.number if last is not None else -1))
        if start is None:
            return []
        come: dict[int, tuple[int, PathStep] | None] = {start: None}
        near = [start]
        for steps in range(DETOURS[self.aim] + 1):
            if steps:
                near = list(_behind(mine, near, come))
            for node in near:
                step = self.open_step(mine, node)
                if step is not None:
                    return [*_steps_to(come, node), step]
        return self.open_end(mine, start)

    def open_end(self, mine: _Map, node: int) -> list[PathStep]:
        """An end that covers something new at a node, if there is one."""
        return [move.step for move in mine.moves[node] if move.into is None and self.is_open(move)][:1]

    def open_step(self, mine: _Map, node: int) -> PathStep | None:
        """The step from a node, except an end, that covers an open goal and has the most open moves behind it."""
        moves = [move for move in mine.open[node] if id(move.step) not in self.failed and self.is_open(move)]
        mine.open[node] = moves
        return max(moves, key=lambda move: len(mine.open[move.into or 0])).step if moves else None

    def is_open(self, move: _Move) -> bool:
        return not self.open.keys().isdisjoint(move.goals)

    def entry_facts(self, entry: str | None) -> dict[str, Value]:
        """The facts reported at an entry: those it asks."""
        declared = self.plan.journey.entries.get(entry) if entry is not None else None
        fact_names = [ask.text for ask in declared.asks] if declared is not None else []
        facts = {name: any_value(self.plan.facts[name], self.begins) for name in fact_names}
        return whole_groups(self.plan, facts, self.begins)

    def path_name(self, goal: Goal) -> str:
        return f"to {goal}" if isinstance(goal, str) else self.in_words(goal)

    # --- what cannot be ------------------------------------------------------------------------------------

    def explained(self, goal: Goal) -> Impossible:
        if isinstance(goal, str):
            return Impossible(goal, NOTHING_LEADS)
        *firsts, edge = self.edges_of(goal)
        first = firsts[0] if firsts else None
        mine = self.maps[edge.track]
        at = [at for at, last in mine.nodes if first is None or last == first.number]
        return Impossible(self.in_words(goal), why_not(mine.space, at, first, edge), first, edge)


NOTHING_LEADS = "No transition leads to it from anywhere an enrollment may begin."


def _behind(mine: _Map, near: Iterable[int], come: dict[int, tuple[int, PathStep] | None]) -> Iterator[int]:
    """The nodes one step further that were not visited yet; records in `come` the step to each."""
    for node in near:
        for step, into, _ in mine.moves[node]:
            if into is not None and into not in come:
                come[into] = node, step
                yield into


def _steps_to(come: Mapping[int, tuple[int, PathStep] | None], node: int) -> list[PathStep]:
    """The steps that led to a node."""
    steps: list[PathStep] = []
    while (before := come[node]) is not None:
        node, step = before
        steps.append(step)
    return steps[::-1]
