"""Compiles the table of questions for a release and the pieces in force."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from journeys.content.catalogue import Catalogue
from journeys.definition.compiler import ReleasePlan, StatePlan, TrackPlan
from journeys.definition.conditions import InState, TooManyCells, Visits, facts_read, walk
from journeys.definition.model import RAISED
from journeys.definition.questions import declared_questions
from journeys.engine.machine import NO_FACTS
from journeys.primitives.state_path import chain_of
from journeys.questions.decisions import (
    Decision,
    DecisionKind,
    DecisionName,
    decision_of_transition,
    decisions_of_piece,
    decisions_of_timer,
)
from journeys.questions.table import RANKS, Prospect, Prospects, QuestionTable, Rank
from journeys.questions.ways import Handlers, Leaf, Steps, Way, add_undominated, forgotten_by, handlers_of
from journeys.questions.worth import Questions, Weighed, made_ready

_AFTER = "after."


def compile_questions(plan: ReleasePlan, catalogue: Catalogue) -> QuestionTable:
    """The table of a release with the pieces in force."""
    journey = plan.journey
    facts = {
        question.name: question.facts
        for question in declared_questions(journey)
        if question.facts and all("patient" in journey.facts[name].by for name in question.facts)
    }
    of = {name: question for question, names in facts.items() for name in names}
    questions = Questions(of, facts, frozenset(plan.held_facts))
    return _TableCompiler(plan, catalogue, questions).table() if facts else QuestionTable(plan, questions)


class _Placed(NamedTuple):
    """A decision in a leaf: its rank there, the stays that it counts from, and the states that declare it."""

    rank: Rank
    weighed: Weighed
    stays: tuple[str, ...]
    declared_by: frozenset[str]


class _TableCompiler:
    """Compiles the table of a release."""

    def __init__(self, plan: ReleasePlan, catalogue: Catalogue, questions: Questions) -> None:
        self.plan, self.catalogue, self.questions = plan, catalogue, questions
        self.unweighed: dict[DecisionName, None] = {}
        self.handlers = {
            (name, state): handlers_of(track, state) for name, track in plan.tracks.items() for state in track.states
        }
        self.leaves = [(name, leaf) for name, track in plan.tracks.items() for leaf in track.leaves]
        heard = {
            name: frozenset[str]().union(*(other.triggers for other in plan.tracks.values() if other.name != name))
            for name in plan.tracks
        }
        self.open = {leaf: frozenset(f"{leaf[0]}.{state}" for state in chain_of(leaf[1])) for leaf in self.leaves}
        self.steps = Steps(plan, frozenset(questions.of), self.handlers, heard, self.open)
        self.forgets = forgotten_by(plan, self.handlers)
        self.forgets_of: dict[str, frozenset[str]] = {}
        self.minded: dict[Weighed, frozenset[str]] = {}
        for (_, name), forgotten in self.forgets.items():
            self.forgets_of[name] = self.forgets_of.get(name, NO_FACTS) | forgotten
        self.pieces = {
            key: self._ready(decisions_of_piece(piece))
            for key, piece in catalogue.pieces.items()
            if piece.kind == "page" and not piece.is_reminder and key not in plan.thanked
        }
        self.timers = {full: self._timers(state) for full, state in plan.states.items()}
        self.transitions: dict[tuple[object, ...], tuple[Weighed, ...]] = {}
        self.decisions: dict[Leaf, list[_Placed]] = {}
        self.read: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self.changed: dict[tuple[Leaf, frozenset[str], frozenset[str]], list[_Placed]] = {}
        self.silent = frozenset(
            (name, leaf)
            for name, leaf in self.leaves
            if any(plan.journey.tracks[name].states[state].asks_nothing for state in chain_of(leaf))
        )

    def table(self) -> QuestionTable:
        ways = {leaf: self.steps.ways(leaf) for leaf in self.leaves}
        return QuestionTable(
            self.plan,
            self.questions,
            self.silent,
            {leaf: _moving(handlers) for leaf, handlers in self.handlers.items()},
            self.forgets,
            {leaf: self._prospects(leaf, ways[leaf]) for leaf in self.leaves},
            dict(self._reactions(ways)),
            dict(self._waiting()),
            tuple(self.unweighed),
        )

    # --- decisions ---------------------------------------------------------------------------------------------

    def _ready(self, decisions: Iterable[Decision]) -> tuple[Weighed, ...]:
        ready = []
        for decision in decisions:
            try:
                weighed = made_ready(decision, self.plan, self.questions)
            except TooManyCells:
                self.unweighed[decision.subject] = None
            else:
                ready += [weighed] if weighed is not None else []
        return tuple(ready)

    def _timers(self, state: StatePlan) -> tuple[Weighed, ...]:
        handlers = self.plan.tracks[state.track].handlers
        decisions: list[Decision] = []
        for timer in state.timers:
            target = handlers[state.path, timer.trigger][0] if timer.to is not None else None
            piece = self.catalogue.pieces.get(timer.remind) if timer.remind is not None else None
            decisions += decisions_of_timer(state, timer, target, piece)
        return self._ready(decisions)

    def _transition(self, leaf: Leaf, trigger: str, kind: DecisionKind = "transition") -> tuple[Weighed, ...]:
        """The decision of a trigger, if it reads facts; leaves that hear it by the same states share it."""
        track, path = leaf
        candidates = self.handlers[leaf][trigger]
        key = (kind, trigger, *map(id, candidates))
        if key not in self.transitions:
            decision = decision_of_transition(
                DecisionName(kind, trigger, f"{track}.{path}"),
                candidates,
                required=self.plan.awaited.get(trigger, NO_FACTS),
                reset=self.plan.requires.get(trigger, NO_FACTS) | self.plan.resets.get(trigger, NO_FACTS),
                waits=not trigger.startswith(RAISED),
            )
            self.transitions[key] = self._ready([decision])
        return self.transitions[key]

    def _waiting(self) -> Iterator[tuple[tuple[str, str], Weighed]]:
        for (track, path), handlers in self.handlers.items():
            for trigger in handlers:
                if not trigger.startswith((RAISED, _AFTER)):
                    for weighed in self._transition((track, path), trigger, "waiting event"):
                        yield (f"{track}.{path}", trigger), weighed

    def _decisions_in(self, leaf: Leaf) -> list[_Placed]:
        """The decisions of a leaf and the states around it."""
        if leaf not in self.decisions:
            track, path = leaf
            chain = chain_of(path)
            places: dict[str, str] = {}
            for state in chain:
                for name in (track, f"{track}.{state}") if state == chain[0] else (f"{track}.{state}",):
                    places |= dict.fromkeys(self.catalogue.by_place.get(name, ()), f"{track}.{state}")
            placed = [
                _Placed("now", weighed, (state,), frozenset([state]))
                for piece, state in places.items()
                for weighed in self.pieces.get(piece, ())
            ]
            states = tuple(f"{track}.{state}" for state in chain)
            placed += [
                _Placed("dates", weighed, (state,), frozenset([state]))
                for state in states
                for weighed in self.timers[state]
            ]
            for trigger, candidates in self.handlers[leaf].items():
                if not trigger.startswith((RAISED, _AFTER)):
                    declaring = frozenset(f"{track}.{candidate.declared_by}" for candidate in candidates)
                    placed += [
                        _Placed("next", weighed, states, declaring) for weighed in self._transition(leaf, trigger)
                    ]
            self.decisions[leaf] = placed
        return self.decisions[leaf]

    # --- prospects ---------------------------------------------------------------------------------------------

    def _prospects(self, leaf: Leaf, ways: Iterable[Way]) -> Prospects:
        """The decisions in a leaf, and those in the states that the ways from it lead to."""
        collected = _Collected(self.forgets_of, self.minded)
        for placed in self._decisions_in(leaf):
            collected.add(placed.rank, placed, Way(leaf))
        for way in _undominated(ways):
            self._collect_at_end(collected, way, leaf)
        return collected.by_rank()

    def _collect_at_end(self, collected: _Collected, way: Way, before: Leaf) -> None:
        """Collects the decisions that a way changes at its end; `before` is the leaf in which its track was."""
        if way.end not in self.silent:
            entered = frozenset(way.entered)
            turned = self.open[before] ^ self.open[way.end]
            key = way.end, turned, entered
            if key not in self.changed:
                self.changed[key] = [
                    placed
                    for placed in self._decisions_in(way.end)
                    if not placed.declared_by.isdisjoint(
                        entered if placed.rank == "dates" or placed.weighed.reads_stay else turned
                    )
                    or placed.weighed.sees(turned, entered)
                ]
            for placed in self.changed[key]:
                collected.add("horizon", placed, way)

    def _reactions(self, ways: Mapping[Leaf, list[Way]]) -> Iterator[tuple[tuple[Leaf, Leaf], Prospects]]:
        """By a leaf and the leaf of another track: the decisions in and behind the first that ways from the second
        change.

        They raise an entry that the leaf hears, or open and close states that its decisions read.
        """
        for other, from_other in ways.items():
            shown = [way for way in from_other if way.end not in self.silent]
            raised = {f"{RAISED}{state}" for way in shown for state in way.last}
            for track in self.plan.tracks.values():
                if track.name != other[0]:
                    by_entry = {
                        entry: self._as_read_in(track, [way for way in shown if entry[len(RAISED) :] in way.last])
                        for entry in raised & track.triggers
                    }
                    turning: list[Way] | None = None
                    for leaf in [(track.name, path) for path in track.leaves]:
                        collected = _Collected(self.forgets_of, self.minded)
                        for entry in self.handlers[leaf].keys() & by_entry.keys():
                            self._collect_raised(collected, leaf, entry, by_entry[entry])
                        reading = [each for each in self._decisions_in(leaf) if other[0] in each.weighed.tracks]
                        if reading and turning is None:
                            turning = self._as_read_in(track, shown)
                        for placed in reading:
                            for way in turning or ():
                                if placed.weighed.sees(way.turned, way.entered):
                                    collected.add("horizon", placed, way)
                        if collected.ways:
                            yield (leaf, other), collected.by_rank()

    def _as_read_in(self, track: TrackPlan, ways: Iterable[Way]) -> list[Way]:
        """Ways of another track as far as they matter in a track, which is certain not to move on them."""
        if track.name not in self.read:
            decisions = [
                each.weighed.decision for leaf in track.leaves for each in self._decisions_in((track.name, leaf))
            ]
            guards = [each.condition for candidates in track.handlers.values() for each in candidates]
            nodes = [*(node for each in decisions for node in each.conditions), *(each.node for each in guards if each)]
            read_states = {part.path for node in nodes for part in walk(node) if isinstance(part, InState | Visits)}
            self.read[track.name] = NO_FACTS.union(*map(facts_read, nodes)), frozenset(read_states)
        facts, states = self.read[track.name]
        kept: dict[Hashable, list[Way]] = {}
        for way in ways:
            seen = replace(
                way,
                end=("", ""),
                moved=way.moved | {track.name},
                turned=way.turned & states,
                cleared=way.cleared & facts,
                forgotten=way.forgotten & facts,
                reported=way.reported & facts,
                entered=tuple([state for state in way.entered if state in states]),
                last=(),
            )
            add_undominated(kept.setdefault((seen.steps == 1, seen.turned, seen.entered), []), seen)
        return [way for each in kept.values() for way in each]

    def _collect_raised(self, collected: _Collected, leaf: Leaf, entry: str, ways: Iterable[Way]) -> None:
        stays = tuple(f"{leaf[0]}.{state}" for state in chain_of(leaf[1]))
        for way in ways:
            for weighed in self._transition(leaf, entry):
                placed = _Placed("next", weighed, stays, NO_FACTS)
                collected.add("next" if way.steps == 1 else "horizon", placed, way)
        for longer in _undominated(longer for way in ways for longer in self.steps.longer(way, leaf, entry)):
            self._collect_at_end(collected, longer, leaf)


def _moving(handlers: Handlers) -> frozenset[str]:
    """The triggers and entries on which a leaf may be left or entered anew; on all others it surely stays."""
    return frozenset(
        trigger for trigger, candidates in handlers.items() if any(each.enters is not None for each in candidates)
    )


def _undominated(ways: Iterable[Way]) -> list[Way]:
    """The ways without those that another way to the same end dominates."""
    kept: dict[Hashable, list[Way]] = {}
    for way in ways:
        add_undominated(kept.setdefault((way.end, way.turned, frozenset(way.entered)), []), way)
    return [way for each in kept.values() for way in each]


class _Collected:
    """Collects the decisions ahead of a leaf; a way that clears and needs no less than another adds nothing."""

    def __init__(self, forgets: Mapping[str, frozenset[str]], minded: dict[Weighed, frozenset[str]]) -> None:
        self.forgets, self.minded = forgets, minded
        self.ways: dict[tuple[Rank, Weighed, tuple[str, ...], Hashable], list[Way]] = {}

    def add(self, rank: Rank, placed: _Placed, way: Way) -> None:
        weighed = placed.weighed
        if not weighed.asks <= way.cleared:
            if weighed not in self.minded:
                facts = weighed.decision.facts
                names = (name for name, forgotten in self.forgets.items() if not facts.isdisjoint(forgotten))
                self.minded[weighed] = frozenset(names)
            seen = weighed.seen(way, placed.stays, self.minded[weighed])
            key = rank, weighed, placed.stays if weighed.reads_stay else (), (seen.turned, seen.entered, seen.moved)
            add_undominated(self.ways.setdefault(key, []), seen)

    def by_rank(self) -> Prospects:
        prospects: dict[Rank, list[Prospect]] = {rank: [] for rank in RANKS}
        for (rank, weighed, stays, _), ways in self.ways.items():
            prospects[rank] += [Prospect(weighed, rank, stays, way) for way in ways]
        return {rank: tuple(each) for rank, each in prospects.items() if each}
