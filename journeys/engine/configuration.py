"""The open stays, facts, visits and news of one enrollment while a fold works on them; one instant at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from journeys.definition.compiler import StatePlan, TimerPlan, TrackPlan
from journeys.definition.facts import DECLINED, Value
from journeys.definition.model import Hold
from journeys.engine.asked import QuestionStatus, SurveyStatus, note_answer, note_mark, note_survey
from journeys.engine.events import Event
from journeys.engine.machine import Release
from journeys.engine.state import Armed, Ended, FactTold, Fired, News, State, Stay
from journeys.primitives.canonical import derived_id, first_instant, midnight, time_text
from journeys.primitives.state_path import StatePath


class Cause(NamedTuple):
    """The cause of an entry: its id, and the facts that its event reported."""

    id: str
    trigger: str
    brought: frozenset[str] = frozenset()


class Due(NamedTuple):
    """A timer about to fire: deadline, track, depth of its state, position in `after`, in the order of firing."""

    at: datetime
    track: int
    depth: int
    position: int


class Configuration:
    """The mutable state of a fold. Every change goes through a method, so that places and timers stay consistent.

    `told` is None in the truth; in the told view it has the ids of the news that the patient was told.
    """

    def __init__(
        self,
        release: Release,
        state: State | None,
        told: Collection[str] | None = None,
        is_silent: Callable[[str], bool] | None = None,
    ) -> None:
        self.release = release
        self.told_ids = told
        self.is_silent = is_silent
        self.has_blocked = False
        self.tracks: dict[str, list[Stay]] = {}
        self.told: dict[str, FactTold] = {}
        self.values: dict[str, Value] = {}
        self.visits: dict[str, int] = {}
        self.places: set[str] = set()
        self.news: list[News] = []  # that began in this fold
        self.tellings: dict[str, str] = {}  # by id of this news, the event that told it
        self.told_names: dict[str, set[str]] = {}  # by event, the states and facts of which it told its own news
        self.ended: Ended | None = None
        self.marks: dict[str, dict[str, str]] = {}
        self.asked: dict[str, QuestionStatus] = {}
        self.surveyed: dict[str, SurveyStatus] = {}
        self.discussed: frozenset[str] = frozenset()
        self.topics: dict[str, str] = {}
        self.now = datetime(1970, 1, 1, tzinfo=UTC)
        self.begins = self.now  # of a stay that begins now: where only the day is known, the day's first instant
        self.day = False
        self.cause = ""
        self.event: Event | None = None
        self.item = 0
        self.changed: dict[str, int] = {}  # by fact, the last item that set it or made it unknown
        self.before: Mapping[str, Value] = {}  # the values before the last event that may hold facts
        self.brought: frozenset[str] = frozenset()
        self.begun: list[str] = []
        if state is not None:
            names = [name for name in release.plan.tracks if name in state.tracks]
            self.tracks = {name: list(state.tracks[name]) for name in names}
            self.told = dict(state.facts)
            self.values = {name: fact.value for name, fact in state.facts.items()}
            self.visits = dict(state.visits)
            self.places = set(state.places)
            self.ended = state.ended
            self.marks = {piece: dict(marks) for piece, marks in state.marks.items()}
            self.asked = dict(state.asked)
            self.surveyed = dict(state.surveyed)
            self.discussed = state.discussed
            self.topics = dict(state.topics)

    def start(self, at: datetime, day: bool, event: Event | None, cause: str) -> None:
        """Begins an event, or a firing (None), at an instant; `cause` is the event's uid or the id of the firing."""
        self.now, self.day, self.event, self.cause, self.brought = at, day, event, cause, frozenset()
        self.begins = first_instant(at) if day else at
        self.item += 1
        self.begun = []
        if event is not None and (
            event.kind == "migrated" or not self.release.plan.held_facts.keys().isdisjoint(event.facts)
        ):
            self.before = dict(self.values)

    def plan_of(self, track: str, stay: Stay) -> StatePlan:
        """The compiled state of a stay."""
        return self.release.plan.tracks[track].states[stay.state]

    def declares(self, trigger: str) -> bool:
        """Whether an open state declares something for a trigger."""
        plans = self.release.plan.tracks
        return any(
            (stay.state, trigger) in plans[track].handlers for track, stays in self.tracks.items() for stay in stays
        )

    def _open_among(self, states: frozenset[str] | None) -> list[tuple[list[Stay], int, StatePlan]]:
        """The open stays in any of these states (full paths): the stays of the track, the index, the state."""
        if not states or states.isdisjoint(self.places):
            return []
        return [
            (stays, depth, plan)
            for track, stays in self.tracks.items()
            for depth, stay in enumerate(stays)
            if (plan := self.plan_of(track, stay)).full in states
        ]

    # --- facts ---------------------------------------------------------------------------------------------

    def learn(self, name: str, value: Value, event: Event) -> None:
        """Sets a fact that an event reported."""
        before = self.values.get(name)
        self.learn_late(name, value, event, self.item)
        if before != value:
            self._follow(name)

    def learn_late(self, name: str, value: Value, event: Event, item: int) -> None:
        """Sets a fact of an earlier item; no timer depends on it yet."""
        self.changed[name] = item
        self.told[name] = FactTold(value, event.at_text, event.uid, event.by)
        self.values[name] = value
        if self.asked:
            note_answer(self.asked, self.release.plan.journey, name)

    def is_superseded(self, name: str, item: int) -> bool:
        """Whether an item after this one has set a fact or made it unknown."""
        return self.changed.get(name, 0) > item

    def forget(self, name: str) -> None:
        """Makes a fact unknown."""
        self.discussed -= {name}
        self.changed[name] = self.item
        if self.told.pop(name, None) is not None:
            del self.values[name]
            self._follow(name)

    def _follow(self, name: str) -> None:
        """Arms the timers that count from a date fact anew."""
        for stays, depth, plan in self._open_among(self.release.plan.dated_timers.get(name)):
            stay = stays[depth]
            timers = dict(stay.timers)
            for timer in plan.timers:
                if timer.start == name:
                    timers.pop(timer.name, None)
                    armed = self._arm(timer, stay.since, stay.fired)
                    if armed is not None:
                        timers[timer.name] = armed
            if timers != stay.timers:
                stays[depth] = stay._replace(timers=timers)

    def discuss(self, event: Event) -> None:
        """Notes the held facts that a telling by staff opens to questions, and the survey that the event answers."""
        note_survey(self.surveyed, self.asked, event)
        if event.kind == "reported" and event.by == "staff":
            self.discussed |= self.release.plan.opens.get(event.type, frozenset())

    def mark(self, event: Event) -> None:
        """Stores a mark of a piece, a question or a topic; events come in order, so the latest mark remains."""
        if (topic := event.topic) is not None:
            self.topics[topic] = event.type
            return
        if (question := event.question) is not None:
            note_mark(self.asked, question, event)
            return
        self.marks.setdefault(event.data["piece"], {})[event.type] = event.at_text

    # --- timers --------------------------------------------------------------------------------------------

    def _arm(self, timer: TimerPlan, since: datetime, fired: tuple[Fired, ...]) -> Armed | None:
        """The armed timer of a stay, or None if its date is unknown or it has fired."""
        anchor: str | None = None
        start = since
        if timer.start is not None:
            value = self.values.get(timer.start)
            if value is None or value is DECLINED:
                return None
            anchor = str(value)
            start = midnight(anchor)
        if fired and any(firing.name == timer.name and firing.anchor == anchor for firing in fired):
            return None
        due = timer.delay.after(start)
        if due < since or due < self.now:
            due = max(since, self.now)
        return Armed(due, anchor)

    def _armed(self, state: StatePlan, since: datetime, fired: tuple[Fired, ...] = ()) -> dict[str, Armed]:
        """All armed timers of a state."""
        timers: dict[str, Armed] = {}
        for timer in state.timers:
            armed = self._arm(timer, since, fired)
            if armed is not None:
                timers[timer.name] = armed
        return timers

    def next_due_at(self) -> datetime | None:
        """The instant at which the next timer fires, or None."""
        if self.ended is not None:
            return None
        next_at: datetime | None = None
        for stays in self.tracks.values():
            for stay in stays:
                for armed in stay.timers.values():
                    if next_at is None or armed.due < next_at:
                        next_at = armed.due
        return next_at

    def next_due(self) -> Due:
        """The timer that fires next; there must be one."""
        return min(
            Due(stay.timers[timer.name].due, self.release.plan.tracks[track].index, depth, position)
            for track, stays in self.tracks.items()
            for depth, stay in enumerate(stays)
            for position, timer in enumerate(self.plan_of(track, stay).timers)
            if timer.name in stay.timers
        )

    def timer_of(self, track: TrackPlan, due: Due) -> tuple[Stay, TimerPlan]:
        """The timer that is due, and its stay."""
        stay = self.tracks[track.name][due.depth]
        return stay, track.states[stay.state].timers[due.position]

    def fire(self, track: TrackPlan, due: Due, took: bool) -> Fired:
        """Marks a timer as fired, and returns the firing."""
        stay, timer = self.timer_of(track, due)
        timers = dict(stay.timers)
        fired = Fired(timer.name, timers.pop(timer.name).anchor, due.at, took)
        self.tracks[track.name][due.depth] = stay._replace(timers=timers, fired=(*stay.fired, fired))
        return fired

    # --- stays ---------------------------------------------------------------------------------------------

    def leave(self, track: str, keeps: int) -> None:
        """Ends the stays of a track inside its `keeps` outermost ones."""
        stays = self.tracks[track]
        for stay in stays[keeps:]:
            self.places.discard(f"{track}.{stay.state}")
        del stays[keeps:]

    def begin_earlier(self, track: str) -> None:
        """Begins the open stays of a track now that would begin only at joining: an earlier event moves the track."""
        stays = self.tracks[track]
        for depth, stay in enumerate(stays):
            if stay.since > self.now:
                earlier = stay._replace(since=self.begins, day=self.day)
                stays[depth] = earlier._replace(timers=self._armed(self.plan_of(track, earlier), earlier.since))

    def begin(
        self,
        state: StatePlan,
        cause: str,
        *,
        since: datetime | None = None,
        day: bool | None = None,
    ) -> Stay:
        """Begins a stay inside the open ones of its track, and counts the visit."""
        start = self.begins if since is None else since
        stay = Stay(
            state.path,
            state.stay_id(cause),
            start,
            self.day if day is None else day,
            self._armed(state, start),
        )
        self.visits[state.full] = self.visits.get(state.full, 0) + 1
        self._open(state, stay)
        return stay

    def keep(self, state: StatePlan, stay: Stay) -> None:
        """Opens a stay that continues under another release, and arms its timers anew."""
        self._open(state, stay._replace(state=state.path, timers=self._armed(state, stay.since, stay.fired)))

    def begin_beside(self, state: StatePlan, cause: str, leaf: Stay) -> None:
        """Begins a stay beside that of a leaf which continues in another track; the leaf's visits count for it.

        It has the leaf's firings of the timers that this state has too. A reminder of them is not sent twice.
        """
        timers = {timer.name: timer for timer in state.timers}
        fired = tuple(
            firing._replace(took=firing.took and timer.remind is None)
            for firing in leaf.fired
            if (timer := timers.get(firing.name)) is not None and (timer.start is None) == (firing.anchor is None)
        )
        armed = self._armed(state, leaf.since, fired)
        self._open(state, Stay(state.path, state.stay_id(cause), leaf.since, leaf.day, armed, fired, leaf.done))

    def _open(self, state: StatePlan, stay: Stay) -> None:
        self.tracks[state.track].append(stay)
        self.places.add(state.full)
        self.begun.append(stay.id)

    def enter(self, state: StatePlan, cause: Cause) -> Stay:
        """Enters a state: begins a stay, forgets its facts, and begins its hold."""
        stay = self.begin(state, cause.id)
        for fact in state.forget:
            if fact not in cause.brought and fact not in self.brought:
                self.forget(fact)
        if state.hold is not None:
            self.hold(stay.id, "state", state.full, state.hold)
        return stay

    def close_tasks(self, trigger: str) -> None:
        """Records the open tasks that an event of this trigger closes."""
        for stays, depth, plan in self._open_among(self.release.plan.closing.get(trigger)):
            stay = stays[depth]
            closed = {"task"} if plan.task is not None and trigger in plan.task.closed_by else set()
            for timer in plan.timers:
                if timer.task is not None and trigger in timer.task.closed_by:
                    closed |= {fired.effect_name for fired in stay.fired if fired.name == timer.name and fired.took}
            if closed - stay.done:
                stays[depth] = stay._replace(done=stay.done | closed)

    # --- news ----------------------------------------------------------------------------------------------

    def hold(self, news_id: str, kind: str, name: str, hold: Hold) -> None:
        """Begins the hold of a state or a fact, unless the current event tells the patient itself."""
        if self.tells(hold):
            self.tell_own(name, self.cause)
        elif all(news.id != news_id for news in self.news):  # the told view may begin it again, because nothing took
            since = time_text(self.now, self.day)
            self.news.append(News(news_id, kind, name, track_of_news(name), hold.trigger, since, self.cause))

    def tell(self, event: Event) -> None:
        """Notes the news that a report of staff tells by its trigger, also where the release knows no such hold."""
        if event.by == "staff" and event.kind == "reported":
            self._note_telling(event.uid, lambda news: news.until == event.type)

    def tell_own(self, name: str, telling: str, among: int | None = None) -> None:
        """Notes that an event tells its own news of a state or a fact, and what it tells of the first news (or all)."""
        self.told_names.setdefault(telling, set()).add(name)
        self._note_telling(telling, lambda news: news.name == name, among)

    def _note_telling(self, telling: str, is_told: Callable[[News], bool], among: int | None = None) -> None:
        if self.is_silent is not None and self.is_silent(telling):
            return
        for news in self.news[:among]:
            if is_told(news):
                self.tellings.setdefault(news.id, telling)

    def told_names_of(self, events: Iterable[str]) -> frozenset[str]:
        """The states and facts of which events, by uid, told their own news."""
        return frozenset(name for event in events for name in self.told_names.get(event, ()))

    def hold_fact(self, name: str, event: Event) -> None:
        """Begins the hold of a fact that an event reported."""
        self.hold(news_of_fact(name, event), "fact", name, self.release.plan.held_facts[name])

    def is_held(self, name: str, value: Value, event: Event) -> bool:
        """Whether an event begins the hold of a held fact, or tells it: others than the patient report a value.

        A value that is known is news no more, but a report that tells it tells what began with it.
        """
        hold = self.release.plan.held_facts[name]
        return is_brought_by_others(value, event) and (self.before.get(name) != value or self.tells(hold))

    def is_untold(self, news: str, hold: Hold) -> bool:
        """Whether this is the told view, and the patient was not told this news."""
        return self.told_ids is not None and news not in self.told_ids and not self.tells(hold)

    def blocks(self, enters: Iterable[StatePlan], cause: Cause) -> bool:
        """Whether entering these states would show the patient what they were not told; the news of it begins."""
        if self.told_ids is None:
            return False
        held = [
            (state, state.hold)
            for state in enters
            if state.hold is not None and self.is_untold(state.stay_id(cause.id), state.hold)
        ]
        for state, hold in held:
            self.hold(state.stay_id(cause.id), "state", state.full, hold)
        self.has_blocked = self.has_blocked or bool(held)
        return bool(held)

    def tells(self, hold: Hold) -> bool:
        """Whether the current event discloses the content of a hold; a firing discloses nothing."""
        return self.event is not None and (self.event.told or self.event.type == hold.trigger)


def is_brought_by_others(value: Value, event: Event) -> bool:
    """Whether an event brings the value of a held fact that the patient may not know."""
    return value is not DECLINED and event.kind != "enrolled" and event.by != "patient"


def track_of_news(name: str) -> str:
    """The track of a state's full path; "" for a fact."""
    return StatePath.parse(name).track if "." in name else ""


def news_of_fact(name: str, event: Event) -> str:
    """The id of the news that an event brings about a fact."""
    return derived_id("fact", name, event.uid)
