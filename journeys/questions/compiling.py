"""Compiles the table of questions for a release and the pieces in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from journeys.content.catalogue import Catalogue
from journeys.definition.compiler import Candidate, ReleasePlan, StatePlan
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
from journeys.questions.table import AtLeaf, Prospect, QuestionTable, Rank
from journeys.questions.ways import Ahead, Leaf, Way, can_be_shown, forgotten_elsewhere, guards_of, handlers_of
from journeys.questions.worth import Questions, Weighed, made_ready


def compile_questions(plan: ReleasePlan, catalogue: Catalogue) -> QuestionTable:
    """The table of a release with the pieces in force."""
    questions = _questions(plan)
    if not questions.facts:
        leaves = {
            (name, leaf): AtLeaf((), (), (), (), (), False, NO_FACTS)
            for name, track in plan.tracks.items()
            for leaf in track.leaves
        }
        return QuestionTable(plan, questions, (), leaves, {}, {})
    return _TableCompiler(plan, catalogue, questions).table()


def _questions(plan: ReleasePlan) -> Questions:
    """The questions of which patients may tell every fact."""
    journey = plan.journey
    facts = {
        question.name: question.facts
        for question in declared_questions(journey)
        if question.facts and all("patient" in journey.facts[name].by for name in question.facts)
    }
    of = {name: question for question, names in facts.items() for name in names}
    return Questions(of, facts, frozenset(plan.held_facts))


class _TableCompiler:
    """Compiles the table of a release."""

    def __init__(self, plan: ReleasePlan, catalogue: Catalogue, questions: Questions) -> None:
        self.plan, self.catalogue, self.questions = plan, catalogue, questions
        self.unweighed: dict[DecisionName, None] = {}
        self.handlers = {
            (name, leaf): handlers_of(track, leaf) for name, track in plan.tracks.items() for leaf in track.leaves
        }
        self.ahead = Ahead(plan, frozenset(questions.of), self.handlers, forgotten_elsewhere(plan))
        self.fresh: dict[tuple[str, str, frozenset[int]], tuple[Weighed, ...]] = {}
        self.shared: dict[tuple[object, ...], Weighed | None] = {}
        self.pieces = {
            key: self._ready(decisions_of_piece(piece))
            for key, piece in catalogue.pieces.items()
            if piece.kind == "page" and not piece.is_reminder
        }
        self.timers = {full: self._timers(state) for full, state in plan.states.items()}
        silent = {
            f"{track.name}.{path}" for track in plan.journey.tracks.values() for path, state in track.states.items()
            if state.asks_nothing
        }  # fmt: skip
        self.silent = {
            (name, leaf): any(f"{name}.{path}" in silent for path in chain_of(leaf))
            for name, track in plan.tracks.items()
            for leaf in track.leaves
        }

    def table(self) -> QuestionTable:
        leaves = {leaf: self._at_leaf(leaf) for leaf in self.handlers}
        waiting = dict(self._waiting())
        raised = dict(self._raised(leaves))
        return QuestionTable(self.plan, self.questions, tuple(self.unweighed), leaves, waiting, raised)

    def _ready(self, decisions: Iterable[Decision]) -> tuple[Weighed, ...]:
        ready = []
        for decision in decisions:
            try:
                weighed = made_ready(decision, self.plan, self.questions)
            except TooManyCells:
                self.unweighed[decision.subject] = None
                continue
            if weighed is not None:
                ready.append(weighed)
        return tuple(ready)

    # --- in a leaf ---------------------------------------------------------------------------------------------

    def _at_leaf(self, leaf: Leaf) -> AtLeaf:
        track, path = leaf
        chain = chain_of(path)
        ways = tuple(self.ahead.ways(track, path, self.plan.journey.asking.horizon))
        return AtLeaf(
            pieces=tuple(self._pieces(track, chain)),
            timers=tuple(
                (weighed, depth) for depth, state in enumerate(chain, 1) for weighed in self.timers[f"{track}.{state}"]
            ),
            transitions=self._transitions(leaf, [name for name in self.handlers[leaf] if not name.startswith(RAISED)]),
            ahead=self._prospects(leaf, ways),
            ways=ways,
            asks_nothing=self.silent[leaf],
            hears=frozenset(self.handlers[leaf]),
        )

    def _pieces(self, track: str, chain: Sequence[str]) -> Iterator[tuple[Weighed, int]]:
        depths: dict[str, int] = {}
        for depth, state in enumerate(chain, start=1):
            for name in (track, f"{track}.{state}") if depth == 1 else (f"{track}.{state}",):
                depths |= dict.fromkeys(self.catalogue.by_place.get(name, ()), depth)
        for key, depth in depths.items():
            yield from ((weighed, depth) for weighed in self.pieces.get(key, ()))

    def _timers(self, state: StatePlan) -> tuple[Weighed, ...]:
        track = self.plan.tracks[state.track]
        decisions: list[Decision] = []
        for timer in state.timers:
            target = track.handlers[state.path, timer.trigger][0] if timer.to is not None else None
            piece = self.catalogue.pieces.get(timer.remind) if timer.remind is not None else None
            decisions += decisions_of_timer(state, timer, target, piece)
        return self._ready(decisions)

    def _transitions(self, leaf: Leaf, triggers: Iterable[str]) -> tuple[Weighed, ...]:
        transitions = [
            self._transition(leaf, trigger, "transition", self.handlers[leaf][trigger])
            for trigger in triggers
            if not trigger.startswith("after.")
        ]
        return tuple(weighed for weighed in transitions if weighed is not None)

    def _transition(
        self, leaf: Leaf, trigger: str, kind: DecisionKind, candidates: Sequence[Candidate]
    ) -> Weighed | None:
        """The decision of a trigger; leaves that hear it by the same states share it."""
        key = (kind, trigger, *map(id, candidates))
        if key not in self.shared:
            decision = decision_of_transition(
                DecisionName(kind, trigger, f"{leaf[0]}.{leaf[1]}"),
                candidates,
                required=self.plan.awaited.get(trigger, NO_FACTS),
                reset=self.plan.requires.get(trigger, NO_FACTS) | self.plan.resets.get(trigger, NO_FACTS),
                waits=not trigger.startswith(RAISED),
            )
            ready = self._ready([decision])
            self.shared[key] = ready[0] if ready else None
        return self.shared[key]

    def _waiting(self) -> Iterator[tuple[tuple[str, str, str], Weighed]]:
        for name, track in self.plan.tracks.items():
            for path in track.states:
                for trigger, candidates in handlers_of(track, path).items():
                    if not trigger.startswith((RAISED, "after.")):
                        weighed = self._transition((name, path), trigger, "waiting event", candidates)
                        if weighed is not None:
                            yield (name, path, trigger), weighed

    # --- ahead -------------------------------------------------------------------------------------------------

    def _prospects(self, leaf: Leaf, ways: Sequence[Way]) -> tuple[Prospect, ...]:
        """The decisions in the states that the ways from a leaf lead to, those that are open there apart."""
        track, start = leaf
        prospects = _Prospects()
        for way in self._undominated(track, ways):
            if not self.silent[track, way.leaf]:
                for weighed in self._decisions_in(track, way.leaf, start):
                    prospects.add(weighed, "horizon", way, ((track, way.leaf),))
        return prospects.all()

    def _undominated(self, track: str, ways: Iterable[Way]) -> list[Way]:
        """The ways without those that clear, need and move no less than another way to the same leaf."""
        others = [plan.triggers for name, plan in self.plan.tracks.items() if name != track]
        kept: dict[str, list[Way]] = {}
        for way in ways:
            heard = frozenset(trigger for trigger in way.heard if any(trigger in triggers for triggers in others))
            slim = replace(way, heard=heard)
            before = kept.setdefault(way.leaf, [])
            if not any(other.dominates(slim) for other in before):
                before[:] = [*(other for other in before if not slim.dominates(other)), slim]
        return [way for each in kept.values() for way in each]

    def _decisions_in(self, track: str, leaf: str, before: str) -> tuple[Weighed, ...]:
        """The decisions of the states around a leaf that are not open in the leaf before it."""
        chain, open_before = chain_of(leaf), chain_of(before)
        fresh = frozenset(depth for depth, state in enumerate(chain, start=1) if state not in open_before)
        key = track, leaf, fresh
        if key not in self.fresh:
            triggers = [
                trigger
                for trigger, candidates in self.handlers[track, leaf].items()
                if not trigger.startswith(RAISED) and any(each.depth in fresh for each in candidates)
            ]
            self.fresh[key] = (
                *(weighed for weighed, depth in self._pieces(track, chain) if depth in fresh),
                *(weighed for depth in fresh for weighed in self.timers[f"{track}.{chain[depth - 1]}"]),
                *self._transitions((track, leaf), triggers),
            )
        return self.fresh[key]

    def _raised(self, leaves: Mapping[Leaf, AtLeaf]) -> Iterator[tuple[tuple[Leaf, Leaf], tuple[Prospect, ...]]]:
        """By a leaf and the leaf of another track: the decisions that entries on the ways from the second raise."""
        hears = {
            leaf: [trigger for trigger in handlers if trigger.startswith(RAISED)]
            for leaf, handlers in self.handlers.items()
        }
        for other, at_other in leaves.items():
            by_entry: dict[str, list[Way]] = {}
            for way in at_other.ways:
                for state in way.last:
                    by_entry.setdefault(f"{RAISED}{state}", []).append(way)
            for trigger, ways in by_entry.items():
                first = self._undominated(other[0], [way for way in ways if way.steps == 1])
                by_entry[trigger] = [*first, *self._undominated(other[0], [way for way in ways if way.steps > 1])]
            for leaf, triggers in hears.items():
                if leaf[0] != other[0]:
                    prospects = _Prospects()
                    for trigger in triggers:
                        for way in by_entry.get(trigger, ()):
                            self._collect_raised(prospects, leaf, trigger, way, (other[0], way.leaf))
                    if prospects.by_key:
                        yield (leaf, other), prospects.all()

    def _collect_raised(self, prospects: _Prospects, leaf: Leaf, trigger: str, way: Way, mover: Leaf) -> None:
        if self.silent[mover]:
            return
        candidates = self.handlers[leaf][trigger]
        weighed = self._transition(leaf, trigger, "transition", candidates)
        if weighed is not None:
            prospects.add(weighed, "next" if way.steps == 1 else "horizon", way, (mover,))
        for candidate in candidates:
            if can_be_shown(candidate):
                siblings = [each for each in candidates if each.declared_by == candidate.declared_by]
                guards = guards_of(leaf[0], candidate, siblings, None, way.cleared, (mover,), way.entered)
                longer = self.ahead.longer(way, candidate, trigger, NO_FACTS, guards)
                if not self.silent[leaf[0], longer.leaf]:
                    for inner in self._decisions_in(leaf[0], longer.leaf, leaf[1]):
                        prospects.add(inner, "horizon", longer, (mover, (leaf[0], longer.leaf)))


class _Prospects:
    """Collects the decisions ahead of a leaf; a way that clears and needs no less than another adds nothing."""

    def __init__(self) -> None:
        self.by_key: dict[tuple[object, ...], list[Prospect]] = {}

    def all(self) -> tuple[Prospect, ...]:
        return tuple(prospect for prospects in self.by_key.values() for prospect in prospects)

    def add(self, weighed: Weighed, rank: Rank, way: Way, moves: tuple[Leaf, ...]) -> None:
        """Adds a way to a decision; where the decision reads no state, all places where it is taken are alike."""
        cleared = way.cleared & weighed.decision.facts
        if weighed.asks <= cleared or not way.uncertain.isdisjoint(weighed.decision.facts):
            return
        reads_others = not weighed.couples <= {track for track, _ in moves}
        reads_spot = bool(weighed.couples) or weighed.reads_visits or weighed.reads_stay
        entered = way.entered if weighed.reads_visits else ()
        prospect = Prospect(
            weighed=weighed,
            rank=rank,
            moves=moves if reads_spot else (),
            cleared=cleared,
            forgotten=way.forgotten & weighed.decision.facts,
            heard=way.heard if reads_others else NO_FACTS,
            entered=entered,
            guards=way.guards,
        )
        before = self.by_key.setdefault((weighed, rank, prospect.moves, entered), [])
        if not any(other.dominates(prospect) for other in before):
            before[:] = [*(other for other in before if not prospect.dominates(other)), prospect]
