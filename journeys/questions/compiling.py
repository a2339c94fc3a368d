"""Compiles the table of questions for a release and the pieces in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from journeys.content.catalogue import Catalogue
from journeys.definition.compiler import ReleasePlan, StatePlan
from journeys.definition.conditions import TooManyCells
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
from journeys.questions.ways import Leaf, Steps, Way, add_undominated, forgotten_elsewhere, handlers_of
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


class _TableCompiler:
    """Compiles the table of a release."""

    def __init__(self, plan: ReleasePlan, catalogue: Catalogue, questions: Questions) -> None:
        self.plan, self.catalogue, self.questions = plan, catalogue, questions
        self.unweighed: dict[DecisionName, None] = {}
        self.handlers = {
            (name, leaf): handlers_of(track, leaf) for name, track in plan.tracks.items() for leaf in track.leaves
        }
        heard = {
            name: frozenset[str]().union(*(other.triggers for other in plan.tracks.values() if other.name != name))
            for name in plan.tracks
        }
        self.steps = Steps(plan, frozenset(questions.of), self.handlers, heard, forgotten_elsewhere(plan))
        self.pieces = {
            key: self._ready(decisions_of_piece(piece))
            for key, piece in catalogue.pieces.items()
            if piece.kind == "page" and not piece.is_reminder
        }
        self.timers = {full: self._timers(state) for full, state in plan.states.items()}
        self.transitions: dict[tuple[object, ...], tuple[Weighed, ...]] = {}
        self.decisions: dict[tuple[Leaf, frozenset[str]], list[tuple[Rank, Weighed, tuple[str, ...]]]] = {}
        self.silent = frozenset(
            (name, leaf)
            for name, track in plan.tracks.items()
            for leaf in track.leaves
            if any(plan.journey.tracks[name].states[path].asks_nothing for path in chain_of(leaf))
        )

    def table(self) -> QuestionTable:
        ways = {leaf: self.steps.ways(leaf) for leaf in self.handlers}
        return QuestionTable(
            self.plan,
            self.questions,
            self.silent,
            {leaf: frozenset(handlers) for leaf, handlers in self.handlers.items()},
            {leaf: self._prospects(leaf, ways[leaf]) for leaf in self.handlers},
            dict(self._raised(ways)),
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
        candidates = handlers_of(self.plan.tracks[track], path)[trigger]
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
        for full, state in self.plan.states.items():
            for trigger in handlers_of(self.plan.tracks[state.track], state.path):
                if not trigger.startswith((RAISED, _AFTER)):
                    for weighed in self._transition((state.track, state.path), trigger, "waiting event"):
                        yield (full, trigger), weighed

    def _decisions_in(self, leaf: Leaf, before: str = "") -> list[tuple[Rank, Weighed, tuple[str, ...]]]:
        """The decisions of the states around a leaf that are not open in the leaf before it.

        Each has its rank where the patient is in the leaf, and the full paths of the stays that it counts from.
        """
        track, path = leaf
        chain = chain_of(path)
        fresh = frozenset(chain) - frozenset(chain_of(before))
        key = leaf, fresh
        if key not in self.decisions:
            places: dict[str, str] = {}
            for state in chain:
                for name in (track, f"{track}.{state}") if state == chain[0] else (f"{track}.{state}",):
                    places |= dict.fromkeys(self.catalogue.by_place.get(name, ()), state)
            stays = tuple(f"{track}.{state}" for state in chain)
            self.decisions[key] = [
                *(
                    ("now", weighed, (f"{track}.{state}",))
                    for piece, state in places.items()
                    if state in fresh
                    for weighed in self.pieces.get(piece, ())
                ),
                *(
                    ("dates", weighed, (f"{track}.{state}",))
                    for state in chain
                    if state in fresh
                    for weighed in self.timers[f"{track}.{state}"]
                ),
                *(
                    ("next", weighed, stays)
                    for trigger, candidates in self.handlers[leaf].items()
                    if not trigger.startswith((RAISED, _AFTER))
                    and any(each.declared_by in fresh for each in candidates)
                    for weighed in self._transition(leaf, trigger)
                ),
            ]
        return self.decisions[key]

    # --- prospects ---------------------------------------------------------------------------------------------

    def _prospects(self, leaf: Leaf, ways: Iterable[Way]) -> Prospects:
        """The decisions in a leaf, and those in the states that the ways from it lead to."""
        collected = _Collected()
        for rank, weighed, stays in self._decisions_in(leaf):
            collected.add(rank, weighed, stays, Way((leaf,)))
        for way in _undominated(ways):
            self._collect_at_end(collected, way, leaf[1])
        return collected.by_rank()

    def _collect_at_end(self, collected: _Collected, way: Way, before: str) -> None:
        if way.end not in self.silent:
            for _, weighed, stays in self._decisions_in(way.end, before):
                collected.add("horizon", weighed, stays, way)

    def _raised(self, ways: Mapping[Leaf, list[Way]]) -> Iterator[tuple[tuple[Leaf, Leaf], Prospects]]:
        """By a leaf and the leaf of another track: the decisions that entries on the ways from the second raise."""
        for other, from_other in ways.items():
            by_entry: dict[str, list[Way]] = {}
            for way in from_other:
                for state in way.last if way.end not in self.silent else ():
                    by_entry.setdefault(f"{RAISED}{state}", []).append(way)
            raising = {
                entry: [
                    *_undominated(way for way in ways if way.steps == 1),
                    *_undominated(way for way in ways if way.steps > 1),
                ]
                for entry, ways in by_entry.items()
            }
            for leaf, handlers in self.handlers.items():
                collected = _Collected()
                for trigger in handlers.keys() & raising.keys() if leaf[0] != other[0] else ():
                    for way in raising[trigger]:
                        for weighed in self._transition(leaf, trigger):
                            rank: Rank = "next" if way.steps == 1 else "horizon"
                            collected.add(rank, weighed, tuple(f"{leaf[0]}.{path}" for path in chain_of(leaf[1])), way)
                        for longer in self.steps.longer(way, leaf, trigger):
                            self._collect_at_end(collected, longer, leaf[1])
                if collected.ways:
                    yield (leaf, other), collected.by_rank()


def _undominated(ways: Iterable[Way]) -> list[Way]:
    """The ways without those that another way to the same end dominates."""
    kept: dict[Leaf, list[Way]] = {}
    for way in ways:
        add_undominated(kept.setdefault(way.end, []), way)
    return [way for each in kept.values() for way in each]


class _Collected:
    """Collects the decisions ahead of a leaf; a way that clears and needs no less than another adds nothing."""

    def __init__(self) -> None:
        self.ways: dict[tuple[Rank, Weighed, tuple[str, ...], tuple[Leaf, ...], tuple[str, ...]], list[Way]] = {}

    def add(self, rank: Rank, weighed: Weighed, stays: tuple[str, ...], way: Way) -> None:
        if not weighed.asks <= way.cleared and way.uncertain.isdisjoint(weighed.decision.facts):
            seen = weighed.seen(way)
            key = rank, weighed, stays if weighed.reads_stay else (), seen.moves, seen.entered
            add_undominated(self.ways.setdefault(key, []), seen)

    def by_rank(self) -> Prospects:
        prospects: dict[Rank, list[Prospect]] = {rank: [] for rank in RANKS}
        for (rank, weighed, stays, _, _), ways in self.ways.items():
            prospects[rank] += [Prospect(weighed, rank, stays, way) for way in ways]
        return {rank: tuple(each) for rank, each in prospects.items() if each}
