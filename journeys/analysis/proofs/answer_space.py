"""What the tracks of a space may answer to a trigger, whatever the values that conditions read; it takes no step."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from journeys.analysis.paths.choices import reporter
from journeys.analysis.space import Choices, Offers, SpaceConfiguration, StateSpace
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
from journeys.engine.machine import Cursor
from journeys.primitives.state_path import depth_of


@dataclass(frozen=True, slots=True)
class Answers:
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
    """A trigger where some tracks are in certain leaves: what they offer, and what their conditions read.

    `answers` are those decided so far, by whether an event waits and by what its conditions see.
    """

    offers: Mapping[str, Offers]
    depths: Mapping[str, int]
    nodes: Sequence[Node]
    sight: Sight
    answers: dict[Hashable, Answers] = field(default_factory=dict, compare=False)


def identity_of(choices: Sequence[tuple[str, Candidate]]) -> tuple[int, ...]:
    """The transitions that some choices take."""
    return tuple([id(candidate) for _, candidate in choices])


class AnswerSpace(StateSpace):
    """The answers of some tracks of a release; `taken` are the transitions chosen so far, by identity."""

    def __init__(self, plan: ReleasePlan, tracks: tuple[str, ...], counted: Mapping[str, int]) -> None:
        super().__init__(plan, tracks, counted)
        self.taken: set[int] = set()
        self._holds: dict[Hashable, bool] = {}
        self._questions: dict[Hashable, _Question] = {}
        self._questions_by_offers: dict[Hashable, _Question] = {}
        self._sights: dict[Node, Sight] = {}

    # --- worlds --------------------------------------------------------------------------------------------

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
            return tuple([configuration.visits[index] for index in sight.visits]) if sight.visits else ()
        open_states = self.open_states(configuration)
        return (
            *[path in open_states for path in sight.paths],
            *[configuration.visits[index] for index in sight.visits],
        )

    # --- what the tracks answer ----------------------------------------------------------------------------

    @cached_property
    def listening(self) -> Mapping[str, Sequence[tuple[int, str]]]:
        """By trigger or entry, the tracks of the space that declare something for it, with their indexes."""
        listening: dict[str, list[tuple[int, str]]] = {}
        for index, name in enumerate(self.tracks):
            for trigger in self.plan.tracks[name].triggers:
                listening.setdefault(trigger, []).append((index, name))
        return listening

    def can_hold(self, condition: Compiled, configuration: SpaceConfiguration) -> bool:
        """Whether some values make a condition true in a configuration."""
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

    def ask(
        self,
        trigger: str,
        configuration: SpaceConfiguration,
        *,
        waits: bool = True,
        without: str = "",
        only: str = "",
        deepest: int | None = None,
    ) -> Answers:
        """The distinct answers of the tracks to a trigger, or of one track to an event that waits in a state."""
        leaves = configuration.leaves
        places = tuple(
            [
                (name, leaves[index])
                for index, name in self.listening.get(trigger, ())
                if name != without and only in ("", name)
            ]
        )
        asked = (trigger, places, deepest)
        question = self._questions.get(asked)
        if question is None:
            question = self._questions[asked] = self._question(*asked)
        key = (waits, self.sees(question.sight, configuration))
        answers = question.answers.get(key)
        if answers is None:
            answers = question.answers[key] = self._decide(trigger, configuration, question, waits)
        return answers

    def _question(self, trigger: str, places: tuple[tuple[str, str], ...], deepest: int | None) -> _Question:
        """The question; it is the same in all leaves that offer the same, and as deep if a condition asks for days."""
        offers = {name: self.offers(name, leaf, trigger, deepest) for name, leaf in places}
        depths = {name: depth_of(leaf) for name, leaf in places}
        anywhere = (trigger, *((name, *map(id, offered.candidates)) for name, offered in offers.items()))
        as_deep = (anywhere, *depths.values())
        for key in (anywhere, as_deep):
            if key in self._questions_by_offers:
                return self._questions_by_offers[key]
        nodes = [
            candidate.condition.node
            for offered in offers.values()
            for candidate in offered.askable
            if candidate.condition is not None
        ]
        asks_days = any(isinstance(part, DaysInState) for node in nodes for part in walk(node))
        question = _Question(offers, depths, nodes, self.sight(nodes))
        self._questions_by_offers[as_deep if asks_days else anywhere] = question
        return question

    def _decide(self, trigger: str, configuration: SpaceConfiguration, question: _Question, waits: bool) -> Answers:
        """The answers in every world that the conditions tell apart."""
        offers, nodes = question.offers, question.nodes
        answers: dict[tuple[int, ...], Choices] = {}
        answers_by_facts: dict[tuple[str, ...], dict[tuple[int, ...], Choices]] = {}
        facts = sorted({name for node in nodes for name in facts_read(node)})
        awaited = self.plan.awaited.get(trigger, frozenset()).intersection(facts)
        for world, stays in self._worlds_with_stays(nodes, configuration, facts, question.depths):
            choices: list[tuple[str, Candidate]] = []
            required = awaited - world.values.keys()
            for name, offered in offers.items():
                leaf = configuration.leaves[self.index_of[name]]
                candidate = offered.select(Cursor(leaf, world, stays[name], question.depths[name], waits, required))
                if candidate is not None:
                    self.taken.add(id(candidate))
                    if candidate.enters is not None:
                        choices.append((name, candidate))
            key = identity_of(choices)
            answer = answers.setdefault(key, tuple(choices))
            if all(world.values.get(name, DECLINED) is not DECLINED for name in facts):
                fact_values = tuple(repr(world.values[name]) for name in facts)
                answers_by_facts.setdefault(fact_values, {})[key] = answer
        can_tell = trigger in self.plan.ranks and self._can_tell(trigger, facts)
        sure = {frozenset(by_key): tuple(by_key.values()) for by_key in answers_by_facts.values()} if can_tell else {}
        return Answers(tuple(answers.values()), tuple(sure.values()))

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
