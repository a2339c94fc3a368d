"""The questions worth asking, from a table that is compiled once for a release and the pieces in force.

The table remembers how decisions were weighed; it knows no patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from journeys.content.catalogue import Catalogue
from journeys.definition.compiler import Candidate, ReleasePlan, StatePlan
from journeys.definition.conditions import TooManyCells, World
from journeys.definition.facts import DECLINED
from journeys.definition.model import RAISED
from journeys.definition.questions import declared_questions
from journeys.engine import State, Stay
from journeys.engine.machine import NO_FACTS
from journeys.primitives.state_path import chain_of
from journeys.questions.decisions import (
    Decision,
    Subject,
    SubjectKind,
    decision_of_transition,
    decisions_of_piece,
    decisions_of_timer,
)
from journeys.questions.ways import Ahead, Guard, Leaf, Way, can_be_shown, guards_of, handlers_of, moved_spot
from journeys.questions.worth import Questions, Spot, Weighed, made_ready

Rank = Literal["waiting", "now", "dates", "next", "horizon"]
RANKS: tuple[Rank, ...] = ("waiting", "now", "dates", "next", "horizon")


@dataclass(frozen=True, slots=True)
class Worthwhile:
    """A question worth asking, its best rank, and the decisions of that rank that an answer helps to settle.

    `share` is the share of its answers that settle one of them alone, from 0 to 1.
    """

    question: str
    rank: Rank
    share: float
    settles: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Prospect:
    """A decision ahead: where it is taken, and the way there with the guards that may close it.

    `moves` are the tracks that moved, `heard` what happened on the way, `entered` the states that it entered.
    """

    weighed: Weighed
    rank: Rank
    moves: tuple[Leaf, ...]
    cleared: frozenset[str]
    heard: frozenset[str]
    entered: tuple[str, ...]
    guards: tuple[Guard, ...]

    def dominates(self, other: Prospect) -> bool:
        """Whether the way of the other clears and needs no less than this one."""
        return (
            self.cleared <= other.cleared
            and self.heard <= other.heard
            and (not self.guards or set(self.guards) <= set(other.guards))
        )


@dataclass(frozen=True, slots=True)
class _AtLeaf:
    """The decisions in a leaf and the states around it, each with the depth of its state, and those ahead of it."""

    pieces: tuple[tuple[Weighed, int], ...]
    timers: tuple[tuple[Weighed, int], ...]
    transitions: tuple[Weighed, ...]
    ahead: tuple[Prospect, ...]
    ways: tuple[Way, ...]
    asks_nothing: bool


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """The questions worth asking in every view of a release.

    `unweighed` are the decisions whose facts have too many combinations: no question is asked for them.
    """

    plan: ReleasePlan
    questions: Questions
    unweighed: tuple[Subject, ...]
    _leaves: Mapping[Leaf, _AtLeaf] = field(repr=False)
    _waiting: Mapping[tuple[str, str, str], Weighed] = field(repr=False)
    _ahead: Mapping[tuple[Leaf, Leaf], tuple[Prospect, ...]] = field(repr=False)

    def at_leaf(self, track: str, leaf: str) -> _AtLeaf:
        """The decisions in and ahead of a leaf."""
        return self._leaves[track, leaf]

    def waiting(self, track: str, state: str, trigger: str) -> Weighed | None:
        """The decision of an event that waits in a state, or None if no question could settle it."""
        return self._waiting.get((track, state, trigger))

    def raised(self, leaf: Leaf, other: Leaf) -> tuple[Prospect, ...]:
        """The decisions in one leaf of which a step from the leaf of another track raises the entry."""
        return self._ahead.get((leaf, other), ())


# --- asking ----------------------------------------------------------------------------------------------------


def worth_asking(table: QuestionTable, view: State, now: datetime) -> tuple[Worthwhile, ...]:
    """The questions worth asking in a view, the most useful first.

    Args:
        table: the table of the release.
        view: the told view.
        now: the instant at which conditions are evaluated.
    """
    leaves = [
        (track, stays, table.at_leaf(track, stays[-1].state))
        for track in table.plan.tracks
        if (stays := view.tracks.get(track))
    ]
    askable = _askable(table, view)
    if not askable or view.ended is not None or any(at_leaf.asks_nothing for _, _, at_leaf in leaves):
        return ()
    query = _Query(table, view, now, askable)
    query.waiting()
    query.now(leaves)
    query.following(leaves)
    return query.ranked()


def _askable(table: QuestionTable, view: State) -> frozenset[str]:
    """The unknown facts that may be asked: none of a question of which a fact is declined, or held and not told."""
    askable: set[str] = set()
    held = table.questions.held
    for facts in table.questions.facts.values():
        unknown = [name for name in facts if name not in view.facts]
        is_declined = any(name in view.facts and view.facts[name].value is DECLINED for name in facts)
        if not is_declined and held.isdisjoint(unknown):
            askable.update(unknown)
    return frozenset(askable)


class _Query:
    """Collects the questions worth asking in one view, rank by rank.

    A question that is worth asking at one rank is not looked for at a later one.
    """

    def __init__(self, table: QuestionTable, view: State, now: datetime, askable: frozenset[str]) -> None:
        self.table, self.view, self.now_at, self.askable = table, view, now, askable
        values = {name: fact.value for name, fact in view.facts.items()}
        self.spot = Spot(values, view.places, view.visits, now)
        self.world = World(values, view.places, view.visits, now)
        self.worthwhile: dict[str, Worthwhile] = {}

    def ranked(self) -> tuple[Worthwhile, ...]:
        """The questions by rank, then share, then the order of their declaration."""
        order = {name: position for position, name in enumerate(self.table.questions.facts)}
        entries = self.worthwhile.values()
        return tuple(
            sorted(entries, key=lambda entry: (RANKS.index(entry.rank), -entry.share, order[entry.question]))
        )

    def waiting(self) -> None:
        """The events that wait."""
        for waiting in self.view.waiting:
            stays = self.view.tracks.get(waiting.track, ())
            for depth, stay in enumerate(stays, start=1):
                if stay.id == waiting.stay:
                    weighed = self.table.waiting(waiting.track, stay.state, waiting.type)
                    if weighed is not None:
                        self._weigh(weighed, "waiting", [outer.since for outer in stays[:depth]])
        self._close_rank()

    def now(self, leaves: Sequence[tuple[str, Sequence[Stay], _AtLeaf]]) -> None:
        """The pieces of open states, then their timers."""
        for _, stays, at_leaf in leaves:
            for weighed, depth in at_leaf.pieces:
                self._weigh(weighed, "now", [stays[depth - 1].since])
        self._close_rank()
        for _, stays, at_leaf in leaves:
            for weighed, depth in at_leaf.timers:
                stay = stays[depth - 1]
                if not self.askable.isdisjoint(weighed.asks) and self._is_ahead(weighed.decision, stay):
                    self._weigh(weighed, "dates", [stay.since], self._due(weighed.decision, stay))
        self._close_rank()

    def _due(self, decision: Decision, stay: Stay) -> datetime:
        """The instant at which the condition of a timer is asked: its deadline, where that is known."""
        armed = stay.timers.get(decision.subject.name)
        return max(armed.due, self.now_at) if armed is not None else self.now_at

    def _is_ahead(self, decision: Decision, stay: Stay) -> bool:
        """Whether a timer may still fire: it is armed, or waits for its date."""
        state = self.table.plan.states[decision.subject.state]
        timer = next(timer for timer in state.timers if timer.name == decision.subject.name)
        return timer.name in stay.timers or (timer.start is not None and timer.start not in self.view.facts)

    def following(self, leaves: Sequence[tuple[str, Sequence[Stay], _AtLeaf]]) -> None:
        """The transitions of open states, then what lies behind them."""
        for _, stays, at_leaf in leaves:
            for weighed in at_leaf.transitions:
                self._weigh(weighed, "next", [stay.since for stay in stays])
        ends = [(track, stays[-1].state) for track, stays, _ in leaves]
        prospects = [prospect for _, _, at_leaf in leaves for prospect in at_leaf.ahead]
        prospects += [
            prospect for leaf in ends for other in ends if leaf != other for prospect in self.table.raised(leaf, other)
        ]
        for prospect in prospects:
            if prospect.rank == "next":
                self._weigh_ahead(prospect, ends)
        self._close_rank()
        for prospect in prospects:
            if prospect.rank == "horizon":
                self._weigh_ahead(prospect, ends)

    def _weigh_ahead(self, prospect: Prospect, ends: Sequence[Leaf]) -> None:
        weighed = prospect.weighed
        if self.askable.isdisjoint(weighed.asks - prospect.cleared):
            return
        if weighed.couples and self._moves_another(prospect, ends):
            return
        if not all(guard.is_open(self.spot) for guard in prospect.guards):
            return
        spot, world = self.spot, self.world
        if weighed.couples or weighed.reads_visits:
            spot = moved_spot(spot, prospect.moves, prospect.entered)
            world = World(spot.values, spot.places, spot.visits, self.now_at)
        spot = Spot(spot.values, spot.places, spot.visits, self.now_at, (self.now_at,), prospect.cleared)
        self._note(weighed, prospect.rank, spot, world)

    def _moves_another(self, prospect: Prospect, ends: Sequence[Leaf]) -> bool:
        """Whether a track that the decision reads may move on the way, so that its states there are not certain."""
        moved = {track for track, _ in prospect.moves}
        others = [leaf for leaf in ends if leaf[0] in prospect.weighed.couples - moved]
        handlers = [self.table.plan.tracks[track].handlers for track, _ in others]
        return any(
            (path, trigger) in declared
            for (_, leaf), declared in zip(others, handlers, strict=True)
            for path in chain_of(leaf)
            for trigger in prospect.heard
        )

    def _weigh(self, weighed: Weighed, rank: Rank, since: Sequence[datetime], now: datetime | None = None) -> None:
        if self.askable.isdisjoint(weighed.asks):
            return
        spot, world = self.spot, self.world
        at = self.now_at if now is None else now
        if at != self.now_at:
            world = World(spot.values, spot.places, spot.visits, at)
        self._note(weighed, rank, Spot(spot.values, spot.places, spot.visits, at, tuple(since)), world)

    def _note(self, weighed: Weighed, rank: Rank, spot: Spot, world: World) -> None:
        for question, share in weighed.shares(spot, world, self.askable, self.table.questions):
            before = self.worthwhile.get(question)
            subject = weighed.decision.subject
            if before is None:
                self.worthwhile[question] = Worthwhile(question, rank, share, (subject,))
            elif before.rank == rank:
                settles = before.settles if subject in before.settles else (*before.settles, subject)
                self.worthwhile[question] = Worthwhile(question, rank, max(before.share, share), settles)

    def _close_rank(self) -> None:
        """Takes the questions of the ranks so far out of those that are still looked for."""
        facts = self.table.questions.facts
        self.askable = self.askable.difference(*(facts[question] for question in self.worthwhile))


# --- compiling -------------------------------------------------------------------------------------------------


def compile_questions(plan: ReleasePlan, catalogue: Catalogue) -> QuestionTable:
    """The table of a release with the pieces in force."""
    questions = _questions(plan)
    if not questions.facts:
        leaves = {
            (name, leaf): _AtLeaf((), (), (), (), (), False) for name, track in plan.tracks.items() for leaf in track.leaves
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
        self.unweighed: dict[Subject, None] = {}
        self.handlers = {
            (name, leaf): handlers_of(track, leaf) for name, track in plan.tracks.items() for leaf in track.leaves
        }
        self.ahead = Ahead(plan, frozenset(questions.of), self.handlers)
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

    def _at_leaf(self, leaf: Leaf) -> _AtLeaf:
        track, path = leaf
        chain = chain_of(path)
        ways = tuple(self.ahead.ways(track, path, self.plan.journey.asking.horizon))
        return _AtLeaf(
            pieces=tuple(self._pieces(track, chain)),
            timers=tuple(
                (weighed, depth) for depth, state in enumerate(chain, 1) for weighed in self.timers[f"{track}.{state}"]
            ),
            transitions=self._transitions(leaf, [name for name in self.handlers[leaf] if not name.startswith(RAISED)]),
            ahead=self._prospects(leaf, ways),
            ways=ways,
            asks_nothing=self.silent[leaf],
        )

    def _pieces(self, track: str, chain: Sequence[str]) -> Iterator[tuple[Weighed, int]]:
        depths: dict[str, int] = {}
        for depth, state in enumerate(chain, start=1):
            for name in ((track, f"{track}.{state}") if depth == 1 else (f"{track}.{state}",)):
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
        self, leaf: Leaf, trigger: str, kind: SubjectKind, candidates: Sequence[Candidate]
    ) -> Weighed | None:
        """The decision of a trigger; leaves that hear it by the same states share it."""
        key = (kind, trigger, *map(id, candidates))
        if key not in self.shared:
            decision = decision_of_transition(
                Subject(kind, trigger, f"{leaf[0]}.{leaf[1]}"),
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

    def _raised(self, leaves: Mapping[Leaf, _AtLeaf]) -> Iterator[tuple[tuple[Leaf, Leaf], tuple[Prospect, ...]]]:
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
                guards = guards_of(candidate, siblings, None, way.cleared, (mover,), way.entered)
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
        if weighed.asks <= cleared:
            return
        reads_others = not weighed.couples <= {track for track, _ in moves}
        reads_spot = bool(weighed.couples) or weighed.reads_visits
        entered = way.entered if weighed.reads_visits else ()
        prospect = Prospect(
            weighed, rank, moves if reads_spot else (), cleared, way.heard if reads_others else NO_FACTS, entered, way.guards
        )
        before = self.by_key.setdefault((weighed, rank, prospect.moves, entered), [])
        if not any(other.dominates(prospect) for other in before):
            before[:] = [*(other for other in before if not prospect.dominates(other)), prospect]
