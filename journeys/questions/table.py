"""The questions worth asking, from a table that is compiled once for a release and the pieces in force.

The table remembers how decisions were weighed; it knows no patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import World
from journeys.definition.facts import DECLINED
from journeys.engine import State
from journeys.questions.decisions import DecisionName
from journeys.questions.ways import Guard, Leaf, Way, world_ahead
from journeys.questions.worth import Questions, Weighed

Rank = Literal["waiting", "now", "dates", "next", "horizon"]
RANKS: tuple[Rank, ...] = ("waiting", "now", "dates", "next", "horizon")


class Worthwhile(NamedTuple):
    """A question worth asking, its best rank, and the decisions of that rank that an answer helps to settle.

    `share` is the share of its answers that settle one of them alone, from 0 to 1.
    """

    question: str
    rank: Rank
    share: float
    settles: tuple[DecisionName, ...]


class Prospect(NamedTuple):
    """A decision in a leaf or ahead of it: the full paths of the stays that it counts from, and the way to it."""

    weighed: Weighed
    rank: Rank
    stays: tuple[str, ...]
    way: Way


Prospects = Mapping[Rank, tuple[Prospect, ...]]
_HERE = Way()


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """The questions worth asking in every view of a release.

    Attributes:
        silent: the leaves that ask nothing, or that are in a state which asks nothing.
        hears: the triggers and entries on which each leaf may be left or entered anew.
        forgets: by a leaf and what it reacts to, the facts that may become unknown then.
        prospects: the decisions in and ahead of each leaf.
        raised: by a leaf and the leaf of another track, the decisions in the first that a step from the second raises.
        waiting: the decision of each event that waits in a state (full path).
        unweighed: the decisions whose facts have too many combinations: no question is asked for them.
    """

    plan: ReleasePlan
    questions: Questions
    silent: frozenset[Leaf] = frozenset()
    hears: Mapping[Leaf, frozenset[str]] = field(default_factory=dict, repr=False)
    forgets: Mapping[tuple[Leaf, str], frozenset[str]] = field(default_factory=dict, repr=False)
    prospects: Mapping[Leaf, Prospects] = field(default_factory=dict, repr=False)
    raised: Mapping[tuple[Leaf, Leaf], Prospects] = field(default_factory=dict, repr=False)
    waiting: Mapping[tuple[str, str], Weighed] = field(default_factory=dict, repr=False)
    unweighed: tuple[DecisionName, ...] = ()


def worth_asking(table: QuestionTable, view: State, now: datetime) -> tuple[Worthwhile, ...]:
    """The questions worth asking in a view, the most useful first: by rank, then share, then declaration.

    Args:
        table: the table of the release.
        view: the told view.
        now: the instant at which conditions are evaluated.
    """
    query = _Query(table, view, now)
    if view.ended is None and table.silent.isdisjoint(query.leaves):
        for rank in RANKS:
            query.look(rank)
    order = {name: position for position, name in enumerate(table.questions.facts)}
    entries = query.worthwhile.values()
    return tuple(sorted(entries, key=lambda entry: (RANKS.index(entry.rank), -entry.share, order[entry.question])))


def _askable(questions: Questions, view: State) -> frozenset[str]:
    """The unknown facts that may be asked: none of a question of which a fact is declined, or held and not told."""
    askable: set[str] = set()
    untold = questions.held - view.discussed
    for facts in questions.facts.values():
        unknown = [name for name in facts if name not in view.facts]
        is_declined = any(name in view.facts and view.facts[name].value is DECLINED for name in facts)
        if not is_declined and untold.isdisjoint(unknown):
            askable.update(unknown)
    return frozenset(askable)


class _Query:
    """Collects the questions worth asking in one view, rank by rank.

    A question that is worth asking at one rank is not looked for at a later one.
    """

    def __init__(self, table: QuestionTable, view: State, now: datetime) -> None:
        self.table, self.view = table, view
        self.untold = table.questions.held - view.heard_of
        self.askable = _askable(table.questions, view)
        self.world = World({name: fact.value for name, fact in view.facts.items()}, view.places, view.visits, now)
        self.stays = {f"{track}.{stay.state}": stay for track, stays in view.tracks.items() for stay in stays}
        self.begun = {full: stay.since for full, stay in self.stays.items()}
        self.leaves = {(track, stays[-1].state): None for track, stays in view.tracks.items() if stays}
        self.guards: dict[Guard, bool] = {}
        self.worthwhile: dict[str, Worthwhile] = {}

    def look(self, rank: Rank) -> None:
        """Looks for the questions of a rank that were not worth asking before."""
        for prospect in self._prospects(rank):
            weighed, way = prospect.weighed, prospect.way
            if self.askable.isdisjoint(weighed.asks - way.cleared):
                continue
            if self.view.hides(weighed.decision.topic, self.table.plan.journey.on_request):
                continue
            if not self.untold.isdisjoint(way.held | weighed.decision.required):
                continue  # the patient sees its outcome after the telling
            if rank == "dates" and not self._may_fire(weighed.decision.subject):
                continue
            if way.heard and self._moves_another(weighed, way):
                continue
            if all(self._is_open(guard) for guard in way.guards):
                self._weigh(prospect)
        facts = self.table.questions.facts
        self.askable = self.askable.difference(*(facts[question] for question in self.worthwhile))

    def _prospects(self, rank: Rank) -> Iterator[Prospect]:
        if rank == "waiting":
            yield from self._waiting()
        if self.askable:
            for leaf in self.leaves:
                yield from self.table.prospects.get(leaf, {}).get(rank, ())
            for leaf in self.leaves:
                for other in self.leaves:
                    yield from self.table.raised.get((leaf, other), {}).get(rank, ())

    def _waiting(self) -> Iterator[Prospect]:
        """The decisions of the events that wait."""
        for waiting in self.view.waiting:
            open_stays = self.view.tracks.get(waiting.track, ())
            for depth, stay in enumerate(open_stays, start=1):
                weighed = self.table.waiting.get((f"{waiting.track}.{stay.state}", waiting.type))
                if stay.id == waiting.stay and weighed is not None:
                    around = tuple(f"{waiting.track}.{outer.state}" for outer in open_stays[:depth])
                    yield Prospect(weighed, "waiting", around, _HERE)

    def _may_fire(self, timer: DecisionName) -> bool:
        """Whether a timer of an open state may still fire: it is armed, or waits for its date."""
        declared = self.table.plan.states[timer.state].timers
        starts = [each.start for each in declared if each.name == timer.name and each.start is not None]
        return timer.name in self.stays[timer.state].timers or any(start not in self.view.facts for start in starts)

    def _is_open(self, guard: Guard) -> bool:
        """Whether a guard leaves its way open; many ways share their guards."""
        is_open = self.guards.get(guard)
        if is_open is None:
            is_open = self.guards[guard] = guard.is_open(self.world, self.begun)
        return is_open

    def _moves_another(self, weighed: Weighed, way: Way) -> bool:
        """Whether another track may change what the decision reads: by a move, or by facts that become unknown."""
        facts, forgets = weighed.decision.facts, self.table.forgets
        return any(
            leaf[0] in weighed.tracks or not facts.isdisjoint(forgets.get((leaf, name), ()))
            for leaf in self.leaves
            if leaf[0] not in way.moved
            for name in way.heard & self.table.hears[leaf]
        )

    def _weigh(self, prospect: Prospect) -> None:
        weighed, way, world = prospect.weighed, prospect.way, self.world
        if way.steps:
            world = world_ahead(world, way.turned, way.entered, way.forgotten)
        elif prospect.rank == "dates":  # the condition of a timer is asked at its deadline
            armed = self.stays[weighed.decision.subject.state].timers.get(weighed.decision.subject.name)
            due = max(armed.due, world.now) if armed is not None else world.now
            world = World(world.values, world.places, world.visits, due)
        begun = (
            {stay: since for stay, since in self.begun.items() if stay not in way.entered} if way.steps else self.begun
        )
        since = [begun.get(stay, self.world.now) for stay in prospect.stays]
        subject = weighed.decision.subject
        for question, share in weighed.shares(world, since, way, self.askable):
            before = self.worthwhile.setdefault(question, Worthwhile(question, prospect.rank, share, ()))
            settles = before.settles if subject in before.settles else (*before.settles, subject)
            self.worthwhile[question] = Worthwhile(question, prospect.rank, max(before.share, share), settles)
