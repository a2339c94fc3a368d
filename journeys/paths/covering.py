"""Covers: paths that together take every transition, or every two in a row, or lead to every state."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from journeys.facts import Value
from journeys.machine import Release
from journeys.paths.choices import any_value, whole_groups
from journeys.paths.drive import Drive
from journeys.paths.graph import Edge, Graph, graph_of
from journeys.paths.path import BEGINS, Path
from journeys.paths.reasons import why_not
from journeys.paths.ways import Configuration, Step, Ways

Aim = Literal["states", "transitions", "pairs"]
AIMS: tuple[Aim, ...] = ("states", "transitions", "pairs")

LENGTH = 14
#: After as many transitions a path looks for its end.

LONGEST = 28
#: How many transitions a path has at most, apart from those on the way to what it was made for.

ATTEMPTS = 4
#: From how many places a transition is tried before it is given up.

_DETOUR = 2
#: How many steps a path goes for the next thing that is not covered; further, and another path does it.

MOST = 2_000
#: From how many configurations of a track it is looked around, before the rest counts as not found.

Goal = tuple[Edge, ...] | str
#: What is to be covered: one transition, two in a row, or a leaf (`track.path`).


@dataclass(frozen=True, slots=True)
class Impossible:
    """What no path can do, and the contradiction in words. `first` is given where it is two transitions in a row."""

    goal: str
    why: str
    first: Edge | None = None
    edge: Edge | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """Paths that together cover what is possible; what is impossible, and why; what was neither proven nor found."""

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


Node = tuple[Configuration, int]
#: A configuration, and the number of the transition of the track that came last (-1: none yet, or it matters not).


@dataclass(frozen=True, slots=True, eq=False)
class _Move:
    """A step from a node: where it leads (None: the end), and what it covers."""

    step: Step
    into: int | None
    goals: tuple[Goal, ...]


@dataclass(slots=True)
class _Map:
    """Everything that one track can come to, in the abstract: nodes by number, and where each goal can be met.

    `open` counts, by node, what is not covered yet of what can be covered there, ends apart.
    """

    ways: Ways
    nodes: dict[Node, int] = field(default_factory=dict)
    entries: dict[int, str | None] = field(default_factory=dict)
    before: dict[int, tuple[int, Step]] = field(default_factory=dict)
    moves: list[tuple[_Move, ...]] = field(default_factory=list)
    onwards: list[tuple[_Move, ...]] = field(default_factory=list)
    places: dict[Goal, list[tuple[int, Step | None]]] = field(default_factory=dict)
    open: list[int] = field(default_factory=list)


class _Covering:
    def __init__(self, release: Release, graph: Graph, aim: Aim, begins: datetime) -> None:
        self.release = release
        self.plan = release.plan
        self.graph = graph
        self.aim = aim
        self.begins = begins
        self.maps = {name: self.explore(Ways(graph, name)) for name in self.plan.tracks}
        self.open: dict[Goal, None] = dict.fromkeys(self.goals())
        self.failed: set[int] = set()
        self.come: dict[tuple[str, int], Drive | None] = {}
        self.paths: list[Path] = []

    def goals(self) -> Iterator[Goal]:
        match self.aim:
            case "states":
                yield from self.graph.leaves
            case "transitions":
                yield from ((edge,) for edge in self.graph.edges)
            case "pairs":
                yield from self.graph.pairs()

    def run(self) -> Cover:
        # The track that depends on most others first: on its way the others are covered too.
        tracks = sorted(self.plan.tracks, key=lambda name: -len(self.maps[name].ways.tracks))
        for attempt in range(ATTEMPTS):
            for with_ends in (False, True):  # most ends come by themselves, where the paths to all else are closed
                for track in tracks:
                    for goal, places in self.maps[track].places.items():
                        if goal in self.open and attempt < len(places) and (with_ends or not _is_end(goal)):
                            self.go(track, goal, *places[attempt])
        impossible = [goal for goal in self.open if self.is_impossible(goal)]
        return Cover(
            aim=self.aim,
            paths=tuple(self.paths),
            impossible=tuple(self.explained(goal) for goal in impossible),
            unfound=tuple(_in_words(goal) for goal in self.open.keys() - set(impossible)),
        )

    def is_impossible(self, goal: Goal) -> bool:
        """Whether it can be met nowhere, with everything looked at."""
        mine = self.maps[_track_of(goal)]
        return mine.ways.is_whole and goal not in mine.places

    # --- the map of one track ------------------------------------------------------------------------------

    def explore(self, ways: Ways) -> _Map:
        """Breadth first from everywhere an enrollment may begin."""
        found = _Map(ways)
        queue: deque[Node] = deque()
        for entry, leaves in self.graph.beginnings():
            root = (ways.beginning(leaves), -1)
            if root not in found.nodes:
                number = found.nodes[root] = len(found.nodes)
                found.entries[number] = entry
                queue.append(root)
                if self.aim == "states":
                    found.places.setdefault(f"{ways.track}.{leaves[ways.track]}", []).append((number, None))
        while queue:
            if len(found.moves) >= MOST:
                ways.is_whole = False
                for _ in queue:  # known of, but not looked around from
                    found.moves.append(())
                    found.onwards.append(())
                    found.open.append(0)
                break
            node = queue.popleft()
            self.look_around(found, node, queue)
        return found

    def look_around(self, found: _Map, node: Node, queue: deque[Node]) -> None:
        """Notes what can be done at a node, and what is new behind it."""
        number = found.nodes[node]
        moves: list[_Move] = []
        onwards: dict[int, _Move] = {}
        for step in found.ways.steps(node[0]):
            last, goals = node[1], []
            for edge in step.edges:
                if edge.track == found.ways.track:
                    goals += self.goals_of(last, edge)
                    last = edge.number if self.aim == "pairs" else -1
            for goal in goals:
                found.places.setdefault(goal, []).append((number, step))
            into = None
            if step.into is not None:
                after = (step.into, last)
                into = found.nodes.get(after)
                if into is None:
                    into = found.nodes[after] = len(found.nodes)
                    found.before[into] = (number, step)
                    queue.append(after)
            move = _Move(step, into, tuple(goals))
            moves.append(move)
            if into is not None:
                onwards.setdefault(into, move)
        found.moves.append(tuple(moves))
        found.onwards.append(tuple(onwards.values()))
        found.open.append(sum(not _is_end(goal) for move in moves for goal in move.goals))

    def goals_of(self, last: int, edge: Edge) -> list[Goal]:
        """What taking a transition after another one covers."""
        match self.aim:
            case "states":
                return [f"{edge.track}.{edge.target}"] if edge.target is not None else []
            case "transitions":
                return [(edge,)]
            case "pairs":
                return [(self.graph.edges[last], edge)] if last >= 0 else []

    # --- going ---------------------------------------------------------------------------------------------

    def go(self, track: str, goal: Goal, node: int, step: Step | None) -> None:
        """One path: to the goal, and then on to whatever is not covered yet."""
        drive = self.come_to(track, node)
        if drive is None or (step is not None and not drive.take(step) and self.aim == "states"):
            return
        covers = self.covers_more(drive, goal, 0)
        most = len(drive.edges) + LONGEST
        while self.aim != "states" and not drive.has_ended and len(drive.edges) < most:
            before = len(drive.edges)
            for one in self.further(track, drive):
                if not drive.take(one):
                    self.failed.add(id(one))
                    break
            if len(drive.edges) == before:
                break
            covers |= self.covers_more(drive, goal, before)
        if covers:
            self.paths.append(drive.path(_named(goal)))

    def come_to(self, track: str, node: int) -> Drive | None:
        """A way to a node; it is gone once, and begun again from there. None where the engine does not go it."""
        found = self.come.get((track, node))
        if found is None and (track, node) not in self.come:
            mine = self.maps[track]
            if node in mine.entries:
                entry = mine.entries[node]
                found = Drive(self.release, self.graph, entry, self.entry_facts(entry), self.begins)
            else:
                before, step = mine.before[node]
                found = self.come_to(track, before)
                if found is not None and not found.take(step):
                    found = None
            self.come[track, node] = found
        return found.again() if found is not None else None

    def covers_more(self, drive: Drive, goal: Goal, since: int) -> bool:
        """Notes what a way covers that was not covered yet; whether there is any."""
        found: Iterable[Goal]
        match self.aim:
            case "states":
                found = [goal] if goal in drive.states else []
            case "transitions":
                found = [(edge,) for edge in drive.edges[since:]]
            case "pairs":
                found = drive.pairs[max(since - len(self.plan.tracks), 0) :]
        more = False
        for one in found:
            if one in self.open:
                more = True
                self.close(one)
        return more

    def close(self, goal: Goal) -> None:
        """Notes that something is covered."""
        del self.open[goal]
        if not _is_end(goal):
            mine = self.maps[_track_of(goal)]
            for node, _ in mine.places.get(goal, ()):
                mine.open[node] -= 1

    def further(self, track: str, drive: Drive) -> list[Step]:
        """The steps to the nearest thing of a track that is not covered; to the end, where the path is long enough."""
        mine = self.maps[track]
        last = drive.last.get(track) if self.aim == "pairs" else None
        at = mine.ways.configuration(drive.leaves, drive.visits)
        here = mine.nodes.get((at, last.number if last is not None else -1))
        if here is None:
            return []
        ends = [
            move.step for move in mine.moves[here] if move.into is None and not self.open.keys().isdisjoint(move.goals)
        ]
        if ends and len(drive.edges) >= LENGTH:
            return ends[:1]
        come: dict[int, tuple[int, Step] | None] = {here: None}
        near = [here]
        for _ in range(_DETOUR + 1):
            further: list[int] = []
            for node in near:
                step = self.open_step(mine, node) if mine.open[node] > 0 else None
                if step is not None:
                    return [*_steps_to(come, node), step]
                for move in mine.onwards[node]:
                    if move.into not in come and move.into is not None:
                        come[move.into] = node, move.step
                        further.append(move.into)
            near = further
        return ends[:1]

    def open_step(self, mine: _Map, node: int) -> Step | None:
        """A step from a node that covers something new and is no end."""
        for move in mine.moves[node]:
            if move.into is not None and id(move.step) not in self.failed and self.is_open(move):
                return move.step
        return None

    def is_open(self, move: _Move) -> bool:
        return any(goal in self.open for goal in move.goals)

    def entry_facts(self, entry: str | None) -> dict[str, Value]:
        """What is told at an entry: what it asks."""
        declared = self.plan.journey.entries.get(entry) if entry is not None else None
        asked = [ask.text for ask in declared.asks] if declared is not None else []
        facts = {name: any_value(self.plan.facts[name], self.begins) for name in asked}
        return whole_groups(self.plan, facts, self.begins)

    # --- what cannot be ------------------------------------------------------------------------------------

    def explained(self, goal: Goal) -> Impossible:
        if isinstance(goal, str):
            return Impossible(goal, NOTHING_LEADS)
        mine = self.maps[goal[-1].track]
        first = goal[0] if len(goal) > 1 else None
        at = [at for at, last in mine.nodes if first is None or last == first.number]
        return Impossible(_in_words(goal), why_not(mine.ways, at, first, goal[-1]), first, goal[-1])


NOTHING_LEADS = "No transition leads to it from anywhere an enrollment may begin."


def _is_end(goal: Goal) -> bool:
    return not isinstance(goal, str) and goal[-1].kind == "end"


def _named(goal: Goal) -> str:
    return f"to {goal}" if isinstance(goal, str) else _in_words(goal)


def _steps_to(come: Mapping[int, tuple[int, Step] | None], node: int) -> list[Step]:
    """The steps by which a node was come to."""
    steps: list[Step] = []
    while (before := come[node]) is not None:
        node, step = before
        steps.append(step)
    return steps[::-1]


def _track_of(goal: Goal) -> str:
    return goal.partition(".")[0] if isinstance(goal, str) else goal[0].track


def _in_words(goal: Goal) -> str:
    return goal if isinstance(goal, str) else ", then ".join(edge.name for edge in goal)
