"""The fold: events in order and timers at their deadlines, applied to a state (fold.md, sections 3 to 10).

A `Fold` is used once: it applies events and timers to a frozen state. It reads no clock and invents no ids.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from journeys.definition.compiler import Candidate, StatePlan, TrackPlan
from journeys.definition.conditions import World
from journeys.engine import reasons
from journeys.engine.configuration import Cause, Configuration, Due, news_of_fact
from journeys.engine.events import Event
from journeys.engine.machine import NO_FACTS, Asked, Cursor
from journeys.engine.migration import Unlearned, knows, migrate, what_is_known
from journeys.engine.order import Releases, sorted_events
from journeys.engine.results import Move, Outcome, Result, event_result, outcomes_by_track, timer_result
from journeys.engine.state import Ended, EventKey, State, Waiting
from journeys.primitives.canonical import derived_id

MAX_AUTOMATIC_STEPS = 25
#: The limit for one event, or for one instant of timers; lint refuses definitions that could need more.


def refold(
    releases: Releases,
    release: str,
    events: Iterable[Event],
    until: datetime,
    *,
    told: Collection[str] | None = None,
    trace: bool = False,
) -> tuple[State | None, list[Result]]:
    """Returns the state after all active events and every timer due by `until`, and the result of each.

    Args:
        releases: by id, every release named by the events.
        release: the id of the release enrolled with.
        events: the active events, in any order.
        until: the instant to fold to.
        told: None for the truth; for the told view, the ids of the news that the patient was told.
        trace: whether results carry the evaluated conditions.

    Returns:
        The state (None without events) and the results in order.
    """
    fold = Fold(releases, release, told=told, trace=trace)
    fold.apply_all(events, until)
    return fold.state(), fold.results


class Fold:
    """One run of the fold over one enrollment.

    `told` is None for the truth. For the told view it has the ids of the news that the patient was told; then a
    transition into a held state that was not told is not taken, and a held fact that was not told is not learned.
    `is_silent` says of an event's uid whether it is withheld, and so tells no news.
    """

    def __init__(
        self,
        releases: Releases,
        release: str,
        state: State | None = None,
        *,
        told: Collection[str] | None = None,
        is_silent: Callable[[str], bool] | None = None,
        trace: bool = False,
    ) -> None:
        self.releases = releases
        self.told = told
        self.config = Configuration(releases[state.release if state else release], state, told, is_silent)
        self.results, self.checkpoints = list[Result](), list[State]()
        self.waiting: list[Waiting] = list(state.waiting) if state else []
        self.folded_to = state.folded_to if state else None
        self.last_day = state.last_day if state else None
        self.trace = trace
        self.unlearned: list[Unlearned] = []
        self.initial: tuple[list[Move], list[str]] = [], []
        self.world = World(self.config.values, self.config.places, self.config.visits, self.config.now)
        self.automatic = 0
        self.automatic_at: datetime | None = None
        # the item being applied
        self.moves: list[Move] = []
        self.raised: deque[tuple[str, str, Cause]] = deque()
        self.questions: list[Asked] = []
        self.purposely: set[tuple[str, str]] = set()

    def state(self) -> State | None:
        """The state after the fold, or None if no event was ever applied."""
        if self.folded_to is None:
            return None
        config = self.config
        return State(
            release=config.release.id,
            folded_to=self.folded_to,
            tracks={name: tuple(stays) for name, stays in config.tracks.items()},
            facts=dict(config.told),
            visits=dict(config.visits),
            waiting=tuple(self.waiting),
            ended=config.ended,
            marks={piece: dict(marks) for piece, marks in config.marks.items()},
            asked=dict(config.asked),
            surveyed=dict(config.surveyed),
            discussed=config.discussed,
            topics=dict(config.topics),
            last_day=self.last_day,
        )

    # --- the loop (section 3) ------------------------------------------------------------------------------

    def apply_all(self, events: Iterable[Event], until: datetime, *, every: int | None = None) -> None:
        """Applies the events in their order with the timers due by `until`; keeps a checkpoint every so many events."""
        ordered = sorted_events(self.releases, self.config.release.id, list(events))
        enrolled = next((event for _, event in ordered if event.kind == "enrolled"), None)
        if enrolled is not None:
            self._begin(enrolled)
        has_joined, count = enrolled is None, 0
        for key, event in ordered:
            while (due_at := self.config.next_due_at()) is not None and due_at < key[0]:
                self._fire(self.config.next_due())
            if every is not None and count >= every and self._keep_checkpoint(key[0]):
                count = 0
            self._apply(event, key)
            has_joined |= event is enrolled
            count += has_joined
        self.fire_until(until)

    def _keep_checkpoint(self, next_at: datetime) -> bool:
        """Keeps a checkpoint if there is one before the next event: its instant is later, and no fact was dropped."""
        state = self.state()
        if state is None or not state.tracks or self.unlearned or state.folded_to >= next_at:
            return False
        self.checkpoints.append(state)
        return True

    def fire_until(self, until: datetime) -> None:
        """Fires every timer due at or before `until`, in order, including timers that are armed meanwhile."""
        while (due_at := self.config.next_due_at()) is not None and due_at <= until:
            self._fire(self.config.next_due())

    def _begin(self, enrolled: Event) -> None:
        self.config.start(enrolled.at, enrolled.day, None, enrolled.uid)
        entered: Mapping[str, str] = enrolled.data.get("states") or {}
        for track in self.config.release.plan.tracks.values():
            self.config.tracks[track.name] = []
            chain = track.chain(entered[track.name]) if track.name in entered else track.initial
            for state in chain:
                self.config.begin(state, enrolled.uid)
            self.initial[0].append(Move(track.name, None, chain[-1].path, "enrolled"))
        self.initial[1].extend(self.config.begun)

    def _start_item(self, at: datetime, day: bool, event: Event | None, cause: str) -> None:
        self.config.start(at, day, event, cause)
        self.world.now = at
        self.folded_to = max(self.folded_to or at, at)
        self.moves, self.questions, self.purposely = [], [], set()
        if event is not None or self.automatic_at != at:
            self.automatic, self.automatic_at = 0, at

    # --- one event (section 4) -----------------------------------------------------------------------------

    def _apply(self, event: Event, key: EventKey) -> None:
        config = self.config
        self._start_item(key[0], event.day, event, event.uid)
        if event.day and event.kind != "enrolled" and (self.last_day is None or self.last_day < event.at.date()):
            self.last_day = event.at.date()
        if not config.tracks or config.ended is not None:
            reason = reasons.AFTER_THE_END if config.tracks else reasons.NOT_ENROLLED
            self._finish_event(event, "ignored", dict.fromkeys(config.tracks, reason))
            return
        if event.is_mark:
            config.mark(event)
            self._finish_event(event, "stayed", dict.fromkeys(config.tracks, reasons.of_mark(event)))
            return
        if config.news:
            config.tell(event)
        learned = self._learn(event)
        config.discuss(event)
        config.close_tasks(event.type)
        cause = Cause(event.uid, event.type, config.brought)
        why: dict[str, str] = {}
        match event.kind:
            case "enrolled":
                self.moves += self.initial[0]
                config.begun += self.initial[1]
            case "placed":
                why = self._place_patient(event, cause)
            case "migrated":
                self._migrate(event)
            case _ if event.type in config.release.plan.ends:
                self._end(event)
            case _:
                why = self._try(event, key, cause)
        self._settle()
        is_telling = event.kind == "reported" and event.type in config.release.plan.tellings
        self._finish_event(event, "stayed" if learned or is_telling else "ignored", why)

    def _learn(self, event: Event) -> bool:
        """Sets the facts of an event and begins their holds. Returns whether it reported any, or answered a survey."""
        config, plan = self.config, self.config.release.plan
        known_facts, unknown_facts = what_is_known(plan, event, config.item, len(config.news))
        self.unlearned += unknown_facts
        config.brought = frozenset(known_facts)
        outdated, awaited = plan.resets.get(event.type, NO_FACTS), plan.awaited.get(event.type, NO_FACTS)
        if not awaited <= known_facts.keys() and config.declares(event.type):
            outdated |= awaited
        for name in outdated - known_facts.keys():
            config.forget(name)
        for name, value in sorted(known_facts.items()):
            is_held = name in plan.held_facts and config.is_held(name, value, event)
            if is_held:
                config.hold_fact(name, event)
            if not (is_held and self.config.is_untold(news_of_fact(name, event), plan.held_facts[name])):
                config.learn(name, value, event)
        return bool(known_facts) or event.survey is not None

    def _finish_event(self, event: Event, otherwise: Outcome, why: Mapping[str, str]) -> None:
        """Records the result; `otherwise` is the outcome of tracks that did not move, wait or stay on purpose."""
        moved = {move.track for move in self.moves}
        waits = {waiting.track: waiting.missing for waiting in self.waiting if waiting.event == event.uid}
        stayed = {track for uid, track in self.purposely if uid == event.uid}
        by_track = outcomes_by_track(self.config.tracks, moved, waits, stayed, otherwise)
        unmoved = [reason for reason in why.items() if reason[0] not in moved]
        result = event_result(event, self.config.now, by_track, self.moves, waits, unmoved, tuple(self.config.begun))
        self.results.append(result._replace(questions=tuple(self.questions)) if self.questions else result)

    def _place_patient(self, event: Event, cause: Cause) -> dict[str, str]:
        plan = self.config.release.plan
        state = plan.states.get(event.data["state"])
        if state is None:  # reported late, for a time at which the release did not declare the state
            return dict.fromkeys(plan.tracks, reasons.NOTHING_DECLARED)
        track = plan.tracks[state.track]
        chain = track.chain(state.path)
        if self.told is not None and self.config.blocks(chain, cause):
            self.purposely.add((event.uid, track.name))
            return {track.name: reasons.ON_PURPOSE}
        self._move(track, 0, chain, cause)
        return {}

    def _end(self, event: Event) -> None:
        self.config.ended = Ended(event.type, event.at_text, event.uid)
        self.waiting = []
        for track, stays in self.config.tracks.items():
            self.moves.append(Move(track, stays[-1].state, None, event.type))

    def _migrate(self, event: Event) -> None:
        self.moves += migrate(
            self.config, self.releases[event.data["to"]], event, self.unlearned, self.config.is_untold
        )
        plan = self.config.release.plan
        self.unlearned = [unlearned for unlearned in self.unlearned if not knows(plan, unlearned.name, unlearned.value)]
        open_stays = {stay.id for stays in self.config.tracks.values() for stay in stays}
        self.waiting = [waiting for waiting in self.waiting if waiting.stay in open_stays]

    # --- selecting and moving (section 5) ------------------------------------------------------------------

    def _try(self, event: Event, key: EventKey, cause: Cause) -> dict[str, str]:
        """Tries an event in all tracks. Returns the reason for each track in which nothing moves."""
        why: dict[str, str] = {}
        chosen: list[tuple[TrackPlan, Candidate]] = []
        requires = event.type in self.config.release.plan.awaited
        for track in self.config.release.plan.tracks.values():
            if event.type not in track.triggers:
                why[track.name] = reasons.of_undeclared(event, self.config.release.plan)
                continue
            cursor = self._select(track, event.type)
            if requires and cursor.handled:  # it takes the place of earlier events of its trigger
                self.waiting = [item for item in self.waiting if (item.track, item.type) != (track.name, event.type)]
            if cursor.chosen is not None:
                chosen.append((track, cursor.chosen))
            elif cursor.missing:
                stay = self.config.tracks[track.name][cursor.depth - 1]
                self._wait(
                    Waiting(
                        event=event.uid,
                        type=event.type,
                        by=event.by,
                        track=track.name,
                        stay=stay.id,
                        brought=self.config.brought,
                        missing=cursor.missing,
                        key=key,
                    )
                )
                why[track.name] = reasons.WAITS
            else:
                why[track.name] = reasons.CONDITIONS_FALSE if cursor.handled else reasons.NOTHING_DECLARED
        for track, candidate in chosen:
            if not self._execute(track, candidate, cause):
                self.purposely.add((event.uid, track.name))
                why[track.name] = reasons.ON_PURPOSE
        return why

    def _select(self, track: TrackPlan, trigger: str, deepest: int | None = None, waits: bool = True) -> Cursor:
        stays = self.config.tracks[track.name]
        awaited, values = self.config.release.plan.awaited.get(trigger, NO_FACTS), self.config.values
        cursor = Cursor(
            state=stays[-1].state,
            world=self.world,
            since=[stay.since for stay in stays],
            deepest=len(stays) if deepest is None else deepest,
            waits=waits,
            required=frozenset([name for name in awaited if name not in values]) if awaited else NO_FACTS,
            trace=self.questions if self.trace else None,
        )
        self.config.release.machines[track.name].select(trigger, cursor)
        return cursor

    def _execute(self, track: TrackPlan, candidate: Candidate, cause: Cause) -> bool:
        """Takes a selected transition; returns whether anything moved: not by `stay`, nor into what was not told."""
        if candidate.enters is None or (self.told is not None and self.config.blocks(candidate.enters, cause)):
            return False
        self._move(track, candidate.keeps, candidate.enters, cause, candidate)
        return True

    def _move(
        self,
        track: TrackPlan,
        keeps: int,
        enters: Iterable[StatePlan],
        cause: Cause,
        declared: Candidate | None = None,
    ) -> None:
        """Leaves all but the outermost stays of a track and enters states, from the outermost."""
        config, heard = self.config, self.config.release.plan.heard
        stays = config.tracks[track.name]
        start = stays[-1].state
        config.leave(track.name, keeps)
        if stays and stays[0].since > config.now:
            config.begin_earlier(track.name)
        for state in enters:
            stay = config.enter(state, cause)
            if state.entered in heard:
                raised = Cause(derived_id("entered", stay.id), state.entered, cause.brought)
                self.raised.append((track.name, state.entered, raised))
        self.moves.append(Move(track.name, start, stays[-1].state, cause.trigger, declared))

    # --- waiting (section 6) and raised events (section 7) -------------------------------------------------

    def _wait(self, waiting: Waiting) -> None:
        self.waiting.append(waiting)
        tracks = self.config.release.plan.tracks
        self.waiting.sort(key=lambda waiting: (waiting.key, tracks[waiting.track].index))

    def _settle(self) -> None:
        """Processes the raised entries, then tries the waiting events again until none of them moves."""
        if self.raised:
            self._process_raised()
        while self.waiting and self._ask_waiting():
            pass

    def _ask_waiting(self) -> bool:
        """Tries the waiting events in order until one takes a transition (or `stay`); returns whether one did."""
        answers: dict[tuple[str, str, str], Cursor | None] = {}  # events that wait alike share an answer
        still: list[Waiting] = []
        for position, waiting in enumerate(self.waiting):
            alike = waiting.track, waiting.stay, waiting.type
            if alike not in answers:
                answers[alike] = self._ask_again(waiting)
            cursor = answers[alike]
            if cursor is None:
                continue
            if cursor.chosen is not None:
                self.waiting = [*still, *self.waiting[position + 1 :]]
                self._take_up(waiting, cursor.chosen)
                return True
            if cursor.missing:
                stay = self.config.tracks[waiting.track][cursor.depth - 1].id
                same = waiting.stay == stay and waiting.missing == cursor.missing
                still.append(waiting if same else replace(waiting, stay=stay, missing=cursor.missing))
        self.waiting = still
        return False

    def _ask_again(self, waiting: Waiting) -> Cursor | None:
        """The selection of a waiting event now, or None if the stay to which it is bound has ended."""
        stays = self.config.tracks.get(waiting.track, [])
        depth = next((depth_of_stay for depth_of_stay, stay in enumerate(stays, 1) if stay.id == waiting.stay), None)
        if depth is None:
            return None
        return self._select(self.config.release.plan.tracks[waiting.track], waiting.type, deepest=depth)

    def _take_up(self, waiting: Waiting, candidate: Candidate) -> None:
        """Takes the transition of a waiting event."""
        required = self.config.release.plan.awaited.get(waiting.type, NO_FACTS)
        cause = Cause(waiting.event, waiting.type, waiting.brought | required)
        if not self._execute(self.config.release.plan.tracks[waiting.track], candidate, cause):
            self.purposely.add((waiting.event, waiting.track))
        self._process_raised()

    def _process_raised(self) -> None:
        """Tries each raised entry in the other tracks, in the order of entering."""
        while self.raised:
            origin, name, cause = self.raised.popleft()
            chosen: list[tuple[TrackPlan, Candidate]] = []
            for track in self.config.release.plan.tracks.values():
                if track.name != origin and name in track.triggers and self.config.tracks.get(track.name):
                    cursor = self._select(track, name, waits=False)
                    if cursor.chosen is not None and cursor.chosen.enters is not None:
                        chosen.append((track, cursor.chosen))
            for track, candidate in chosen:
                if self._may_step():
                    self._execute(track, candidate, cause)

    def _may_step(self) -> bool:
        """Counts an automatic step; returns false if the limit was reached."""
        self.automatic += 1
        return self.automatic <= MAX_AUTOMATIC_STEPS

    # --- timers (section 8) --------------------------------------------------------------------------------

    def _fire(self, due: Due) -> None:
        """Fires a timer. In the told view, one that begins news that was not told does not take."""
        before = self.state() if self.told is not None else None
        steps, changed, self.config.has_blocked = (self.automatic, self.automatic_at), dict(self.config.changed), False
        self._fire_timer(due)
        if before is not None and self.config.has_blocked:
            self._go_back(before)
            (self.automatic, self.automatic_at), self.config.changed = steps, changed
            self._fire_timer(due, may_take=False)

    def _go_back(self, before: State) -> None:
        """Takes back the last firing, but for the news that it began."""
        config, self.config = self.config, Configuration(self.config.release, before, self.told, self.config.is_silent)
        self.config.item, self.config.news = config.item, config.news
        self.config.tellings, self.config.told_names = config.tellings, config.told_names
        self.world = World(self.config.values, self.config.places, self.config.visits, self.config.now)
        self.waiting = list(before.waiting)
        self.results.pop()

    def _fire_timer(self, due: Due, *, may_take: bool = True) -> None:
        tracks = self.config.release.plan.tracks.values()
        track = next(track for track in tracks if track.index == due.track)
        stay, timer = self.config.timer_of(track, due)
        cause = Cause(derived_id("timer", stay.id, timer.name, stay.timers[timer.name].anchor or ""), "after")
        self._start_item(due.at, False, None, cause.id)
        self.world.since = stay.since
        took = may_take and (timer.when is None or timer.when.ask(self.world) is True)
        target = self._select(track, timer.trigger).chosen if took and timer.to is not None else None
        fired = self.config.fire(track, due, took)
        if target is not None and self._may_step():
            self._execute(track, target, cause)
        if took:
            self._settle()
        result = timer_result(cause.id, track.name, stay, fired, self.moves)
        self.results.append(result._replace(stays=tuple(self.config.begun), questions=tuple(self.questions)))
