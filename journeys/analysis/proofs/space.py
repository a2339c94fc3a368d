"""Every configuration that some tracks can be in together, taking more as possible than is; it decides no property.

Exact: where patients join, what each state declares, how the tracks react to one event at one instant, and which
values make conditions true together. Taken as possible: any value of any fact at any time, any time passing (a timer
may fire whenever its `when` can hold), any number of visits unless they are counted, and, for tracks that are left
aside, any of their states and any of their entries.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from journeys.analysis.paths import Graph, graph_of
from journeys.analysis.paths.choices import reporter
from journeys.definition.compiler import Candidate, TrackPlan
from journeys.definition.conditions import (
    MAX_CELLS,
    NO_WORLD,
    DaysInState,
    InState,
    Is,
    Node,
    TooManyCells,
    Visits,
    World,
    cells_of,
    facts_read,
    walk,
)
from journeys.definition.facts import DECLINED, FactType
from journeys.engine.fold import MAX_AUTOMATIC_STEPS
from journeys.engine.machine import Cursor, Release

LIMIT = 50_000
#: How many configurations are gone through before it is given up.

_RAISED = "entered."


class TooManyConfigurations(Exception):
    """More configurations than are gone through."""


@dataclass(frozen=True, slots=True)
class SpaceConfiguration:
    """The leaf (a path in its track) of each track looked at, and how often the counted states were entered."""

    leaves: tuple[str, ...]
    visits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SpaceStep:
    """How one configuration leads to another: by an event, a timer, or (`aside`) something in a track left aside."""

    kind: str
    trigger: str


_Chosen = tuple[Candidate | None, ...]
#: What the tracks do at one instant: the transition chosen in each, None where there is none.


@dataclass(frozen=True, slots=True)
class _Answers:
    """All answers of the tracks to a trigger; whether each may wait for a fact; and what can be brought about.

    `sure` are sets of answers: whatever happened before, somebody can report facts with which it is one of the set.
    """

    all: tuple[_Chosen, ...]
    waits: tuple[bool, ...]
    sure: tuple[tuple[_Chosen, ...], ...]


@dataclass(eq=False)
class Space:
    """The configurations of some tracks of a release; `counted` are states whose visits are told apart, with the cap.

    Raises:
        TooManyConfigurations: when first asked for configurations, where there are more than `LIMIT`.
    """

    release: Release
    tracks: tuple[str, ...]
    counted: Mapping[str, int] = field(default_factory=dict)
    limit: int = LIMIT
    _answers: dict[Hashable, _Answers] = field(default_factory=dict, init=False)
    _holds: dict[Hashable, bool] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        plan = self.release.plan
        self.plan = plan
        self.kinds = plan.facts
        self.index_of = {name: index for index, name in enumerate(self.tracks)}
        self.plans: tuple[TrackPlan, ...] = tuple(plan.tracks[name] for name in self.tracks)
        self.all_leaves = {
            track.name: [f"{track.name}.{leaf}" for leaf in track.leaves] for track in plan.tracks.values()
        }
        self.taken: set[int] = set()

    # --- what is asked of it -------------------------------------------------------------------------------

    @cached_property
    def reached(self) -> Mapping[SpaceConfiguration, tuple[SpaceConfiguration, SpaceStep] | None]:
        """Every reachable configuration, the nearest first, with that before it and the step between."""
        reached: dict[SpaceConfiguration, tuple[SpaceConfiguration, SpaceStep] | None] = {}
        queue: deque[SpaceConfiguration] = deque()
        for configuration in self.beginnings():
            if configuration not in reached:
                reached[configuration] = None
                queue.append(configuration)
        while queue:
            configuration = queue.popleft()
            for step, after in self.steps(configuration):
                if after not in reached:
                    reached[after] = configuration, step
                    queue.append(after)
                    if len(reached) > self.limit:
                        raise TooManyConfigurations(f"more than {self.limit:,} configurations")
        return reached

    def steps_to(self, end: SpaceConfiguration) -> list[tuple[SpaceStep | None, SpaceConfiguration]]:
        """The shortest way to a configuration: how it begins, then each step with where it leads."""
        steps: list[tuple[SpaceStep | None, SpaceConfiguration]] = []
        before = self.reached[end]
        while before is not None:
            steps.append((before[1], end))
            end = before[0]
            before = self.reached[end]
        return [(None, end), *reversed(steps)]

    def in_words(self, configuration: SpaceConfiguration) -> str:
        """Return the leaf of each track, as full paths."""
        return ", ".join(f"{track}.{leaf}" for track, leaf in zip(self.tracks, configuration.leaves, strict=True))

    def places(self, configuration: SpaceConfiguration) -> frozenset[str]:
        """The full paths of all states open in it, and the names of the tracks looked at."""
        places = set(self.tracks)
        for track, leaf in zip(self.tracks, configuration.leaves, strict=True):
            parts = leaf.split(".")
            places.update(f"{track}.{'.'.join(parts[:end])}" for end in range(1, len(parts) + 1))
        return frozenset(places)

    def worlds(self, nodes: Sequence[Node], configuration: SpaceConfiguration) -> Iterator[World]:
        """A world for each combination of values that conditions tell apart in a configuration.

        Raises:
            TooManyCells: when there are too many.
        """
        tracks = {part.path.partition(".")[0] for node in nodes for part in walk(node) if isinstance(part, InState)}
        leaves = {
            track: [f"{track}.{configuration.leaves[self.index_of[track]]}"]
            if track in self.index_of
            else self.all_leaves[track]
            for track in sorted(tracks)
        }
        kinds, coarse = self._with_coarse_values(nodes)
        for world in cells_of([*nodes, *coarse], kinds, leaves, unknown=True):
            for path, count in zip(self.counted, configuration.visits, strict=True):
                if path in world.visits:
                    world.visits = {**world.visits, path: count}
            yield world

    def _with_coarse_values(self, nodes: Sequence[Node]) -> tuple[Mapping[str, FactType], list[Node]]:
        """The types of facts with every value of a tree told as it stands, and what tells these values apart."""
        fact_names = {part.fact for node in nodes for part in walk(node) if isinstance(part, Is)}
        trees = [name for name in sorted(fact_names) if self.kinds[name].leaves != self.kinds[name].values]
        if not trees:
            return self.kinds, []
        kinds = {**self.kinds, **{name: replace(self.kinds[name], leaves=self.kinds[name].values) for name in trees}}
        return kinds, [Is(name, (value,)) for name in trees for value in kinds[name].values]

    def sees(self, nodes: Sequence[Node], configuration: SpaceConfiguration) -> Hashable:
        """What of a configuration conditions can tell apart."""
        places = self.places(configuration)
        paths = sorted({part.path for node in nodes for part in walk(node) if isinstance(part, InState)})
        visited = {part.path for node in nodes for part in walk(node) if isinstance(part, Visits)}
        counts = tuple(count for path, count in zip(self.counted, configuration.visits, strict=True) if path in visited)
        return tuple(path in places for path in paths), counts

    # --- beginning and going on ----------------------------------------------------------------------------

    @cached_property
    def graph(self) -> Graph:
        """The graph of the release."""
        return graph_of(self.plan)

    def beginnings(self) -> Iterator[SpaceConfiguration]:
        """Where patients join."""
        for _, leaves in self.graph.beginnings():
            entered = tuple(leaves[name] for name in self.tracks)
            at = self.places(SpaceConfiguration(entered))
            yield SpaceConfiguration(entered, tuple(min(int(path in at), most) for path, most in self.counted.items()))

    def steps(self, configuration: SpaceConfiguration) -> Iterator[tuple[SpaceStep, SpaceConfiguration]]:
        """Every step from a configuration that leads to another, and where it leads."""
        for trigger in self._triggers:
            for chosen in self._events(trigger, configuration):
                for after in self._apply(configuration, chosen):
                    if after != configuration:
                        yield SpaceStep("event", trigger), after
        for index, track in enumerate(self.plans):
            for name, chosen, _ in self._timers(configuration, index, track):
                for after in self._apply(configuration, chosen):
                    if after != configuration:
                        yield SpaceStep("timer", name), after
        for trigger in self._heard_from_aside:
            for chosen in self._ask(trigger, configuration, waits=False).all:
                for after in self._apply(configuration, chosen):
                    if after != configuration:
                        yield SpaceStep("aside", trigger), after

    def surely(self, configuration: SpaceConfiguration) -> Iterator[frozenset[SpaceConfiguration]]:
        """What can be brought about from a configuration whatever happened before: each time one of a set."""
        for trigger in self._triggers:
            for answers in self._ask(trigger, configuration).sure:
                yield frozenset(after for chosen in answers for after in self._apply(configuration, chosen))
        for index, track in enumerate(self.plans):
            for _, chosen, is_sure in self._timers(configuration, index, track):
                if is_sure:
                    yield frozenset(self._apply(configuration, chosen))

    @cached_property
    def _triggers(self) -> list[str]:
        """The triggers for which something is declared here."""
        return [
            trigger for trigger in self.plan.journey.triggers if any(trigger in track.triggers for track in self.plans)
        ]

    @cached_property
    def _heard_from_aside(self) -> list[str]:
        """The entries of tracks left aside for which something is declared here."""
        return [
            name
            for name in sorted(self.plan.heard)
            if name.removeprefix(_RAISED).partition(".")[0] not in self.index_of
            and any(name in track.triggers for track in self.plans)
        ]

    def _events(self, trigger: str, configuration: SpaceConfiguration) -> Iterator[_Chosen]:
        """What an event may make the tracks do; one that waited for a fact does so alone, later."""
        answers = self._ask(trigger, configuration)
        yield from answers.all
        for index, may_wait in enumerate(answers.waits):
            if may_wait:
                for deepest in range(1, self.plans[index].states[configuration.leaves[index]].depth + 1):
                    yield from self._ask(trigger, configuration, only=index, deepest=deepest).all

    def _timers(
        self, configuration: SpaceConfiguration, index: int, track: TrackPlan
    ) -> Iterator[tuple[str, _Chosen, bool]]:
        """What timers may do: the name of each, what the tracks do, and whether it comes if nobody reports anything."""
        parts = configuration.leaves[index].split(".")
        chain = [track.states[".".join(parts[:end])] for end in range(1, len(parts) + 1)]
        leading = [(state, timer) for state in chain for timer in state.timers if timer.to is not None]
        for state, timer in leading:
            if timer.when is not None and not self._can_hold(timer.when.node, timer.when.ask, configuration):
                continue
            (candidate,) = track.handlers[state.path, timer.trigger]
            self.taken.add(id(candidate))
            chosen: list[Candidate | None] = [None] * len(self.tracks)
            chosen[index] = candidate
            is_sure = len(leading) == 1 and timer.when is None and timer.start is None
            yield f"{track.name}.{state.path}: {timer.name}", tuple(chosen), is_sure

    def _can_hold(self, node: Node, ask: Any, configuration: SpaceConfiguration) -> bool:
        key = (node, self.sees([node], configuration))
        if key not in self._holds:
            try:
                self._holds[key] = any(ask(world) is True for world in self.worlds([node], configuration))
            except TooManyCells:
                self._holds[key] = True
        return self._holds[key]

    def _apply(
        self, configuration: SpaceConfiguration, chosen: _Chosen, rest: Sequence[tuple[str, str]] = (), count: int = 0
    ) -> Iterator[SpaceConfiguration]:
        """The configurations after some transitions and all that their entries set off."""
        leaves, visits, raised = list(configuration.leaves), list(configuration.visits), list(rest)
        for index, candidate in enumerate(chosen):
            if candidate is None or candidate.enters is None:
                continue
            leaves[index] = candidate.enters[-1].path
            for state in candidate.enters:
                for number, (path, most) in enumerate(self.counted.items()):
                    if path == state.full:
                        visits[number] = min(visits[number] + 1, most)
                if state.entered in self.plan.heard:
                    raised.append((self.tracks[index], state.entered))
        after = SpaceConfiguration(tuple(leaves), tuple(visits))
        while raised and not any(raised[0][1] in track.triggers for track in self.plans):
            del raised[0]
        if not raised or count >= MAX_AUTOMATIC_STEPS:
            yield after
            return
        origin, name = raised[0]
        for following in self._ask(name, after, waits=False, without=origin).all:
            yield from self._apply(after, following, raised[1:], count + 1)

    # --- what the tracks answer ----------------------------------------------------------------------------

    def _ask(
        self,
        trigger: str,
        configuration: SpaceConfiguration,
        *,
        waits: bool = True,
        without: str = "",
        only: int | None = None,
        deepest: int | None = None,
    ) -> _Answers:
        """The distinct answers to a trigger."""
        indexes = [
            index
            for index, track in enumerate(self.plans)
            if trigger in track.triggers and track.name != without and (only is None or only == index)
        ]
        met = {index: self._met(self.plans[index], configuration.leaves[index], trigger) for index in indexes}
        nodes = [
            candidate.condition.node
            for candidates in met.values()
            for candidate in candidates
            if candidate.condition is not None
        ]
        leaves = tuple((index, configuration.leaves[index]) for index in indexes)
        key = (trigger, leaves, waits, deepest, self.sees(nodes, configuration) if nodes else None)
        if key not in self._answers:
            self._answers[key] = self._decide(trigger, configuration, indexes, nodes, waits, deepest)
        return self._answers[key]

    def _met(self, track: TrackPlan, leaf: str, trigger: str) -> list[Candidate]:
        """The transitions that may be asked, innermost state first, up to one that is always taken."""
        met: list[Candidate] = []
        parts = leaf.split(".")
        for end in range(len(parts), 0, -1):
            candidates = track.handlers.get((".".join(parts[:end]), trigger), ())
            met += candidates
            if any(candidate.condition is None for candidate in candidates):
                break
        return met

    def _decide(
        self,
        trigger: str,
        configuration: SpaceConfiguration,
        indexes: list[int],
        nodes: list[Node],
        waits: bool,
        deepest: int | None,
    ) -> _Answers:
        outcomes: dict[tuple[int | None, ...], _Chosen] = {}
        by_facts: dict[tuple[str, ...], dict[tuple[int | None, ...], _Chosen]] = {}
        waiting = [False] * len(self.tracks)
        facts = sorted({name for node in nodes for name in facts_read(node)})
        for world, sinces in self._asking(nodes, configuration, facts, indexes):
            chosen: list[Candidate | None] = [None] * len(self.tracks)
            for index in indexes:
                track = self.plans[index]
                depth = track.states[configuration.leaves[index]].depth
                cursor = Cursor(
                    state=configuration.leaves[index],
                    world=world,
                    since=sinces[index],
                    deepest=depth if deepest is None else min(deepest, depth),
                    waits=waits,
                )
                self.release.machines[track.name].select(trigger, cursor)
                chosen[index] = cursor.chosen
                waiting[index] |= cursor.chosen is None and bool(cursor.missing)
                if cursor.chosen is not None:
                    self.taken.add(id(cursor.chosen))
            outcome = tuple(None if choice is None else id(choice) for choice in chosen)
            outcomes.setdefault(outcome, tuple(chosen))
            if all(world.values.get(name, DECLINED) is not DECLINED for name in facts):
                fact_values = tuple(repr(world.values[name]) for name in facts)
                by_facts.setdefault(fact_values, {})[outcome] = tuple(chosen)
        can_tell = trigger in self.plan.ranks and self._can_tell(trigger, facts)
        sure = (
            {frozenset(by_outcome): tuple(by_outcome.values()) for by_outcome in by_facts.values()} if can_tell else {}
        )
        return _Answers(tuple(outcomes.values()), tuple(waiting), tuple(sure.values()))

    def _can_tell(self, trigger: str, facts: Sequence[str]) -> bool:
        """Whether somebody may report the trigger with these facts, and with all that it requires."""
        return reporter(self.plan, trigger, {*facts, *self.plan.requires[trigger]}) is not None

    def _asking(
        self, nodes: list[Node], configuration: SpaceConfiguration, facts: Sequence[str], indexes: Sequence[int]
    ) -> Iterator[tuple[World, Mapping[int, Sequence[datetime]]]]:
        """The worlds to ask in, each with since when each stay lasts; what is unknown is also declined, once."""
        depths = {index: self.plans[index].states[configuration.leaves[index]].depth for index in indexes}
        worlds = list(self.worlds(nodes, configuration))
        sinces: list[datetime] = [NO_WORLD.now]
        if any(isinstance(part, DaysInState) for node in nodes for part in walk(node)):
            sinces = sorted({world.since for world in worlds if world.since is not None})
        if len(sinces) ** sum(depths.values()) * len(worlds) > MAX_CELLS:
            raise TooManyCells(f"more than {MAX_CELLS} combinations")
        for world in worlds:
            missing = [name for name in facts if name not in world.values]
            value_sets = [world.values, *([{**world.values, **dict.fromkeys(missing, DECLINED)}] if missing else [])]
            for values in value_sets:
                for lasting in itertools.product(sinces, repeat=sum(depths.values())):
                    rest = iter(lasting)
                    by_track = {index: list(itertools.islice(rest, depth)) for index, depth in depths.items()}
                    yield World(values, world.places, world.visits, world.now), by_track


def visits_in(nodes: Iterable[Node]) -> dict[str, int]:
    """The states whose visits conditions count, each with the number from which on more makes no difference."""
    counts: dict[str, int] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Visits):
                counts[part.path] = max(counts.get(part.path, 0), part.number + 1)
    return counts


def tracks_of(nodes: Iterable[Node], states: Iterable[str] = ()) -> set[str]:
    """The tracks that conditions and states (full paths, or tracks) are about."""
    tracks = {state.partition(".")[0] for state in states}
    for node in nodes:
        tracks |= {part.path.partition(".")[0] for part in walk(node) if isinstance(part, InState | Visits)}
    return tracks
