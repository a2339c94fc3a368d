"""The state space as paths need it: every step carries the transitions it takes and values for which it takes them.

Facts are free, for any event may bring any fact; so are dates. A step is possible in the space; the engine says whether
it comes true. No other step is possible.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from journeys.analysis.space import (
    ASKS_A_FACT,
    Choices,
    Offers,
    SpaceConfiguration,
    SpaceStep,
    StateSpace,
    StepKind,
    conditions_of,
    dependencies_of,
    reads_states,
    visits_in,
)
from journeys.definition.compiler import Candidate
from journeys.definition.conditions import (
    NO_WORLD,
    Compiled,
    DaysInState,
    Node,
    TooManyCells,
    World,
    compile_condition,
    walk,
)
from journeys.definition.facts import DECLINED
from journeys.definition.graph import Edge, Graph
from journeys.engine.machine import Cursor
from journeys.primitives.state_path import depth_of


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """Values of facts that some conditions tell apart.

    Attributes:
        world: the values; a fact without one must stay unknown.
        facts: the names of the facts.
        tests: the questions asked of each fact: another value with the same answers does as well.
        days: the days in the state, where a condition asks for them.
        declines: whether a fact without a value was declined, which `otherwise` tells from a fact never told.
    """

    world: World
    facts: tuple[str, ...]
    tests: Mapping[str, tuple[Compiled, ...]]
    days: int | None
    declines: bool = False


NO_CELL = Cell(NO_WORLD, (), {}, None)


@dataclass(frozen=True, slots=True, eq=False)
class PathStep(SpaceStep):
    """A step with values for which these transitions are taken, in order; that of a timer is the first."""

    cell: Cell
    edges: tuple[Edge, ...]


class PathSpace(StateSpace):
    """The configurations of one track, together with the tracks it depends on.

    `is_complete` is false once something was left out: then what is not found here may still be possible.
    """

    def __init__(self, graph: Graph, track: str) -> None:
        plan = graph.plan
        counted = visits_in(condition.node for condition in conditions_of(plan, [track]))
        super().__init__(plan, dependencies_of(plan, track), counted)
        self.graph = graph
        self.track = track
        self.is_complete = True
        self._steps: dict[SpaceConfiguration, tuple[PathStep, ...]] = {}
        self._cells: dict[tuple[int, ...], tuple[Cell, ...]] = {}
        self._tests: dict[Node, Compiled] = {}
        self._chosen: dict[tuple[str, str, str, int, bool], Candidate | None] = {}

    def steps(self, at: SpaceConfiguration) -> tuple[PathStep, ...]:
        """Every step from a configuration, ends last; one step for each sequence of transitions."""
        steps = self._steps.get(at)
        if steps is None:
            steps = self._steps[at] = tuple(self._all_steps(at))
        return steps

    def _all_steps(self, at: SpaceConfiguration) -> Iterator[PathStep]:
        timers = list(self._timers(at))
        immediate = [step for step in timers if fires_at_once(step.edges[0])]
        if immediate:
            yield immediate[0]
            return
        for trigger in self._triggers(at):
            yield from self._events(at, trigger)
        yield from timers
        for trigger in sorted(self.plan.ends):
            edges = tuple(self.graph.end_of(name, trigger) for name in self.tracks)
            yield PathStep("end", trigger, at, NO_CELL, edges)

    def _edges_out(self, at: SpaceConfiguration) -> Iterator[Edge]:
        for name, leaf in zip(self.tracks, at.leaves, strict=True):
            yield from self.graph.out_of(name, leaf)

    def _triggers(self, at: SpaceConfiguration) -> Iterable[str]:
        return dict.fromkeys(edge.trigger for edge in self._edges_out(at) if edge.kind == "event")

    def _events(self, at: SpaceConfiguration, trigger: str) -> Iterator[PathStep]:
        conditions, declines = self._conditions_met(at, [trigger])
        steps: dict[tuple[Edge, ...], PathStep] = {}
        for cell in self.cells(conditions, declines):
            step = self._step("event", trigger, at, cell, self._choices(at, trigger, cell, waits=True))
            if step.edges:
                steps.setdefault(step.edges, step)
        yield from steps.values()

    def _timers(self, at: SpaceConfiguration) -> Iterator[PathStep]:
        for edge in self._edges_out(at):
            if edge.timer is None or edge.candidate is None:
                continue
            own = [edge.condition] if edge.condition is not None else []
            met, declines = self._conditions_met(at, [state.entered for state in edge.candidate.enters or ()])
            steps: dict[tuple[Edge, ...], PathStep] = {}
            for cell in self.cells([*own, *met], declines):
                if edge.condition is None or edge.condition.ask(self.world(at, cell.world)) is True:
                    step = self._step("timer", edge.trigger, at, cell, ((edge.track, edge.candidate),))
                    steps.setdefault(step.edges, step)
            yield from steps.values()

    def _step(self, kind: StepKind, trigger: str, at: SpaceConfiguration, cell: Cell, choices: Choices) -> PathStep:
        """The step that begins with some choices; the values of its cell hold for all that follows."""

        def answer(entry: str, now: SpaceConfiguration, origin: str) -> list[Choices]:
            return [self._choices(now, entry, cell, waits=False, origin=origin)]

        (reaction,) = self.react(at, choices, answer)
        edges = tuple([self.graph.edge_of(candidate) for _, candidate in reaction.taken])
        return PathStep(kind, trigger, reaction.after, cell, edges)

    def _conditions_met(self, at: SpaceConfiguration, triggers: Iterable[str]) -> tuple[list[Compiled], bool]:
        """The conditions that may be asked on some triggers and on what entries raise, and whether `otherwise` is."""
        has_otherwise = False
        conditions: dict[int, Compiled] = {}
        waiting = list(triggers)
        done: set[str] = set()
        while waiting:
            trigger = waiting.pop()
            done.add(trigger)
            for name, leaf in zip(self.tracks, at.leaves, strict=True):
                offers = self.offers(name, leaf, trigger)
                has_otherwise |= offers.has_otherwise
                conditions |= {id(condition): condition for condition in offers.conditions}
                if offers.raises:
                    waiting += sorted(offers.raises - done)
        return list(conditions.values()), has_otherwise

    # --- choices -------------------------------------------------------------------------------------------

    def _choices(self, at: SpaceConfiguration, trigger: str, cell: Cell, *, waits: bool, origin: str = "") -> Choices:
        """The transitions that the tracks take on a trigger; none of the track that raised it."""
        choices: list[tuple[str, Candidate]] = []
        for name, leaf in zip(self.tracks, at.leaves, strict=True):
            if name == origin:
                continue
            offers = self.offers(name, leaf, trigger)
            if not offers.candidates:
                continue
            if offers.reads_states:
                candidate = _select(offers, leaf, self.world(at, cell.world), waits=waits)
            else:
                key = (name, leaf, trigger, id(cell), waits)
                if key not in self._chosen:
                    self._chosen[key] = _select(offers, leaf, self.world(at, cell.world), waits=waits)
                candidate = self._chosen[key]
            if candidate is not None and candidate.enters is not None:
                choices.append((name, candidate))
        return tuple(choices)

    # --- cells ---------------------------------------------------------------------------------------------

    def cells(self, conditions: Sequence[Compiled], declines: bool = False) -> tuple[Cell, ...]:
        """The cells that conditions cut; only the first condition's where all together are too many."""
        key = (*sorted(map(id, conditions)), int(declines))
        cells = self._cells.get(key)
        if cells is None:
            distinct = {
                self._answers(conditions, cell): cell for cell in reversed(list(self._cells_of(conditions, declines)))
            }
            cells = self._cells[key] = tuple(reversed(distinct.values()))
        return cells

    def _answers(self, conditions: Sequence[Compiled], cell: Cell) -> Hashable:
        """What tells a cell from another: the answers of the conditions, or of their parts where states decide too."""
        answers: list[Hashable] = []
        for condition in conditions:
            if reads_states(condition):
                answers += [
                    test.ask(cell.world) for name in sorted(condition.facts) for test in cell.tests.get(name, ())
                ]
                answers += [cell.days, tuple(cell.world.visits.items())]
            else:
                answers.append(condition.ask(cell.world))
        return tuple(answers)

    def _cells_of(self, conditions: Sequence[Compiled], declines: bool) -> Iterator[Cell]:
        nodes = [condition.node for condition in conditions]
        parts = list(dict.fromkeys(part for node in nodes for part in walk(node)))
        tests: dict[str, tuple[Compiled, ...]] = {}
        for part in parts:
            if isinstance(part, ASKS_A_FACT):
                tests[part.fact] = (*tests.get(part.fact, ()), self._test(part))
        asks_days = any(isinstance(part, DaysInState) for part in parts)
        try:
            for world in self.cut(nodes, self.plan.facts, unknown=declines):
                days = (world.now - world.since).days if asks_days and world.since is not None else None
                if declines:
                    world.values = {name: world.values.get(name, DECLINED) for name in tests}
                yield Cell(world, tuple(sorted(tests)), tests, days, declines)
        except TooManyCells:
            self.is_complete = False
            yield from self._cells_of(conditions[:1], declines) if len(conditions) > 1 else (NO_CELL,)

    def _test(self, part: Node) -> Compiled:
        if part not in self._tests:
            self._tests[part] = compile_condition("", part, self.plan.facts)
        return self._tests[part]


def _select(offers: Offers, leaf: str, world: World, *, waits: bool) -> Candidate | None:
    """The transition the engine takes in a world; None where it takes none, or would wait. All stays began at once."""
    depth = depth_of(leaf)
    since = world.since if world.since is not None else world.now
    return offers.select(Cursor(leaf, world, [since] * depth, depth, waits))


def fires_at_once(edge: Edge) -> bool:
    """Whether it is a timer that fires in the instant its state is entered, whatever the facts are."""
    timer = edge.timer
    return timer is not None and timer.start is None and timer.when is None and timer.delay.is_zero_or_negative
