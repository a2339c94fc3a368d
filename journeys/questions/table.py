"""The questions worth asking, from a table that is compiled once for a release and the pieces in force.

The table remembers how decisions were weighed; it knows no patient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import World
from journeys.definition.facts import DECLINED
from journeys.engine import State, Stay
from journeys.primitives.state_path import chain_of
from journeys.questions.decisions import Decision, DecisionName
from journeys.questions.ways import Guard, Leaf, Way, moved_spot
from journeys.questions.worth import Questions, Spot, Weighed

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
    settles: tuple[DecisionName, ...]


@dataclass(frozen=True, slots=True)
class Prospect:
    """A decision ahead: where it is taken, and the way there with the guards that may close it.

    `moves` are the tracks that moved, `cleared` and `forgotten` the facts as of a way, `heard` what happened on the
    way, `entered` the states that it entered.
    """

    weighed: Weighed
    rank: Rank
    moves: tuple[Leaf, ...]
    cleared: frozenset[str]
    forgotten: frozenset[str]
    heard: frozenset[str]
    entered: tuple[str, ...]
    guards: tuple[Guard, ...]

    def dominates(self, other: Prospect) -> bool:
        """Whether the way of the other clears and needs no less than this one."""
        return (
            self.cleared <= other.cleared
            and self.forgotten <= other.forgotten
            and self.heard <= other.heard
            and (not self.guards or set(self.guards) <= set(other.guards))
        )


@dataclass(frozen=True, slots=True)
class AtLeaf:
    """The decisions in a leaf and the states around it, each with the depth of its state, and those ahead of it.

    `hears` are the triggers and entries that the leaf or a state around it reacts to.
    """

    pieces: tuple[tuple[Weighed, int], ...]
    timers: tuple[tuple[Weighed, int], ...]
    transitions: tuple[Weighed, ...]
    ahead: tuple[Prospect, ...]
    ways: tuple[Way, ...]
    asks_nothing: bool
    hears: frozenset[str]


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """The questions worth asking in every view of a release.

    `unweighed` are the decisions whose facts have too many combinations: no question is asked for them.
    """

    plan: ReleasePlan
    questions: Questions
    unweighed: tuple[DecisionName, ...]
    _leaves: Mapping[Leaf, AtLeaf] = field(repr=False)
    _waiting: Mapping[tuple[str, str, str], Weighed] = field(repr=False)
    _ahead: Mapping[tuple[Leaf, Leaf], tuple[Prospect, ...]] = field(repr=False)

    def at_leaf(self, track: str, leaf: str) -> AtLeaf:
        """The decisions in and ahead of a leaf."""
        return self._leaves[track, leaf]

    def waiting(self, track: str, state: str, trigger: str) -> Weighed | None:
        """The decision of an event that waits in a state, or None if no question could settle it."""
        return self._waiting.get((track, state, trigger))

    def raised(self, leaf: Leaf, other: Leaf) -> tuple[Prospect, ...]:
        """The decisions in one leaf of which a step from the leaf of another track raises the entry."""
        return self._ahead.get((leaf, other), ())


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
    untold = table.questions.held - view.discussed
    for facts in table.questions.facts.values():
        unknown = [name for name in facts if name not in view.facts]
        is_declined = any(name in view.facts and view.facts[name].value is DECLINED for name in facts)
        if not is_declined and untold.isdisjoint(unknown):
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
        self.begun = {f"{track}.{stay.state}": stay.since for track, stays in view.tracks.items() for stay in stays}
        self.guards: dict[int, bool] = {}
        self.worthwhile: dict[str, Worthwhile] = {}

    def ranked(self) -> tuple[Worthwhile, ...]:
        """The questions by rank, then share, then the order of their declaration."""
        order = {name: position for position, name in enumerate(self.table.questions.facts)}
        entries = self.worthwhile.values()
        return tuple(sorted(entries, key=lambda entry: (RANKS.index(entry.rank), -entry.share, order[entry.question])))

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

    def now(self, leaves: Sequence[tuple[str, Sequence[Stay], AtLeaf]]) -> None:
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

    def following(self, leaves: Sequence[tuple[str, Sequence[Stay], AtLeaf]]) -> None:
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
        if not all(self._is_open(guard) for guard in prospect.guards):
            return
        spot = self.spot
        if weighed.couples or weighed.reads_visits:
            spot = moved_spot(spot, prospect.moves, prospect.entered)
        values = spot.values
        if not prospect.forgotten.isdisjoint(values):
            values = {name: value for name, value in values.items() if name not in prospect.forgotten}
        world = World(values, spot.places, spot.visits, self.now_at)
        since = self._since(prospect, ends) if weighed.reads_stay else (self.now_at,)
        spot = Spot(values, spot.places, spot.visits, self.now_at, since, prospect.cleared, prospect.forgotten)
        self._note(weighed, prospect.rank, spot, world)

    def _since(self, prospect: Prospect, ends: Sequence[Leaf]) -> tuple[datetime, ...]:
        """The beginnings of the stays of a decision's track, as far as they are open; the others begin now."""
        track = prospect.weighed.decision.subject.state.partition(".")[0]
        leaf = {**dict(ends), **dict(prospect.moves)}.get(track)
        if leaf is None:  # a piece, in a state that begins
            return (self.now_at,)
        return tuple([self.begun.get(f"{track}.{path}", self.now_at) for path in chain_of(leaf)])

    def _is_open(self, guard: Guard) -> bool:
        """Whether a guard leaves its way open; many ways share their guards."""
        is_open = self.guards.get(id(guard))
        if is_open is None:
            is_open = self.guards[id(guard)] = guard.is_open(self.spot, self.begun)
        return is_open

    def _moves_another(self, prospect: Prospect, ends: Sequence[Leaf]) -> bool:
        """Whether a track that the decision reads may move on the way, so that its states there are not certain."""
        moved = {track for track, _ in prospect.moves}
        return any(
            track in prospect.weighed.couples
            and track not in moved
            and not prospect.heard.isdisjoint(self.table.at_leaf(track, leaf).hears)
            for track, leaf in ends
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
