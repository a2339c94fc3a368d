"""The state space as proofs need it: every configuration that is possible, and more; it decides no property.

Taken as possible: any value of any fact at any time, any time passing (a timer may fire whenever its `when` can hold),
any number of visits unless they are counted, any answer to each entry by itself, and, for tracks outside the space, any
of their states and any of their entries.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from journeys.analysis.proofs.answer_space import AnswerSpace, identity_of
from journeys.analysis.space import (
    Choices,
    SpaceConfiguration,
    SpaceStep,
    StepKind,
    conditions_of,
    visits_in,
)
from journeys.definition.compiler import ReleasePlan
from journeys.definition.graph import graph_of
from journeys.primitives.state_path import StatePath, track_of

LIMIT = 50_000
#: How many configurations are visited before the proof is given up.


class TooManyConfigurations(Exception):
    """More configurations than the limit."""


class ProofSpace(AnswerSpace):
    """The configurations of some tracks of a release.

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
        read = visits_in(condition.node for condition in conditions_of(plan, tracks))
        self._is_read = tuple([path in read for path in self.counted])
        self._sums: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, ...]] = {}
        self._first_steps: dict[Hashable, tuple[SpaceStep, ...]] = {}
        self._tried: dict[SpaceConfiguration, set[tuple[int, ...]]] = {}
        self._waiting: dict[tuple[str, str], frozenset[str]] = {}
        self._waiting_depths: dict[tuple[str, str, str], tuple[int, ...]] = {}

    # --- configurations and worlds -------------------------------------------------------------------------

    @cached_property
    def reached(self) -> Mapping[SpaceConfiguration, tuple[SpaceConfiguration, SpaceStep] | None]:
        """Every reachable configuration, the nearest first, with that before it and the step between.

        Configurations that only an event which has waited leads to come last: a patient who gets there directly is the
        simpler example.
        """
        reached: dict[SpaceConfiguration, tuple[SpaceConfiguration, SpaceStep] | None]
        reached = dict.fromkeys(self.beginnings())
        for waited in (False, True):
            queue, left_directly = deque(reached), set(reached) if waited else set()
            while queue:
                configuration = queue.popleft()
                direct = configuration not in left_directly
                for step, leaves, visits in self._exits(configuration, direct=direct, waited=waited):
                    if (leaves, visits) not in reached:
                        after = SpaceConfiguration(leaves, visits)
                        reached[after] = configuration, replace(step, after=after)
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

    # --- beginnings and steps ------------------------------------------------------------------------------

    def beginnings(self) -> Iterator[SpaceConfiguration]:
        """The configurations in which patients join."""
        for _, leaves in graph_of(self.plan).beginnings():
            yield self.beginning(leaves)

    def steps(self, configuration: SpaceConfiguration) -> Iterator[SpaceStep]:
        """Every step from a configuration that leads to another."""
        for kind, trigger, choices in self._first_choices(configuration):
            yield from self._steps_with(configuration, kind, trigger, choices)

    def _steps_with(
        self, configuration: SpaceConfiguration, kind: StepKind, trigger: str, choices: Choices
    ) -> Iterator[SpaceStep]:
        for after in self._after(configuration, choices) if choices else ():
            if after != configuration:
                yield SpaceStep(kind, trigger, after)

    def _exits(
        self, configuration: SpaceConfiguration, *, direct: bool, waited: bool
    ) -> Iterator[tuple[SpaceStep, tuple[str, ...], tuple[int, ...]]]:
        """The first of the steps to each other configuration: `direct` ones, and those of events that have `waited`.

        They are worked out once for all configurations that differ only in visits which no transition reads.
        """
        leaves, before = configuration
        read = tuple([count if is_read else 0 for count, is_read in zip(before, self._is_read, strict=True)])
        key = leaves, read, direct, waited
        if key not in self._first_steps:
            self._first_steps[key] = tuple(self._distinct(SpaceConfiguration(leaves, read), direct, waited))
        for step in self._first_steps[key]:
            yield step, step.after.leaves, self._added(before, step.after.visits) if before else before

    def _distinct(self, configuration: SpaceConfiguration, direct: bool, waited: bool) -> Iterable[SpaceStep]:
        """The first step to each configuration; an event that waited leads nowhere else by choices made directly."""
        distinct: dict[SpaceConfiguration, SpaceStep] = {}
        tried = set() if direct else self._tried[configuration]
        for kind, trigger, choices in self._first_choices(configuration, direct=direct, waited=waited):
            key = identity_of(choices)
            if key not in tried:
                tried.add(key)
                for step in self._steps_with(configuration, kind, trigger, choices):
                    distinct.setdefault(step.after, step)
        if not waited:
            self._tried[configuration] = tried
        return distinct.values()

    def _added(self, before: tuple[int, ...], visits: tuple[int, ...]) -> tuple[int, ...]:
        """The visits after a step that was worked out as if no unread state had been visited before."""
        if (before, visits) not in self._sums:
            counts = zip(before, visits, self._is_read, self._visit_caps, strict=True)
            self._sums[before, visits] = tuple(
                [more if is_read else min(count + more, most) for count, more, is_read, most in counts]
            )
        return self._sums[before, visits]

    def surely(self, configuration: SpaceConfiguration) -> Iterator[frozenset[SpaceConfiguration]]:
        """What can be brought about from a configuration whatever happened before: each time one of a set."""
        for trigger in self._triggers:
            for answers in self.ask(trigger, configuration).sure:
                yield frozenset(after for choices in answers for after in self._after(configuration, choices))
        for name, leaf in zip(self.tracks, configuration.leaves, strict=True):
            leading = [timer for state in self.plan.tracks[name].chain(leaf) for timer in state.timers if timer.to]
            if len(leading) == 1 and leading[0].when is None and leading[0].start is None:
                for _, choices in self._timers(configuration, name, leaf):
                    yield frozenset(self._after(configuration, choices))

    def reactions(self, trigger: str, configuration: SpaceConfiguration) -> Iterator[Choices]:
        """All transitions that may follow an event which brings every fact that it needs."""
        for answers in self.ask(trigger, configuration).sure:
            for choices in answers:
                yield from (reaction.taken for reaction in self.react(configuration, choices, self._answers_to_entry))

    def _first_choices(
        self, configuration: SpaceConfiguration, *, direct: bool = True, waited: bool = True
    ) -> Iterator[tuple[StepKind, str, Choices]]:
        """The choices with which a step may begin, with its kind and trigger."""
        for trigger in self._triggers:
            for choices in self.ask(trigger, configuration).all if direct else ():
                yield "event", trigger, choices
            for choices in self._waited(trigger, configuration) if waited else ():
                yield "waited", trigger, choices
        if not direct:
            return
        for name, leaf in zip(self.tracks, configuration.leaves, strict=True):
            for timer, choices in self._timers(configuration, name, leaf):
                yield "timer", timer, choices
        for entry in self._entries_from_aside:
            for choices in self.ask(entry, configuration, waits=False).all:
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
        for index, name in self.listening[trigger]:
            for depth in self._depths_of_waiting(name, configuration.leaves[index], trigger):
                yield from self.ask(trigger, configuration, only=name, deepest=depth).all

    def _depths_of_waiting(self, name: str, leaf: str, trigger: str) -> tuple[int, ...]:
        """The depths of the open states of a track in which an event may wait for a fact."""
        key = (name, leaf, trigger)
        if key not in self._waiting_depths:
            waiting_states = self._waiting_states(name, trigger)
            chain = self.plan.tracks[name].chain(leaf)
            self._waiting_depths[key] = tuple(state.depth for state in chain if state.path in waiting_states)
        return self._waiting_depths[key]

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
                if timer.to is not None and (timer.when is None or self.can_hold(timer.when, configuration)):
                    (candidate,) = track.handlers[state.path, timer.trigger]
                    self.taken.add(id(candidate))
                    yield f"{state.full}: {timer.name}", ((name, candidate),)

    def _after(self, configuration: SpaceConfiguration, choices: Choices) -> Iterator[SpaceConfiguration]:
        """The configurations after some transitions and all that their entries set off."""
        return (reaction.after for reaction in self.react(configuration, choices, self._answers_to_entry))

    def _answers_to_entry(self, entry: str, now: SpaceConfiguration, origin: str) -> Iterable[Choices]:
        return self.ask(entry, now, waits=False, without=origin).all
