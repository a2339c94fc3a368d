"""The state space as proofs need it: every configuration that is possible, and more; it decides no property.

Taken as possible: any value of any fact at any time, any time passing (a timer may fire whenever its `when` can hold),
any number of visits unless they are counted, any answer to each entry by itself, and, for tracks outside the space, any
of their states and any of their entries.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from journeys.analysis.paths.choices import reporter
from journeys.analysis.space import Choices, Offers, SpaceConfiguration, SpaceStep, StateSpace, StepKind
from journeys.definition.compiler import Candidate, ReleasePlan
from journeys.definition.conditions import (
    MAX_CELLS,
    NO_WORLD,
    Compiled,
    DaysInState,
    InState,
    Is,
    Node,
    TooManyCells,
    Visits,
    World,
    facts_read,
    walk,
)
from journeys.definition.facts import DECLINED, FactType
from journeys.definition.graph import graph_of
from journeys.engine.machine import Cursor
from journeys.primitives.state_path import StatePath, depth_of, track_of

LIMIT = 50_000
#: How many configurations are visited before the proof is given up.


class TooManyConfigurations(Exception):
    """More configurations than the limit."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """All answers of the tracks to a trigger; and those that can be brought about.

    `sure` are sets of answers: whatever happened before, somebody can report facts with which it is one of the set.
    """

    all: tuple[Choices, ...]
    sure: tuple[tuple[Choices, ...], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What of a configuration some conditions read: whether states are open, and counted visits by their index."""

    paths: tuple[str, ...] = ()
    visits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    """A trigger where some tracks are in certain leaves: what they offer, and what their conditions read."""

    offers: Mapping[str, Offers]
    nodes: Sequence[Node]
    sight: Sight


def _identity(choices: Sequence[tuple[str, Candidate]]) -> tuple[int, ...]:
    """The transitions that some choices take."""
    return tuple([id(candidate) for _, candidate in choices])


class ProofSpace(StateSpace):
    """The configurations of some tracks of a release; `taken` are the transitions chosen so far, by identity.

    Raises:
        TooManyConfigurations: when `reached` is first read, where there are more than `limit`.
    """

    def __init__(
        self,
        plan: ReleasePlan,
        tracks: tuple[str, ...],
        counted: Mapping[str, int] | None = None,
        *,
        limit: int = LIMIT,
    ) -> None:
        super().__init__(plan, tracks, counted or {})
        self.limit = limit
        self.taken: set[int] = set()
        self._answers: dict[Hashable, _Answers] = {}
        self._holds: dict[Hashable, bool] = {}
        self._questions: dict[Hashable, _Question] = {}
        self._waiting: dict[tuple[str, str], frozenset[str]] = {}
        self._waiting_depths: dict[tuple[str, str, str], tuple[int, ...]] = {}
        self._sights: dict[Node, Sight] = {}

    # --- configurations and worlds -------------------------------------------------------------------------

    @cached_property
    def reached(self) -> Mapping[SpaceConfiguration, tuple[SpaceConfiguration, SpaceStep] | None]:
        """Every reachable configuration, the nearest first, with that before it and the step between.

        Configurations that only an event which has waited leads to come last: a patient who gets there directly is the
        simpler example.
        """
        reached: dict[SpaceConfiguration, tuple[SpaceConfiguration, SpaceStep] | None]
        reached = dict.fromkeys(self.beginnings())
        tried: dict[SpaceConfiguration, set[tuple[int, ...]]] = {}
        for waited in (False, True):
            queue = deque(reached)
            while queue:
                configuration = queue.popleft()
                direct = configuration not in tried
                tried_here = tried.setdefault(configuration, set())
                for step in self._steps(configuration, tried_here, direct=direct, waited=waited):
                    if step.after not in reached:
                        reached[step.after] = configuration, step
                        queue.append(step.after)
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
        """The full paths of all open states, and the names of the tracks."""
        return self.open_states(configuration).union(self.tracks)

    def worlds(self, nodes: Sequence[Node], configuration: SpaceConfiguration) -> Iterator[World]:
        """A world for each combination of values that conditions tell apart in a configuration.

        Raises:
            TooManyCells: when there are too many.
        """
        kinds, coarse = self._with_coarse_values(nodes)
        for cut in self.cut([*nodes, *coarse], kinds, unknown=True):
            yield self.world(configuration, cut)

    def _with_coarse_values(self, nodes: Sequence[Node]) -> tuple[Mapping[str, FactType], list[Node]]:
        """The types of facts in which each value of a tree may be told, and conditions that tell these values apart."""
        kinds = self.plan.facts
        fact_names = {part.fact for node in nodes for part in walk(node) if isinstance(part, Is)}
        trees = [name for name in sorted(fact_names) if kinds[name].leaves != kinds[name].values]
        if not trees:
            return kinds, []
        coarse = {name: replace(kinds[name], leaves=kinds[name].values) for name in trees}
        return {**kinds, **coarse}, [Is(name, (value,)) for name in trees for value in kinds[name].values]

    def sight(self, nodes: Iterable[Node]) -> Sight:
        """What of any configuration conditions read."""
        parts = [part for node in nodes for part in walk(node)]
        paths = sorted({part.path for part in parts if isinstance(part, InState)})
        counted = {part.path for part in parts if isinstance(part, Visits)}
        return Sight(tuple(paths), tuple(index for index, path in enumerate(self.counted) if path in counted))

    def sees(self, sight: Sight, configuration: SpaceConfiguration) -> Hashable:
        """What of a configuration a sight can tell apart from others."""
        if not sight.paths:
            return tuple([configuration.visits[index] for index in sight.visits])
        open_states = self.open_states(configuration)
        return (
            *[path in open_states for path in sight.paths],
            *[configuration.visits[index] for index in sight.visits],
        )

    # --- beginnings and steps ------------------------------------------------------------------------------

    def beginnings(self) -> Iterator[SpaceConfiguration]:
        """The configurations in which patients join."""
        for _, leaves in graph_of(self.plan).beginnings():
            yield self.beginning(leaves)

    def steps(self, configuration: SpaceConfiguration) -> Iterator[SpaceStep]:
        """Every step from a configuration that leads to another."""
        for kind, trigger, choices in self._first_choices(configuration):
            yield from self._steps_with(configuration, kind, trigger, choices)

    def _steps(
        self, configuration: SpaceConfiguration, tried: set[tuple[int, ...]], *, direct: bool, waited: bool
    ) -> Iterator[SpaceStep]:
        """The steps that begin with choices not `tried` before: `direct`, and those of events that have `waited`."""
        for kind, trigger, choices in self._first_choices(configuration, direct=direct, waited=waited):
            key = _identity(choices)
            if key not in tried:
                tried.add(key)
                yield from self._steps_with(configuration, kind, trigger, choices)

    def _steps_with(
        self, configuration: SpaceConfiguration, kind: StepKind, trigger: str, choices: Choices
    ) -> Iterator[SpaceStep]:
        for after in self._after(configuration, choices) if choices else ():
            if after != configuration:
                yield SpaceStep(kind, trigger, after)

    def surely(self, configuration: SpaceConfiguration) -> Iterator[frozenset[SpaceConfiguration]]:
        """What can be brought about from a configuration whatever happened before: each time one of a set."""
        for trigger in self._triggers:
            for answers in self._ask(trigger, configuration).sure:
                yield frozenset(after for choices in answers for after in self._after(configuration, choices))
        for name, leaf in zip(self.tracks, configuration.leaves, strict=True):
            leading = [timer for state in self.plan.tracks[name].chain(leaf) for timer in state.timers if timer.to]
            if len(leading) == 1 and leading[0].when is None and leading[0].start is None:
                for _, choices in self._timers(configuration, name, leaf):
                    yield frozenset(self._after(configuration, choices))

    def reactions(self, trigger: str, configuration: SpaceConfiguration) -> Iterator[Choices]:
        """All transitions that may follow an event which brings every fact that it needs."""
        for answers in self._ask(trigger, configuration).sure:
            for choices in answers:
                yield from (reaction.taken for reaction in self.react(configuration, choices, self._answers_to_entry))

    def _first_choices(
        self, configuration: SpaceConfiguration, *, direct: bool = True, waited: bool = True
    ) -> Iterator[tuple[StepKind, str, Choices]]:
        """The choices with which a step may begin, with its kind and trigger."""
        for trigger in self._triggers:
            for choices in self._ask(trigger, configuration).all if direct else ():
                yield "event", trigger, choices
            for choices in self._waited(trigger, configuration) if waited else ():
                yield "waited", trigger, choices
        if not direct:
            return
        for name, leaf in zip(self.tracks, configuration.leaves, strict=True):
            for timer, choices in self._timers(configuration, name, leaf):
                yield "timer", timer, choices
        for entry in self._entries_from_aside:
            for choices in self._ask(entry, configuration, waits=False).all:
                yield "aside", entry, choices

    @cached_property
    def _triggers(self) -> list[str]:
        """The triggers for which a track of the space declares something."""
        declared = frozenset[str]().union(*(self.plan.tracks[name].triggers for name in self.tracks))
        return [trigger for trigger in self.plan.journey.triggers if trigger in declared]

    @cached_property
    def _entries_from_aside(self) -> list[str]:
        """The entries of tracks outside the space for which a track of the space declares something."""
        return [entry for entry in sorted(self.heard) if track_of(StatePath.parse(entry).path) not in self.index_of]

    def _waited(self, trigger: str, configuration: SpaceConfiguration) -> Iterator[Choices]:
        """What an event that has waited for a fact may make one track do.

        It is asked again from the state in which it waits, whatever is open further inside by then.
        """
        for index, name in self._listening[trigger]:
            for depth in self._depths_of_waiting(name, configuration.leaves[index], trigger):
                yield from self._ask(trigger, configuration, only=name, deepest=depth).all

    def _depths_of_waiting(self, name: str, leaf: str, trigger: str) -> tuple[int, ...]:
        """The depths of the open states of a track in which an event may wait for a fact."""
        key = (name, leaf, trigger)
        if key not in self._waiting_depths:
            waiting_states = self._waiting_states(name, trigger)
            chain = self.plan.tracks[name].chain(leaf)
            self._waiting_depths[key] = tuple(state.depth for state in chain if state.path in waiting_states)
        return self._waiting_depths[key]

    @cached_property
    def _listening(self) -> Mapping[str, Sequence[tuple[int, str]]]:
        """By trigger or entry, the tracks of the space that declare something for it, with their indexes."""
        listening: dict[str, list[tuple[int, str]]] = {}
        for index, name in enumerate(self.tracks):
            for trigger in self.plan.tracks[name].triggers:
                listening.setdefault(trigger, []).append((index, name))
        return listening

    def _waiting_states(self, name: str, trigger: str) -> frozenset[str]:
        """The states of a track in which an event may wait for a fact, by any leaf inside.

        It waits for a fact that a condition reads, or that its trigger requires.
        """
        if (name, trigger) not in self._waiting:
            self._waiting[name, trigger] = frozenset(
                candidate.declared_by
                for leaf in self.plan.tracks[name].leaves
                for candidate in self.offers(name, leaf, trigger).askable
                if trigger in self.plan.awaited or (candidate.condition is not None and candidate.condition.facts)
            )
        return self._waiting[name, trigger]

    def _timers(self, configuration: SpaceConfiguration, name: str, leaf: str) -> Iterator[tuple[str, Choices]]:
        """The name of each timer that may fire, with the transition it makes."""
        track = self.plan.tracks[name]
        for state in track.chain(leaf):
            for timer in state.timers:
                if timer.to is not None and (timer.when is None or self._can_hold(timer.when, configuration)):
                    (candidate,) = track.handlers[state.path, timer.trigger]
                    self.taken.add(id(candidate))
                    yield f"{state.full}: {timer.name}", ((name, candidate),)

    def _can_hold(self, condition: Compiled, configuration: SpaceConfiguration) -> bool:
        node = condition.node
        if node not in self._sights:
            self._sights[node] = self.sight([node])
        key = (node, self.sees(self._sights[node], configuration))
        if key not in self._holds:
            try:
                worlds = self.worlds([condition.node], configuration)
                self._holds[key] = any(condition.ask(world) is True for world in worlds)
            except TooManyCells:
                self._holds[key] = True
        return self._holds[key]

    def _after(self, configuration: SpaceConfiguration, choices: Choices) -> Iterator[SpaceConfiguration]:
        """The configurations after some transitions and all that their entries set off."""

        return (reaction.after for reaction in self.react(configuration, choices, self._answers_to_entry))

    def _answers_to_entry(self, entry: str, now: SpaceConfiguration, origin: str) -> Iterable[Choices]:
        return self._ask(entry, now, waits=False, without=origin).all

    # --- what the tracks answer ----------------------------------------------------------------------------

    def _ask(
        self,
        trigger: str,
        configuration: SpaceConfiguration,
        *,
        waits: bool = True,
        without: str = "",
        only: str = "",
        deepest: int | None = None,
    ) -> _Answers:
        """The distinct answers of the tracks to a trigger, or of one track to an event that waits in a state."""
        leaves = configuration.leaves
        places = tuple(
            [
                (name, leaves[index])
                for index, name in self._listening.get(trigger, ())
                if name != without and only in ("", name)
            ]
        )
        asked = (trigger, places, deepest)
        question = self._questions.get(asked)
        if question is None:
            question = self._questions[asked] = self._question(*asked)
        key = (asked, waits, self.sees(question.sight, configuration))
        answers = self._answers.get(key)
        if answers is None:
            answers = self._answers[key] = self._decide(trigger, configuration, question, waits)
        return answers

    def _question(self, trigger: str, places: tuple[tuple[str, str], ...], deepest: int | None) -> _Question:
        offers = {name: self.offers(name, leaf, trigger, deepest) for name, leaf in places}
        nodes = [
            candidate.condition.node
            for offered in offers.values()
            for candidate in offered.askable
            if candidate.condition is not None
        ]
        return _Question(offers, nodes, self.sight(nodes))

    def _decide(self, trigger: str, configuration: SpaceConfiguration, question: _Question, waits: bool) -> _Answers:
        """The answers in every world that the conditions tell apart."""
        offers, nodes = question.offers, question.nodes
        answers: dict[tuple[int, ...], Choices] = {}
        answers_by_facts: dict[tuple[str, ...], dict[tuple[int, ...], Choices]] = {}
        facts = sorted({name for node in nodes for name in facts_read(node)})
        depths = {name: depth_of(configuration.leaves[self.index_of[name]]) for name in offers}
        awaited = self.plan.awaited.get(trigger, frozenset()).intersection(facts)
        for world, stays in self._worlds_with_stays(nodes, configuration, facts, depths):
            choices: list[tuple[str, Candidate]] = []
            required = awaited - world.values.keys()
            for name, offered in offers.items():
                leaf = configuration.leaves[self.index_of[name]]
                candidate = offered.select(Cursor(leaf, world, stays[name], depths[name], waits, required))
                if candidate is not None:
                    self.taken.add(id(candidate))
                    if candidate.enters is not None:
                        choices.append((name, candidate))
            key = _identity(choices)
            answer = answers.setdefault(key, tuple(choices))
            if all(world.values.get(name, DECLINED) is not DECLINED for name in facts):
                fact_values = tuple(repr(world.values[name]) for name in facts)
                answers_by_facts.setdefault(fact_values, {})[key] = answer
        can_tell = trigger in self.plan.ranks and self._can_tell(trigger, facts)
        sure = {frozenset(by_key): tuple(by_key.values()) for by_key in answers_by_facts.values()} if can_tell else {}
        return _Answers(tuple(answers.values()), tuple(sure.values()))

    def _can_tell(self, trigger: str, facts: Sequence[str]) -> bool:
        """Whether somebody may report the trigger with these facts, and with all that it requires."""
        return reporter(self.plan, trigger, {*facts, *self.plan.requires[trigger]}) is not None

    def _worlds_with_stays(
        self, nodes: Sequence[Node], configuration: SpaceConfiguration, facts: Sequence[str], depths: Mapping[str, int]
    ) -> Iterator[tuple[World, Mapping[str, Sequence[datetime]]]]:
        """The worlds to ask in, each with the beginnings of each track's stays; unknown facts are also declined."""
        worlds = list(self.worlds(nodes, configuration))
        beginnings: list[datetime] = [NO_WORLD.now]
        if any(isinstance(part, DaysInState) for node in nodes for part in walk(node)):
            beginnings = sorted({world.since for world in worlds if world.since is not None})
        if len(beginnings) ** sum(depths.values()) * len(worlds) > MAX_CELLS:
            raise TooManyCells(f"more than {MAX_CELLS} combinations")
        for world in worlds:
            missing = [name for name in facts if name not in world.values]
            value_sets = [world.values, *([{**world.values, **dict.fromkeys(missing, DECLINED)}] if missing else [])]
            for values in value_sets:
                for combination in itertools.product(beginnings, repeat=sum(depths.values())):
                    rest = iter(combination)
                    stays = {name: list(itertools.islice(rest, depth)) for name, depth in depths.items()}
                    yield World(values, world.places, world.visits, world.now), stays
