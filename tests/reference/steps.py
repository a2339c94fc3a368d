"""The fold itself: what each event and each timer does (docs/fold.md, sections 3 to 11)."""

from collections import deque
from dataclasses import replace

from tests.reference.definition import contains
from tests.reference.migration import migrate
from tests.reference.order import Order, is_mark, survey_of
from tests.reference.selection import Lacking, Taken, select
from tests.reference.state import Cause, State, Stay, WaitingEvent
from tests.reference.timers import arm, arm_all, fire, next_timer
from tests.reference.values import DECLINED, make_id, time_text

MOST_STEPS = 25
OUTCOMES = ("advanced", "waiting", "stayed", "ignored")


class TooManySteps(Exception):
    """More than 25 automatic steps happened in one instant: lint should have refused the definition."""


class Fold:
    """A fold of active events; `told_news` are the ids of the news that was told, None in a fold of the truth."""

    def __init__(self, releases, events, told_news=None):
        self.releases = releases
        self.order = Order(events, releases)
        self.told_news = told_news
        self.state = State()
        self.release = None
        self.results = []
        #: The news by its id, and the step at which it began: an event's number in the order, a firing's between two.
        self.news = {}
        self.news_steps = {}
        #: The states and facts of which an event tells its own news: pairs of kind and name, by the event's uid.
        self.own_tellings = {}
        #: The events that come after the end.
        self.uids_after_end = set()
        #: Step, event and name of each fact that no release in force has known since the event.
        self.unknown_facts = []
        self.queue = deque()
        self.automatic_steps = 0
        self.enrolled_transitions = []

    def run(self, now):
        """Fold all events, and then the timers until `now`; return this fold."""
        if self.order.enrolling is not None:
            self.start(self.order.enrolling)
        for step, (key, event) in enumerate(self.order.events):
            while (due_timer := next_timer(self)) and due_timer[0] < key[0]:
                fire(self, step - 0.5, *due_timer)
            self.apply(step, key, event)
        while (due_timer := next_timer(self)) and due_timer[0] <= now:
            fire(self, len(self.order.events) - 0.5, *due_timer)
        return self

    # The beginning, and what begins a step

    def start(self, enrolling):
        """Enter the initial states, or those that the entry names."""
        self.release = self.releases[enrolling["data"]["release"]]
        self.state.release = self.release.name
        named_states = dict(full_path.split(".", 1) for full_path in enrolling["data"]["states"])
        self.begin_step(0, enrolling, self.order.instant_of(enrolling))
        for track, initial in self.release.initial.items():
            self.begin_track(track, self.release.states_entered(track, named_states.get(track, initial)))
            for stay in self.state.tracks[track]:
                stay.is_initial = True
        self.enrolled_transitions = [
            {"track": track, "from": None, "to": stays[-1].state, "trigger": "enrolled"}
            for track, stays in self.state.tracks.items()
        ]

    def begin_track(self, track, paths):
        """Open a track anew, caused by the event that is applied: nothing is raised, forgotten or held."""
        self.state.tracks[track] = []
        for path in paths:
            self.begin_stay(track, path, self.event["uid"], self.time, self.begins)

    def begin_stay(self, track, path, cause, since, begins):
        """Begin a stay with its timers; return it."""
        stay = Stay(make_id("stay", track, path, cause), path, since, begins)
        self.state.tracks[track].append(stay)
        self.state.visits[f"{track}.{path}"] += 1
        arm_all(self, track, stay)
        return stay

    def begin_step(self, step, event, instant):
        """Set what is applied: an event, or None for a firing."""
        if event is not None or instant != self.instant:
            self.automatic_steps = 0
        self.step, self.event, self.instant = step, event, instant
        #: The time as text with its precision, and the instant that is counted from.
        self.time = time_text(event["occurred_at"], event["day"]) if event else time_text(instant)
        self.begins = event["occurred_at"] if event else instant
        self.cause = event and event["uid"]
        #: The facts that the event brings: those that the release in force knows.
        facts = event["facts"] if event and self.release else {}
        self.brought = frozenset(name for name, value in facts.items() if self.release.knows(name, value))
        self.transitions = []
        self.tracks_stayed = set()
        self.is_blocked = False

    # Events

    def apply(self, step, key, event):
        """Apply an event."""
        self.begin_step(step, event, key[0])
        self.state.folded_to = self.instant
        if self.release is None:
            self.note_result("ignored")
            return
        if event["day"] and event["kind"] != "enrolled":
            self.state.last_day = self.time
        if self.state.ended:
            self.uids_after_end.add(event["uid"])
            self.note_result("ignored")
        elif is_mark(event):
            self.note_mark(event["type"], event["data"])
            self.note_result("stayed")
        else:
            self.learn_facts()
            self.note_discussed()
            self.note_surveyed()
            self.note_tasks_done()
            self.dispatch(key)
            self.work_off_queue()
            self.ask_waiting_events()
            self.note_result()

    def note_mark(self, mark, data):
        """Note what the patient says of a piece, a topic, or a question: that it was shown, or is to be asked later."""
        if "topic" in data:
            self.state.topics = self.state.topics | {data["topic"]: mark}
            return
        if "piece" in data:
            marks_of_piece = self.state.marks.get(data["piece"], {}) | {mark: self.time}
            self.state.marks = self.state.marks | {data["piece"]: marks_of_piece}
            return
        never = {"shown": 0, "last_shown": None, "until": None}
        entry = dict(self.state.asked.get(data["question"], never))
        if mark == "later":
            entry["until"] = data["until"]
        else:
            dates = {(entry["last_shown"] or "")[:10], self.time[:10]}
            entry["shown"] += len(dates) - 1
            entry["last_shown"] = self.time
        self.state.asked = self.state.asked | {data["question"]: entry}

    def note_answered(self, fact):
        """Note that the question of a fact was answered: the last showing is all that remains."""
        question = self.release.question_of(fact)
        entry = self.state.asked.get(question)
        if entry is not None:
            others = {name: other for name, other in self.state.asked.items() if name != question}
            shown = {question: entry | {"shown": 0, "until": None}} if entry["last_shown"] else {}
            self.state.asked = others | shown

    def note_discussed(self):
        """Note the facts of questions that a telling by staff is about: 4.2."""
        if self.event["kind"] == "reported" and self.event["by"] == "staff":
            self.state.discussed |= self.release.facts_opened_by(self.event["type"])

    def note_surveyed(self):
        """Note that a survey was answered, as a question is: 4.3."""
        survey = survey_of(self.event)
        if survey is not None:
            declined = self.event["data"].get("declined", False)
            entry = {"at": self.time, "event": self.event["uid"], "is_declined": declined}
            self.state.surveyed = self.state.surveyed | {survey: entry}
            last = self.state.asked.get(survey, {}).get("last_shown")
            others = {name: other for name, other in self.state.asked.items() if name != survey}
            self.state.asked = others | ({survey: {"shown": 0, "last_shown": last, "until": None}} if last else {})

    def dispatch(self, key):
        """Do what the event is: 4.4."""
        event = self.event
        match event["kind"]:
            case "enrolled":
                self.transitions += self.enrolled_transitions
            case "placed":
                self.place(event["data"]["state"])
            case "migrated":
                migrate(self, event)
            case _ if event["type"] in self.release.ends:
                self.end()
            case _:
                self.try_event(key)

    def note_result(self, outcome=None):
        """Note the result of the event; `outcome` is that of every track where nothing was tried."""
        event = self.event
        by_track = {track: outcome or self.outcome_in(track) for track in self.state.tracks}
        missing = [entry.missing for entry in self.state.waiting if entry.event == event["uid"]]
        self.results.append(
            {
                "event": event["uid"],
                "outcome": min(by_track.values(), key=OUTCOMES.index, default="ignored"),
                "by_track": by_track,
                "transitions": self.transitions,
                "waiting_for": sorted(frozenset().union(*missing)),
            }
        )

    def outcome_in(self, track):
        """Return the outcome of the event in a track."""
        event = self.event
        if any(transition["track"] == track for transition in self.transitions):
            return "advanced"
        if any(entry.event == event["uid"] and entry.track == track for entry in self.state.waiting):
            return "waiting"
        tells = event["kind"] == "reported" and event["type"] in self.release.tellings
        answers = tells or survey_of(event) is not None
        return "stayed" if track in self.tracks_stayed or self.brought or answers else "ignored"

    def end(self):
        """Close all tracks."""
        trigger = self.event["type"]
        self.state.ended = {"trigger": trigger, "at": self.time, "event": self.event["uid"]}
        self.state.waiting = []
        for track, stays in self.state.tracks.items():
            self.transitions.append({"track": track, "from": stays[-1].state, "to": None, "trigger": trigger})

    def place(self, full_path):
        """Leave everything in a track and enter a state."""
        track, _, path = full_path.partition(".")
        if self.release.has_state(full_path):
            self.move(track, 0, path, Cause(self.event["uid"], self.brought), "placed")

    # Facts

    def learn_facts(self):
        """Make unknown what the trigger makes unknown, and set what the event brings: 4.1 and 4.2."""
        event = self.event
        trigger = event["type"] if event["kind"] == "reported" else None
        outdated = self.release.reset_facts(trigger)
        if any(self.is_declared(track, trigger) for track in self.state.tracks):
            outdated |= self.release.required_facts(trigger)
        facts_before = self.state.facts.copy()
        for name in sorted(outdated - self.brought):
            self.set_fact(name, None)
        for name, value in sorted(event["facts"].items()):
            if name in self.brought:
                self.learn_fact(event, name, value, facts_before.get(name, {}))
            else:
                self.unknown_facts.append((self.step, event, name))

    def learn_fact(self, event, name, value, fact_before):
        """Set a fact that an event brings, or begin its news, or both."""
        at = time_text(event["occurred_at"], event["day"])
        answer = {"declined": True} if value is DECLINED else {"value": sorted(value) if type(value) is list else value}
        hold = self.release.facts[name].get("hold_until")
        differs = "value" in answer and answer["value"] != fact_before.get("value")
        if hold and "value" in answer and event["kind"] != "enrolled" and event["by"] != "patient":
            if tells_hold(event, hold):
                self.own_tellings.setdefault(event["uid"], set()).add(("fact", name))
            elif differs and self.begin_news(make_id("fact", name, event["uid"]), "fact", name, hold):
                self.state.changed_at[name] = self.step
                return
        self.set_fact(name, answer | {"at": at, "event": event["uid"], "by": event["by"]})

    def set_fact(self, name, fact):
        """Set a fact, or make it unknown; the timers that count from it follow."""
        value_before = self.state.facts.get(name, {}).get("value")
        self.state.facts.pop(name, None)
        if fact is None:
            self.state.discussed.discard(name)
        else:
            self.state.facts[name] = fact
            self.note_answered(name)
        self.state.changed_at[name] = self.step
        if value_before != (fact or {}).get("value"):
            for track, stay in self.open_stays():
                for timer in self.declared(track, stay).get("after", ()):
                    if timer.get("from") == name:
                        arm(self, stay, timer)

    def begin_news(self, news_id, kind, name, hold):
        """Begin news; return whether the told view must not show it."""
        self.news_steps.setdefault(news_id, self.step)
        self.news.setdefault(
            news_id,
            {
                "id": news_id,
                "kind": kind,
                "name": name,
                "track": track_of_news(kind, name),
                "until": hold["trigger"],
                "since": self.time,
                "cause": self.cause,
            },
        )
        return self.told_news is not None and news_id not in self.told_news

    def note_tasks_done(self):
        """Note the tasks that the trigger closes: 4.3."""
        if self.event["kind"] != "reported":
            return
        for track, stay in self.open_stays():
            state = self.declared(track, stay)
            closed = {timer["name"] for timer in state.get("after", ()) if self.closes(timer.get("task"))}
            firings = [effect_name(name, anchor) for name, anchor, _, took in stay.fired if took and name in closed]
            stay.done |= {*firings, *(["task"] if self.closes(state.get("task")) else [])}

    def closes(self, task):
        """Return whether the trigger of the event closes a task."""
        return task is not None and self.event["type"] in task.get("closed_by", ())

    # Trying

    def try_event(self, key):
        """Try the event in all tracks: select against one state, then execute."""
        event = self.event
        required = self.release.required_facts(event["type"])
        selections = [(track, select(self, track, event["type"])) for track in self.state.tracks]
        for track, selection in selections:
            if required and self.is_declared(track, event["type"]):
                self.state.waiting = [
                    entry for entry in self.state.waiting if (entry.type, entry.track) != (event["type"], track)
                ]
            match selection:
                case Taken():
                    cause = Cause(event["uid"], self.brought)
                    if not self.execute(track, selection, cause, event["type"]):
                        self.tracks_stayed.add(track)
                case Lacking(stay, missing):
                    names = (event["uid"], event["type"], event["by"], track, stay.id)
                    self.state.waiting.append(WaitingEvent(*names, self.brought, missing, key))
        self.sort_waiting_events()

    # Executing

    def execute(self, track, selection, cause, trigger):
        """Execute a transition; return False where nothing moves."""
        declared_by, target = selection.stay.state, selection.transition["to"]
        if target == "stay":
            return False
        paths = [stay.state for stay in self.state.tracks[track]]
        if contains(declared_by, target) and not selection.transition.get("reenter"):
            depth = paths.index(declared_by) + 1
        else:
            depth = sum(contains(path, declared_by) and contains(path, target) for path in paths)
        return self.move(track, depth, target, cause, trigger)

    def move(self, track, depth, target, cause, trigger):
        """Leave all but the outermost stays and enter a state; return False where the told view must not show it."""
        paths = self.release.states_entered(track, target)[depth:]
        if self.would_show_untold_news(track, paths, cause):
            self.is_blocked = True
            return False
        stays = self.state.tracks[track]
        leaf = stays[-1].state
        del stays[depth:]
        self.age_initial_stays(track)
        for path in paths:
            self.enter(track, path, cause)
        self.transitions.append({"track": track, "from": leaf, "to": stays[-1].state, "trigger": trigger})
        return True

    def would_show_untold_news(self, track, paths, cause):
        """Return whether entering states begins untold news in the told view; this news begins all the same."""
        if self.told_news is None:
            return False
        would_show = False
        for path in paths:
            hold = self.release.states[track][path].get("hold_until")
            if hold and not tells_hold(self.event, hold):
                stay_id = make_id("stay", track, path, cause.id)
                would_show |= self.begin_news(stay_id, "state", f"{track}.{path}", hold)
        return would_show

    def age_initial_stays(self, track):
        """Where a track moves before joining, the initial stays that it leaves open begin now."""
        joining = self.order.instant_of(self.order.enrolling)
        for stay in self.state.tracks[track]:
            if stay.is_initial and self.instant < joining:
                stay.since, stay.begins = self.time, self.begins
                arm_all(self, track, stay)
            stay.is_initial = False

    def enter(self, track, path, cause):
        """Enter a state: begin a stay, forget, hold, and raise the entry."""
        stay = self.begin_stay(track, path, cause.id, self.time, self.begins)
        state = self.declared(track, stay)
        for name in sorted({*state.get("forget", ())} - cause.carried - self.brought):
            self.set_fact(name, None)
        hold = state.get("hold_until")
        if hold and tells_hold(self.event, hold):
            self.own_tellings.setdefault(self.event["uid"], set()).add(("state", f"{track}.{path}"))
        elif hold:
            self.begin_news(stay.id, "state", f"{track}.{path}", hold)
        self.queue.append((track, stay, cause))

    # What follows from a step

    def work_off_queue(self):
        """Try what entries raised in the other tracks: section 7."""
        while self.queue:
            entered_track, stay, cause = self.queue.popleft()
            trigger = f"entered.{entered_track}.{stay.state}"
            selections = [
                (track, select(self, track, trigger, is_raised=True))
                for track in self.state.tracks
                if track != entered_track
            ]
            raised = Cause(make_id("entered", stay.id), cause.carried)
            for track, selection in selections:
                if selection and self.execute(track, selection, raised, trigger):
                    self.count_automatic_step()

    def count_automatic_step(self):
        """Count a transition that no event took; raise TooManySteps where there were too many."""
        self.automatic_steps += 1
        if self.automatic_steps > MOST_STEPS:
            raise TooManySteps

    def ask_waiting_events(self):
        """Ask waiting events until none moves: section 6."""
        while any(self.ask_waiting_event(entry) for entry in tuple(self.state.waiting)):
            pass

    def ask_waiting_event(self, entry):
        """Ask a waiting event; return True where it took a transition or `stay`."""
        stay_ids = [stay.id for stay in self.state.tracks.get(entry.track, ())]
        selection = None
        if entry.stay in stay_ids:
            selection = select(self, entry.track, entry.type, stay_ids.index(entry.stay) + 1)
        number = self.state.waiting.index(entry)
        if isinstance(selection, Lacking):
            self.state.waiting[number] = replace(entry, stay=selection.stay.id, missing=selection.missing)
            return False
        del self.state.waiting[number]
        if selection is None:
            return False
        cause = Cause(entry.event, entry.brought | self.release.required_facts(entry.type))
        if not self.execute(entry.track, selection, cause, entry.type) and entry.event == self.cause:
            self.tracks_stayed.add(entry.track)
        self.work_off_queue()
        return True

    def sort_waiting_events(self):
        """Sort waiting events by their key, then by track."""
        tracks = list(self.state.tracks)
        self.state.waiting.sort(key=lambda entry: (entry.key, tracks.index(entry.track)))

    # Questions

    def declared(self, track, stay):
        """Return what the release declares for the state of a stay."""
        return self.release.states[track][stay.state]

    def is_declared(self, track, trigger):
        """Return whether an open state of a track declares a trigger."""
        return any(trigger in self.declared(track, stay).get("on", ()) for stay in self.state.tracks[track])

    def open_stays(self):
        """Yield each open stay with its track, outermost first."""
        for track, stays in self.state.tracks.items():
            for stay in stays:
                yield track, stay


def tells_hold(event, hold):
    """Return whether an event tells its own news of a hold; a firing (None) tells nothing."""
    return event is not None and (event["told"] or (event["kind"] == "reported" and event["type"] == hold["trigger"]))


def track_of_news(kind, name):
    """Return the track of the news of a state; facts have none."""
    return name.partition(".")[0] if kind == "state" else ""


def effect_name(timer, anchor):
    """Return the name of the effect of a firing."""
    return timer if anchor is None else f"{timer}@{anchor}"
