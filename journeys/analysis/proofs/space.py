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
        self.place = {name: place for place, name in enumerate(self.tracks)}
        self.plans: tuple[TrackPlan, ...] = tuple(plan.tracks[name] for name in self.tracks)
        self.all_leaves = {
            track.name: [f"{track.name}.{leaf}" for leaf in track.leaves] for track in plan.tracks.values()
        }
        self.taken: set[int] = set()

    # --- what is asked of it -------------------------------------------------------------------------------

    @cached_property
    def reached(self) -> Mapping[SpaceConfiguration, tuple[SpaceConfiguration, SpaceStep] | None]:
        """Every reachable configuration, the nearest first, with that before it and the step between."""
        found: dict[SpaceConfiguration, tuple[SpaceConfiguration, SpaceStep] | None] = {}
        queue: deque[SpaceConfiguration] = deque()
        for one in self.beginnings():
            if one not in found:
                found[one] = None
                queue.append(one)
        while queue:
            one = queue.popleft()
            for step, after in self.steps(one):
                if after not in found:
                    found[after] = one, step
                    queue.append(after)
                    if len(found) > self.limit:
                        raise TooManyConfigurations(f"more than {self.limit:,} configurations")
        return found

    def way_to(self, end: SpaceConfiguration) -> list[tuple[SpaceStep | None, SpaceConfiguration]]:
        """The shortest way to a configuration: how it begins, then each step with where it leads."""
        found: list[tuple[SpaceStep | None, SpaceConfiguration]] = []
        before = self.reached[end]
        while before is not None:
            found.append((before[1], end))
            end = before[0]
            before = self.reached[end]
        return [(None, end), *reversed(found)]

    def places(self, one: SpaceConfiguration) -> frozenset[str]:
        """The full paths of all states open in it, and the names of the tracks looked at."""
        found = set(self.tracks)
        for track, leaf in zip(self.tracks, one.leaves, strict=True):
            parts = leaf.split(".")
            found.update(f"{track}.{'.'.join(parts[:end])}" for end in range(1, len(parts) + 1))
        return frozenset(found)

    def worlds(self, nodes: Sequence[Node], one: SpaceConfiguration) -> Iterator[World]:
        """A world for each combination of values that conditions tell apart in a configuration.

        Raises:
            TooManyCells: when there are too many.
        """
        asked = {part.path.partition(".")[0] for node in nodes for part in walk(node) if isinstance(part, InState)}
        leaves = {
            track: [f"{track}.{one.leaves[self.place[track]]}"] if track in self.place else self.all_leaves[track]
            for track in sorted(asked)
        }
        kinds, coarse = self._with_coarse_values(nodes)
        for world in cells_of([*nodes, *coarse], kinds, leaves, unknown=True):
            for path, count in zip(self.counted, one.visits, strict=True):
                if path in world.visits:
                    world.visits = {**world.visits, path: count}
            yield world

    def _with_coarse_values(self, nodes: Sequence[Node]) -> tuple[Mapping[str, FactType], list[Node]]:
        """The types of facts with every value of a tree told as it stands, and what tells these values apart."""
        asked = {part.fact for node in nodes for part in walk(node) if isinstance(part, Is)}
        trees = [name for name in sorted(asked) if self.kinds[name].leaves != self.kinds[name].values]
        if not trees:
            return self.kinds, []
        kinds = {**self.kinds, **{name: replace(self.kinds[name], leaves=self.kinds[name].values) for name in trees}}
        return kinds, [Is(name, (value,)) for name in trees for value in kinds[name].values]

    def sees(self, nodes: Sequence[Node], one: SpaceConfiguration) -> Hashable:
        """What of a configuration conditions can tell apart."""
        places = self.places(one)
        asked = sorted({part.path for node in nodes for part in walk(node) if isinstance(part, InState)})
        visited = {part.path for node in nodes for part in walk(node) if isinstance(part, Visits)}
        counts = tuple(count for path, count in zip(self.counted, one.visits, strict=True) if path in visited)
        return tuple(path in places for path in asked), counts

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

    def steps(self, one: SpaceConfiguration) -> Iterator[tuple[SpaceStep, SpaceConfiguration]]:
        """Every step from a configuration that leads to another, and where it leads."""
        for trigger in self._triggers:
            for chosen in self._events(trigger, one):
                for after in self._apply(one, chosen):
                    if after != one:
                        yield SpaceStep("event", trigger), after
        for place, track in enumerate(self.plans):
            for name, chosen, _ in self._timers(one, place, track):
                for after in self._apply(one, chosen):
                    if after != one:
                        yield SpaceStep("timer", name), after
        for trigger in self._heard_from_aside:
            for chosen in self._ask(trigger, one, waits=False).all:
                for after in self._apply(one, chosen):
                    if after != one:
                        yield SpaceStep("aside", trigger), after

    def surely(self, one: SpaceConfiguration) -> Iterator[frozenset[SpaceConfiguration]]:
        """What can be brought about from a configuration whatever happened before: each time one of a set."""
        for trigger in self._triggers:
            for answers in self._ask(trigger, one).sure:
                yield frozenset(after for chosen in answers for after in self._apply(one, chosen))
        for place, track in enumerate(self.plans):
            for _, chosen, is_sure in self._timers(one, place, track):
                if is_sure:
                    yield frozenset(self._apply(one, chosen))

    @cached_property
    def _triggers(self) -> list[str]:
        """The triggers for which something is declared here."""
        return [one for one in self.plan.journey.triggers if any(one in track.triggers for track in self.plans)]

    @cached_property
    def _heard_from_aside(self) -> list[str]:
        """The entries of tracks left aside for which something is declared here."""
        return [
            name
            for name in sorted(self.plan.heard)
            if name.removeprefix(_RAISED).partition(".")[0] not in self.place
            and any(name in track.triggers for track in self.plans)
        ]

    def _events(self, trigger: str, one: SpaceConfiguration) -> Iterator[_Chosen]:
        """What an event may make the tracks do; one that waited for a fact does so alone, later."""
        answers = self._ask(trigger, one)
        yield from answers.all
        for place, may_wait in enumerate(answers.waits):
            if may_wait:
                for deepest in range(1, self.plans[place].states[one.leaves[place]].depth + 1):
                    yield from self._ask(trigger, one, only=place, deepest=deepest).all

    def _timers(self, one: SpaceConfiguration, place: int, track: TrackPlan) -> Iterator[tuple[str, _Chosen, bool]]:
        """What timers may do: the name of each, what the tracks do, and whether it comes if nobody reports anything."""
        parts = one.leaves[place].split(".")
        chain = [track.states[".".join(parts[:end])] for end in range(1, len(parts) + 1)]
        leading = [(state, timer) for state in chain for timer in state.timers if timer.to is not None]
        for state, timer in leading:
            if timer.when is not None and not self._can_hold(timer.when.node, timer.when.ask, one):
                continue
            (candidate,) = track.handlers[state.path, timer.trigger]
            self.taken.add(id(candidate))
            chosen: list[Candidate | None] = [None] * len(self.tracks)
            chosen[place] = candidate
            is_sure = len(leading) == 1 and timer.when is None and timer.start is None
            yield f"{track.name}.{state.path}: {timer.name}", tuple(chosen), is_sure

    def _can_hold(self, node: Node, ask: Any, one: SpaceConfiguration) -> bool:
        key = (node, self.sees([node], one))
        if key not in self._holds:
            try:
                self._holds[key] = any(ask(world) is True for world in self.worlds([node], one))
            except TooManyCells:
                self._holds[key] = True
        return self._holds[key]

    def _apply(
        self, one: SpaceConfiguration, chosen: _Chosen, rest: Sequence[tuple[str, str]] = (), count: int = 0
    ) -> Iterator[SpaceConfiguration]:
        """The configurations after some transitions and all that their entries set off."""
        leaves, visits, raised = list(one.leaves), list(one.visits), list(rest)
        for place, candidate in enumerate(chosen):
            if candidate is None or candidate.enters is None:
                continue
            leaves[place] = candidate.enters[-1].path
            for state in candidate.enters:
                for number, (path, most) in enumerate(self.counted.items()):
                    if path == state.full:
                        visits[number] = min(visits[number] + 1, most)
                if state.entered in self.plan.heard:
                    raised.append((self.tracks[place], state.entered))
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
        one: SpaceConfiguration,
        *,
        waits: bool = True,
        without: str = "",
        only: int | None = None,
        deepest: int | None = None,
    ) -> _Answers:
        """The distinct answers to a trigger."""
        asked = [
            place
            for place, track in enumerate(self.plans)
            if trigger in track.triggers and track.name != without and (only is None or only == place)
        ]
        met = {place: self._met(self.plans[place], one.leaves[place], trigger) for place in asked}
        nodes = [
            candidate.condition.node
            for candidates in met.values()
            for candidate in candidates
            if candidate.condition is not None
        ]
        leaves = tuple((place, one.leaves[place]) for place in asked)
        key = (trigger, leaves, waits, deepest, self.sees(nodes, one) if nodes else None)
        if key not in self._answers:
            self._answers[key] = self._decide(trigger, one, asked, nodes, waits, deepest)
        return self._answers[key]

    def _met(self, track: TrackPlan, leaf: str, trigger: str) -> list[Candidate]:
        """The transitions that may be asked, innermost state first, up to one that is always taken."""
        found: list[Candidate] = []
        parts = leaf.split(".")
        for end in range(len(parts), 0, -1):
            candidates = track.handlers.get((".".join(parts[:end]), trigger), ())
            found += candidates
            if any(one.condition is None for one in candidates):
                break
        return found

    def _decide(
        self,
        trigger: str,
        one: SpaceConfiguration,
        asked: list[int],
        nodes: list[Node],
        waits: bool,
        deepest: int | None,
    ) -> _Answers:
        outcomes: dict[tuple[int | None, ...], _Chosen] = {}
        by_facts: dict[tuple[str, ...], dict[tuple[int | None, ...], _Chosen]] = {}
        waiting = [False] * len(self.tracks)
        facts = sorted({name for node in nodes for name in facts_read(node)})
        for world, sinces in self._asking(nodes, one, facts, asked):
            chosen: list[Candidate | None] = [None] * len(self.tracks)
            for place in asked:
                track = self.plans[place]
                depth = track.states[one.leaves[place]].depth
                cursor = Cursor(
                    state=one.leaves[place],
                    world=world,
                    since=sinces[place],
                    deepest=depth if deepest is None else min(deepest, depth),
                    waits=waits,
                )
                self.release.machines[track.name].select(trigger, cursor)
                chosen[place] = cursor.chosen
                waiting[place] |= cursor.chosen is None and bool(cursor.missing)
                if cursor.chosen is not None:
                    self.taken.add(id(cursor.chosen))
            outcome = tuple(None if choice is None else id(choice) for choice in chosen)
            outcomes.setdefault(outcome, tuple(chosen))
            if all(world.values.get(name, DECLINED) is not DECLINED for name in facts):
                told = tuple(repr(world.values[name]) for name in facts)
                by_facts.setdefault(told, {})[outcome] = tuple(chosen)
        can_tell = trigger in self.plan.ranks and self._can_tell(trigger, facts)
        sure = {frozenset(found): tuple(found.values()) for found in by_facts.values()} if can_tell else {}
        return _Answers(tuple(outcomes.values()), tuple(waiting), tuple(sure.values()))

    def _can_tell(self, trigger: str, facts: Sequence[str]) -> bool:
        """Whether somebody may report the trigger with these facts, and with all that it requires."""
        return reporter(self.plan, trigger, {*facts, *self.plan.requires[trigger]}) is not None

    def _asking(
        self, nodes: list[Node], one: SpaceConfiguration, facts: Sequence[str], asked: Sequence[int]
    ) -> Iterator[tuple[World, Mapping[int, Sequence[datetime]]]]:
        """The worlds to ask in, each with since when each stay lasts; what is unknown is also declined, once."""
        depths = {place: self.plans[place].states[one.leaves[place]].depth for place in asked}
        worlds = list(self.worlds(nodes, one))
        sinces: list[datetime] = [NO_WORLD.now]
        if any(isinstance(part, DaysInState) for node in nodes for part in walk(node)):
            sinces = sorted({world.since for world in worlds if world.since is not None})
        if len(sinces) ** sum(depths.values()) * len(worlds) > MAX_CELLS:
            raise TooManyCells(f"more than {MAX_CELLS} combinations")
        for world in worlds:
            missing = [name for name in facts if name not in world.values]
            told = [world.values, *([{**world.values, **dict.fromkeys(missing, DECLINED)}] if missing else [])]
            for values in told:
                for lasting in itertools.product(sinces, repeat=sum(depths.values())):
                    rest = iter(lasting)
                    by_place = {place: list(itertools.islice(rest, depth)) for place, depth in depths.items()}
                    yield World(values, world.places, world.visits, world.now), by_place


def visits_in(nodes: Iterable[Node]) -> dict[str, int]:
    """The states whose visits conditions count, each with the number from which on more makes no difference."""
    found: dict[str, int] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Visits):
                found[part.path] = max(found.get(part.path, 0), part.number + 1)
    return found


def tracks_of(nodes: Iterable[Node], states: Iterable[str] = ()) -> set[str]:
    """The tracks that conditions and states (full paths, or tracks) are about."""
    found = {state.partition(".")[0] for state in states}
    for node in nodes:
        found |= {part.path.partition(".")[0] for part in walk(node) if isinstance(part, InState | Visits)}
    return found
