"""Where a track may go, facts and time left open: abstract configurations and the steps between them.

Facts are free, for any event may bring any fact; so are dates. What is told apart is only what no event can choose:
where the tracks are that the track depends on, and how often the states were entered that its conditions count.
It promises nothing about a step but that no other one is possible; the engine says which come true.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from journeys.analysis.paths.choices import ASKS_A_FACT
from journeys.definition.compiler import Candidate, ReleasePlan
from journeys.definition.conditions import (
    Compiled,
    DaysInState,
    InState,
    Node,
    TooManyCells,
    Visits,
    World,
    cells_of,
    compile_condition,
    walk,
)
from journeys.definition.facts import DECLINED
from journeys.definition.graph import Edge, Graph
from journeys.definition.model import RAISED
from journeys.engine.machine import Cursor

Leaves = tuple[str, ...]
Visited = tuple[int, ...]
TrackConfiguration = tuple[Leaves, Visited]
#: The leaf of each track that matters, and how often each counted state was entered, as far as it makes a difference.


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """Values of facts (None: not to be known) that some conditions tell apart, and days in the state where asked.

    `tests` are the questions asked of each fact: another value with the same answers does as well. `declines`: what is
    not to be known was declined, which an `otherwise` tells from what was never told.
    """

    world: World
    facts: tuple[str, ...]
    tests: Mapping[str, tuple[Compiled, ...]]
    days: int | None
    declines: bool = False


NO_CELL = Cell(next(cells_of((), {}, {})), (), {}, None)


@dataclass(frozen=True, slots=True, eq=False)
class AbstractStep:
    """What may happen next: a trigger (or a timer) with values for which these transitions are taken, in order."""

    trigger: str
    cell: Cell
    edges: tuple[Edge, ...]
    into: TrackConfiguration | None
    timer: Edge | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked in a leaf on a trigger: the conditions, whether one is `otherwise`, what may be raised by it.

    `reads_places`: a condition reads where the tracks are, or how often they were there.
    """

    conditions: tuple[Compiled, ...]
    declines: bool
    raises: frozenset[str]
    reads_places: bool


@dataclass(slots=True)
class TrackSpace:
    """The abstract configurations of one track, together with those it depends on."""

    graph: Graph
    track: str
    tracks: tuple[str, ...] = ()
    counted: Mapping[str, int] = field(default_factory=dict)
    #: Whether nothing was left out; else what is not found here is not impossible for that.
    is_whole: bool = True
    _steps: dict[TrackConfiguration, tuple[AbstractStep, ...]] = field(default_factory=dict)
    _cells: dict[tuple[int, ...], tuple[Cell, ...]] = field(default_factory=dict)
    _askings: dict[tuple[str, str, str], Asking] = field(default_factory=dict)
    _chosen: dict[tuple[str, str, str, int, bool], Candidate | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tracks = depends_on(self.plan, self.track)
        self.counted = visits_counted(self.plan, self.track)

    @property
    def plan(self) -> ReleasePlan:
        """The release."""
        return self.graph.plan

    def beginning(self, leaves: Mapping[str, str]) -> TrackConfiguration:
        """The configuration in which an enrollment begins with its tracks in these leaves."""
        open_states = {f"{name}.{path}" for name, leaf in leaves.items() for path in outwards(leaf)}
        visits = tuple(min(int(path in open_states), most) for path, most in self.counted.items())
        return tuple(leaves[name] for name in self.tracks), visits

    def configuration(self, leaves: Mapping[str, str], visits: Mapping[str, int]) -> TrackConfiguration:
        """What of a state of the fold is told apart here."""
        counted = tuple(min(visits.get(path, 0), most) for path, most in self.counted.items())
        return tuple(leaves[name] for name in self.tracks), counted

    def steps(self, at: TrackConfiguration) -> tuple[AbstractStep, ...]:
        """Everything that may happen next, ends last; one step for each way in which transitions are taken."""
        steps = self._steps.get(at)
        if steps is None:
            steps = self._steps[at] = tuple(self._all_steps(at))
        return steps

    def _all_steps(self, at: TrackConfiguration) -> Iterator[AbstractStep]:
        leaves = dict(zip(self.tracks, at[0], strict=True))
        timers = list(self._timers(leaves, at))
        hasty = [step for step in timers if step.timer is not None and leaves_at_once(step.timer)]
        if hasty:
            yield hasty[0]
            return
        for trigger in self._triggers(leaves):
            yield from self._events(leaves, at, trigger)
        yield from timers
        for trigger in sorted(self.plan.ends):
            yield AbstractStep(trigger, NO_CELL, tuple(self.graph.end_of(name, trigger) for name in self.tracks), None)

    def _triggers(self, leaves: Mapping[str, str]) -> list[str]:
        triggers = {
            trigger: None
            for name, leaf in leaves.items()
            for edge in self.graph.out_of(name, leaf)
            if edge.kind == "event"
            for trigger in (edge.trigger,)
        }
        return list(triggers)

    def _events(self, leaves: Mapping[str, str], at: TrackConfiguration, trigger: str) -> Iterator[AbstractStep]:
        seen: set[tuple[int, ...]] = set()
        for cell in self.cells(*self._met(leaves, [trigger])):
            edges, into = self._react(leaves, at[1], cell, [trigger])
            key = tuple(edge.number for edge in edges)
            if edges and key not in seen:
                seen.add(key)
                yield AbstractStep(trigger, cell, edges, into)

    def _timers(self, leaves: Mapping[str, str], at: TrackConfiguration) -> Iterator[AbstractStep]:
        for name, leaf in leaves.items():
            for edge in self.graph.out_of(name, leaf):
                if edge.timer is None or edge.candidate is None:
                    continue
                raised = [f"{RAISED}{state.full}" for state in edge.candidate.enters or ()]
                conditions = [edge.condition] if edge.condition is not None else []
                met, declines = self._met(leaves, raised)
                seen: set[tuple[int, ...]] = set()
                for cell in self.cells([*conditions, *met], declines):
                    world = self.world(leaves, at[1], cell)
                    if edge.condition is not None and edge.condition.ask(world) is not True:
                        continue
                    edges, into = self._react(leaves, at[1], cell, [], (name, edge.candidate))
                    key = tuple(taken.number for taken in edges)
                    if key not in seen:
                        seen.add(key)
                        yield AbstractStep(edge.trigger, cell, edges, into, edge)

    def _met(self, leaves: Mapping[str, str], triggers: Iterable[str]) -> tuple[list[Compiled], bool]:
        """The conditions that may be asked when something happens, those of what entries then raise among them.

        And whether something is declared for when none of them is true.
        """
        declines = False
        conditions: dict[int, Compiled] = {}
        waiting = list(triggers)
        done: set[str] = set()
        while waiting:
            trigger = waiting.pop()
            done.add(trigger)
            for name, leaf in leaves.items():
                asking = self.asking(name, leaf, trigger)
                declines |= asking.declines
                for condition in asking.conditions:
                    conditions[id(condition)] = condition
                if asking.raises:
                    waiting += sorted(asking.raises - done)
        return list(conditions.values()), declines

    def asking(self, name: str, leaf: str, trigger: str) -> Asking:
        """What is asked of a track in a leaf on a trigger."""
        asking = self._askings.get((name, leaf, trigger))
        if asking is None:
            handlers = self.plan.tracks[name].handlers
            offered = [candidate for path in outwards(leaf) for candidate in handlers.get((path, trigger), ())]
            conditions = tuple(candidate.condition for candidate in offered if candidate.condition is not None)
            entered = {f"{RAISED}{state.full}" for candidate in offered for state in candidate.enters or ()}
            asking = self._askings[name, leaf, trigger] = Asking(
                conditions=conditions,
                declines=any(candidate.otherwise for candidate in offered),
                raises=frozenset(entered & self.plan.heard),
                reads_places=any(_reads_places(condition) for condition in conditions),
            )
        return asking

    def cells(self, conditions: Sequence[Compiled], declines: bool = False) -> tuple[Cell, ...]:
        """The cells that conditions cut; only the first condition's where all together are too many."""
        key = (*sorted(map(id, conditions)), int(declines))
        cells = self._cells.get(key)
        if cells is None:
            apart = {self._answers(conditions, cell): cell for cell in reversed(list(self._cut(conditions, declines)))}
            cells = self._cells[key] = tuple(reversed(apart.values()))
        return cells

    def _answers(self, conditions: Sequence[Compiled], cell: Cell) -> Hashable:
        """What tells a cell from another: the answers of the conditions, or of their parts where places decide too."""
        answers: list[Hashable] = []
        for condition in conditions:
            if _reads_places(condition):
                answers += [
                    test.ask(cell.world) for name in sorted(condition.facts) for test in cell.tests.get(name, ())
                ]
                answers += [cell.days, tuple(cell.world.visits.items())]
            else:
                answers.append(condition.ask(cell.world))
        return tuple(answers)

    def _cut(self, conditions: Sequence[Compiled], declines: bool) -> Iterator[Cell]:
        nodes: list[Node] = [
            part
            for condition in conditions
            for part in walk(condition.node)
            if isinstance(part, ASKS_A_FACT | DaysInState) or self._is_free(part)
        ]
        if not nodes:
            yield NO_CELL
            return
        tests: dict[str, tuple[Compiled, ...]] = {}
        for node in nodes:
            if isinstance(node, ASKS_A_FACT):
                test = compile_condition("", node, self.plan.facts)
                tests[node.fact] = (*tests.get(node.fact, ()), test)
        asks_days = any(isinstance(node, DaysInState) for node in nodes)
        try:
            for world in cells_of(nodes, self.plan.facts, {}, unknown=declines):
                days = (world.now - world.since).days if asks_days and world.since is not None else None
                if declines:
                    world.values = {name: world.values.get(name, DECLINED) for name in tests}
                yield Cell(world, tuple(sorted(tests)), tests, days, declines)
        except TooManyCells:
            self.is_whole = False
            yield from self._cut(conditions[:1], declines) if len(conditions) > 1 else (NO_CELL,)

    def _is_free(self, node: Node) -> bool:
        """Whether it counts visits that are not counted here: then either answer is possible."""
        return isinstance(node, Visits) and node.path not in self.counted

    def world(self, leaves: Mapping[str, str], visited: Visited, cell: Cell) -> World:
        """What conditions read in a configuration, with the values of a cell."""
        places = {f"{name}.{path}" for name, leaf in leaves.items() for path in outwards(leaf)}
        visits = {**cell.world.visits, **dict(zip(self.counted, visited, strict=True))}
        return World(cell.world.values, places, visits, cell.world.now, cell.world.since)

    def _react(
        self,
        leaves: Mapping[str, str],
        visited: Visited,
        cell: Cell,
        triggers: list[str],
        first: tuple[str, Candidate] | None = None,
    ) -> tuple[tuple[Edge, ...], TrackConfiguration]:
        """What is taken, in order, and where that leads: what the engine does with an event, or with a timer."""
        now = dict(leaves)
        visits = dict(zip(self.counted, visited, strict=True))
        chosen = [first] if first is not None else []
        for trigger in triggers:
            chosen += self._choose(now, trigger, visited, cell, waits=True)
        edges: list[Edge] = []
        raised: list[tuple[str, str]] = []
        while True:
            for name, candidate in chosen:
                self._enter(name, candidate, now, visits, raised)
                edges.append(self.graph.edge_of(candidate))
            if not raised or len(edges) > len(self.graph.edges):
                break
            origin, trigger = raised.pop(0)
            offered = self._choose(now, trigger, tuple(visits.values()), cell, waits=False)
            chosen = [choice for choice in offered if choice[0] != origin]
        return tuple(edges), (tuple(now[name] for name in self.tracks), tuple(visits.values()))

    def _enter(
        self,
        name: str,
        candidate: Candidate,
        now: dict[str, str],
        visits: dict[str, int],
        raised: list[tuple[str, str]],
    ) -> None:
        assert candidate.leaf is not None
        now[name] = candidate.leaf
        # What is kept open is known only where it is entered: the chain from the outermost state that is not kept.
        for state in self.plan.tracks[name].chain(candidate.leaf)[candidate.keeps :]:
            if state.full in visits:
                visits[state.full] = min(visits[state.full] + 1, self.counted[state.full])
            entered = f"{RAISED}{state.full}"
            if entered in self.plan.heard:
                raised.append((name, entered))

    def _choose(
        self, now: Mapping[str, str], trigger: str, visited: Visited, cell: Cell, *, waits: bool
    ) -> list[tuple[str, Candidate]]:
        choices = []
        for name, leaf in now.items():
            asking = self.asking(name, leaf, trigger)
            if asking.reads_places:  # only then it matters where the tracks are
                candidate = choose(self.plan, name, leaf, trigger, self.world(now, visited, cell), waits=waits)
            else:
                key = (name, leaf, trigger, id(cell), waits)
                if key not in self._chosen:
                    self._chosen[key] = choose(self.plan, name, leaf, trigger, _alone(cell), waits=waits)
                candidate = self._chosen[key]
            if candidate is not None and candidate.enters is not None:
                choices.append((name, candidate))
        return choices


def _alone(cell: Cell) -> World:
    """What conditions read in a cell that read no places."""
    return World(cell.world.values, frozenset(), {}, cell.world.now, cell.world.since)


def _reads_places(condition: Compiled) -> bool:
    return any(isinstance(part, InState | Visits) for part in walk(condition.node))


def choose(
    plan: ReleasePlan, track: str, leaf: str, trigger: str, world: World, *, waits: bool = True
) -> Candidate | None:
    """What the engine would take in a leaf on a trigger, in a world; None for nothing, or where it would wait."""
    since = world.since if world.since is not None else world.now
    depth = leaf.count(".") + 1
    cursor = Cursor(leaf, world, [since] * depth, depth, waits)
    for path in outwards(leaf):
        for candidate in plan.tracks[track].handlers.get((path, trigger), ()):
            if cursor.offer(candidate):
                return candidate
    return None


@lru_cache(4_096)
def outwards(leaf: str) -> tuple[str, ...]:
    """The paths of a leaf and of the states around it, innermost first."""
    parts = leaf.split(".")
    return tuple(".".join(parts[:end]) for end in range(len(parts), 0, -1))


def leaves_at_once(edge: Edge) -> bool:
    """Whether it is a timer that fires in the instant its state is entered, whatever is told."""
    timer = edge.timer
    return timer is not None and timer.start is None and timer.when is None and timer.delay.is_zero_or_negative


def depends_on(plan: ReleasePlan, track: str) -> tuple[str, ...]:
    """A track and all others whose places or entries decide where it goes, in the order of the definition."""
    dependencies = {track}
    waiting = [track]
    while waiting:
        name = waiting.pop()
        read: set[str] = set()
        for (_, trigger), candidates in plan.tracks[name].handlers.items():
            if trigger.startswith(RAISED):
                read.add(trigger.split(".")[1])
            for candidate in candidates:
                read |= _tracks_read(candidate.condition)
        for state in plan.tracks[name].states.values():
            for timer in state.timers:
                read |= _tracks_read(timer.when)
        waiting += sorted(read - dependencies)
        dependencies |= read
    return tuple(name for name in plan.tracks if name in dependencies)


def _tracks_read(condition: Compiled | None) -> set[str]:
    parts = walk(condition.node) if condition is not None else ()
    return {part.path.split(".")[0] for part in parts if isinstance(part, InState | Visits)}


def visits_counted(plan: ReleasePlan, track: str) -> dict[str, int]:
    """The states that conditions of a track count, each with the number from which more makes no difference."""
    counted: dict[str, int] = {}
    for condition in _conditions_of(plan, track):
        for node in walk(condition.node):
            if isinstance(node, Visits):
                counted[node.path] = max(counted.get(node.path, 0), node.number + 1)
    return counted


def _conditions_of(plan: ReleasePlan, track: str) -> Iterator[Compiled]:
    for candidates in plan.tracks[track].handlers.values():
        yield from (candidate.condition for candidate in candidates if candidate.condition is not None)
    for state in plan.tracks[track].states.values():
        yield from (timer.when for timer in state.timers if timer.when is not None)
