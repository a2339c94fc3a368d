"""Drives a path through the real engine, and claims only the part that a replay confirms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date, datetime, time, timedelta

from journeys.analysis.paths.choices import any_value, dated, reporter, whole_groups
from journeys.analysis.paths.path import Path, PathEvent
from journeys.analysis.paths.path_space import Cell, PathStep
from journeys.analysis.paths.replay import admitted, edge_of, enrolled, replay_events, told_view
from journeys.content.catalogue import world_of
from journeys.definition.compiler import StatePlan
from journeys.definition.conditions import World
from journeys.definition.facts import DECLINED, Value
from journeys.definition.graph import Edge, Graph
from journeys.definition.model import ANSWERED
from journeys.engine import Fold, News, State
from journeys.engine.machine import Release
from journeys.engine.told import tells
from journeys.primitives.errors import Refused

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
TICK = datetime.resolution
#: The shortest time between two events: two events at one instant would share an id.

EVENTS_IN_A_SECOND = 256
#: The share of the time to the next timer that passes between two events, once less than a second can pass.


class PathDriver:
    """One path up to its current end, driven through the engine step by step.

    The driver changes in place; `fork` copies it for another continuation. The instants of events strictly increase.
    """

    def __init__(
        self, release: Release, graph: Graph, entry: str | None, facts: Mapping[str, Value], began: datetime
    ) -> None:
        self.release = release
        self.plan = release.plan
        self.graph = graph
        self.entry = entry
        self.facts = facts
        self.began = self.at = began
        self.fold = Fold({release.id: release}, release.id)
        self.events: list[PathEvent] = []
        self.edges: list[Edge] = []
        self.times: list[datetime] = []
        self.states: list[str] = []
        self.last: dict[str, Edge] = {}
        self.pairs: list[tuple[Edge, Edge]] = []
        self.news: list[News] = []  # that the patient must still be told
        self._state: State | None = None
        self._view: State | None = None
        self.admitted = [enrolled(release, entry, facts, began)]
        self.fold.apply_all(self.admitted, began)
        self._record_results()

    def fork(self) -> PathDriver:
        """A copy of the driver at its current position."""
        other = copy(self)
        other.fold = Fold({self.release.id: self.release}, self.release.id, self.state)
        other.events, other.admitted = self.events[:], self.admitted[:]
        other.edges, other.times = self.edges[:], self.times[:]
        other.states, other.pairs, other.last = self.states[:], self.pairs[:], dict(self.last)
        other.news = self.news[:]
        return other

    @property
    def state(self) -> State:
        """The state of the fold."""
        if self._state is None:
            self._state = self.fold.state()
            assert self._state is not None
        return self._state

    @property
    def view(self) -> State:
        """What the patient may know: the state, or the told view while they must be told something."""
        if not self.news:
            return self.state
        if self._view is None:
            self._view = told_view(self.release, self.admitted, self.at)
        return self._view

    @property
    def leaves(self) -> dict[str, str]:
        """The leaf of each track."""
        return {name: stays[-1].state for name, stays in self.fold.config.tracks.items()}

    @property
    def visits(self) -> Mapping[str, int]:
        """The number of entries of each state."""
        return self.fold.config.visits

    @property
    def has_ended(self) -> bool:
        """Whether an end was reported."""
        return self.fold.config.ended is not None

    def path(self, name: str) -> Path | None:
        """The path so far, or None if a replay from its first event has another result."""
        path = Path(
            name=name,
            entry=self.entry,
            began=self.began,
            facts=self.facts,
            events=tuple(self.events),
            until=self.at,
            states=tuple(self.states),
            edges=tuple(self.edges),
            times=tuple(self.times),
        )
        replayed = replay_events(self.release, self.graph, self.admitted, self.at)
        return path if replayed.is_as_claimed(path) and replayed.state == self.state else None

    # --- events and time -----------------------------------------------------------------------------------

    def next_instant(self) -> datetime | None:
        """The instant for the next event: the next day, or before the next timer that leads to another state.

        None if no instant is left before that timer.
        """
        tomorrow = _midnight_of(self.at) + DAY
        due = self._next_leading_timer()
        if due is None or due > tomorrow:
            return tomorrow
        half = (due - self.at) / 2
        if half >= SECOND:
            return self.at + half - timedelta(microseconds=half.microseconds)
        instant = self.at + max((due - self.at) / EVENTS_IN_A_SECOND, TICK)
        return instant if instant < due else None

    def _next_leading_timer(self) -> datetime | None:
        """The deadline of the next timer that may lead to another state."""
        return min(
            (
                armed.due
                for name, stays in self.fold.config.tracks.items()
                for stay in stays
                if stay.timers
                for timer in self.plan.tracks[name].states[stay.state].timers
                if timer.to is not None and (armed := stay.timers.get(timer.name)) is not None
            ),
            default=None,
        )

    def report(self, event: PathEvent) -> bool:
        """Reports an event; returns whether the journey accepts it and it is later than all earlier events."""
        if event.at <= self.at:
            return False
        try:
            arriving = admitted(self.release, event, self.view.facts if event.type == ANSWERED else ())
        except Refused:
            return False
        self.fold.apply_all([arriving], event.at)
        self.at = event.at
        self.events.append(event)
        self.admitted.append(arriving)
        self._record_results()
        self.news = [news for news in self.news if not tells(arriving, news)]
        return True

    def report_by_anyone(self, trigger: str, facts: Mapping[str, Value], at: datetime | None = None) -> bool:
        """Reports an event by a reporter who may report all of its facts; returns whether the journey accepts it."""
        at = at or self.next_instant()
        by = reporter(self.plan, trigger, facts)
        return at is not None and by is not None and self.report(PathEvent(at, trigger, by, facts))

    def wait(self) -> bool:
        """Lets time pass until the next timer fires; returns whether there is one."""
        due = self.fold.config.next_due_at()
        if due is None:
            return False
        self.fold.fire_until(due)
        self.at = max(self.at, due)
        self._record_results()
        return True

    def handles(self, trigger: str) -> bool:
        """Whether some open state declares something for a trigger."""
        return any(
            (stay.state, trigger) in self.plan.tracks[name].handlers
            for name, stays in self.fold.config.tracks.items()
            for stay in stays
        )

    def tell_held(self) -> bool:
        """Reports disclosures of held content while they lead to no other state; returns whether any was reported."""
        before, moves = len(self.events), len(self.edges)
        config = self.fold.config
        while self.news and not self.has_ended and len(self.edges) == moves:
            held, trigger, at = len(self.news), self.news[-1].until, self.next_instant()
            if at is None or self.handles(trigger):
                break
            required = {
                name: config.values.get(name, any_value(self.plan.facts[name], at))
                for name in sorted(self.plan.requires[trigger])
            }
            if not self.report_by_anyone(trigger, whole_groups(self.plan, required, at), at):
                break
            if len(self.news) >= held:
                break
        return len(self.events) > before

    def _record_results(self) -> None:
        """Records the results of the fold since the last call."""
        self._state = self._view = None
        self.news += self.fold.config.news
        self.fold.config.news.clear()
        for result in self.fold.results:
            for move in result.transitions:
                edge = edge_of(self.graph, move)
                if move.end is not None:
                    self.states.append(f"{move.track}.{move.end}")
                if edge is not None:
                    self.edges.append(edge)
                    self.times.append(result.at)
                    if edge.track in self.last:
                        self.pairs.append((self.last[edge.track], edge))
                    self.last[edge.track] = edge
        self.fold.results.clear()

    # --- steps of the state space --------------------------------------------------------------------------

    def take(self, step: PathStep) -> bool:
        """Takes a step; returns whether the engine took the intended transitions."""
        if self.has_ended:
            return False
        before = len(self.edges)
        self.tell_held()
        if step.kind == "timer":
            is_done = self._take_timer(step.edges[0], step.cell)
        elif step.kind == "end":
            is_done = self.report_by_anyone(step.trigger, {})
        else:
            is_done = self._take_event(step)
        taken = self.edges[before:]
        return is_done and all(edge in taken for edge in step.edges)

    def _take_event(self, step: PathStep) -> bool:
        at = self._instant_for(step)
        if at is None:
            return False
        needed = self._needed(step.cell, at)
        renewed = self.plan.requires[step.trigger] | self.plan.resets[step.trigger].intersection(step.cell.facts)
        facts = {name: needed.pop(name, None) for name in sorted(renewed)}
        required = {
            name: self._required(step.cell, name, at) if value is None else value for name, value in facts.items()
        }
        required |= self._fresh(step.edges, {**required, **needed}, at)
        brought = whole_groups(self.plan, {**required, **needed}, at)
        if reporter(self.plan, step.trigger, brought) is None and needed:
            # No reporter of this event may report all of its facts, so another event reports them first.
            if not self._carry(needed, self.next_instant()):
                return False
            at = self._instant_for(step)
            if at is None:
                return False
            brought = whole_groups(self.plan, required, at)
        return self.report_by_anyone(step.trigger, brought, at)

    def _instant_for(self, step: PathStep) -> datetime | None:
        """The next instant, but not before the days in the state that a condition requires have passed."""
        at = self.next_instant()
        if at is None or step.cell.days is None:
            return at
        edge = step.edges[0]
        stays = self.fold.config.tracks[edge.track]
        since = next((stay.since for stay in stays if stay.state == edge.source), at)
        return max(at, since + step.cell.days * DAY)

    def _needed(self, cell: Cell, at: datetime) -> dict[str, Value]:
        """The facts of a cell whose current values differ."""
        return {
            name: dated(cell.world, name, self.plan.facts[name], at)
            for name in cell.facts
            if not self._is_so(cell, name, at)
        }

    def _required(self, cell: Cell, name: str, at: datetime) -> Value:
        if name in cell.facts:
            return dated(cell.world, name, self.plan.facts[name], at)
        kind = self.plan.facts[name]
        return self._fresh_day(name, at) if kind.kind == "date" else any_value(kind, at)

    def _is_so(self, cell: Cell, name: str, at: datetime) -> bool:
        """Whether the current value of a fact answers all questions as the cell does."""
        value = self.fold.config.values.get(name)
        if cell.world.values.get(name, DECLINED) is DECLINED:
            return value is DECLINED or (value is None and not cell.declines)
        if value is None or value is DECLINED:
            return False
        now = World(self.fold.config.values, frozenset(), {}, at)
        return all(test.ask(now) == test.ask(cell.world) for test in cell.tests[name])

    def _fresh(self, edges: Iterable[Edge], reported: Mapping[str, Value], at: datetime) -> dict[str, Value]:
        """New days for the dates from which timers of the entered states count, if these would fire at once."""
        days: dict[str, Value] = {}
        for edge in edges:
            if edge.candidate is None:
                continue
            for state in edge.candidate.enters or ():
                days |= self._fresh_in(state, {**reported, **days}, at)
        return days

    def _fresh_in(self, state: StatePlan, reported: Mapping[str, Value], at: datetime) -> dict[str, Value]:
        days: dict[str, Value] = {}
        for timer in state.timers:
            if timer.to is None or timer.start is None or timer.start in days:
                continue
            current = None if timer.start in state.forget else self.fold.config.values.get(timer.start)
            value = reported.get(timer.start, current)
            if isinstance(value, str) and timer.delay.after(_midnight(value, at)) <= at + 2 * DAY:
                days[timer.start] = self._fresh_day(timer.start, at)
        return days

    def _fresh_day(self, name: str, at: datetime) -> str:
        """A day for a date fact that leaves its timers some time: today, or later for timers that count backwards."""
        shortest = min(
            (
                (timer.delay.after(at) - at).days
                for state in self.plan.states.values()
                for timer in state.timers
                if timer.start == name
            ),
            default=7,
        )
        return (at.date() + max(7 - shortest, 0) * DAY).isoformat() if shortest < 7 else at.date().isoformat()

    def _count_renewed(self, trigger: str) -> int:
        """The number of facts whose answers an event of a trigger must bring, or makes unknown."""
        return len(self.plan.requires[trigger] | self.plan.resets[trigger])

    def _carry(self, facts: Mapping[str, Value], at: datetime | None) -> bool:
        """Reports facts with an event that takes no transition by itself."""
        if at is None:
            return False
        answers = whole_groups(self.plan, facts, at)
        if self.report_by_anyone(ANSWERED, answers, at):
            return True
        tellings = {news.until for news in self.news}
        for trigger in sorted(self.plan.journey.triggers, key=self._count_renewed):
            if trigger in tellings or self.handles(trigger):
                continue
            required = {name: any_value(self.plan.facts[name], at) for name in sorted(self.plan.requires[trigger])}
            brought = whole_groups(self.plan, {**required, **facts}, at)
            if reporter(self.plan, trigger, brought) is not None:
                return self.report_by_anyone(trigger, brought, at)
        return False

    # --- timers --------------------------------------------------------------------------------------------

    def _take_timer(self, edge: Edge, cell: Cell) -> bool:
        timer = edge.timer
        assert timer is not None
        at = self.next_instant()
        if timer.start is not None and self._due(edge) is None:
            at = self._before_other_timers(edge, at or self.at)
            needed = {**self._needed(cell, at), timer.start: self._fresh_day(timer.start, at)}
        else:
            needed = {} if self._will_be_true(edge, cell) else self._needed(cell, at or self.at)
        if needed and not self._carry(needed, at):
            return False
        due = self._due(edge)
        if due is None:
            return False
        before = len(self.edges)
        self._wait_for(edge.track, due)
        return edge in self.edges[before:]

    def _due(self, edge: Edge) -> datetime | None:
        """The deadline of a timer; None if it is not armed."""
        assert edge.timer is not None
        stays = self.fold.config.tracks[edge.track]
        armed = (stay.timers.get(edge.timer.name) for stay in stays if stay.state == edge.source)
        return next((timer.due for timer in armed if timer is not None), None)

    def _will_be_true(self, edge: Edge, cell: Cell) -> bool:
        """Whether the condition of an armed timer, which alone reads the facts of a cell, is true when it fires."""
        due, condition = self._due(edge), edge.condition
        if due is None or condition is None or not condition.facts.issuperset(cell.facts):
            return False
        stay = next(stay for stay in self.state.tracks[edge.track] if stay.state == edge.source)
        return condition.ask(world_of(self.state, due, stay)) is True

    def _before_other_timers(self, edge: Edge, at: datetime) -> datetime:
        """When to report the day that a timer counts from, so that it is the first timer of its state to fire.

        At an instant, unless another timer would fire before it then; in that case halfway to that one, whose condition
        may ask how long ago that day was.
        """
        assert edge.timer is not None
        armed = (stay.timers for stay in self.fold.config.tracks[edge.track] if stay.state == edge.source)
        other = min((timer.due for timers in armed for timer in timers.values()), default=None)
        if other is None or other > edge.timer.delay.after(at):
            return at
        return max(at, _midnight_of(self.at + (other - self.at) / 2))

    def _wait_for(self, track: str, until: datetime) -> None:
        """Lets time pass until a track moves or an instant has passed; other tracks may move in between."""
        before = len(self.edges)
        while (due := self.fold.config.next_due_at()) is not None and due <= until:
            self.wait()
            if any(edge.track == track for edge in self.edges[before:]):
                return


def _midnight(day: str, at: datetime) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), at.tzinfo)


def _midnight_of(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
