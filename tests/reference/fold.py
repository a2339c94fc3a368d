"""The reference fold: docs/fold.md written down a second time, naively; it may share no code with the engine.

A definition is a plain dict in a resolved form (targets are paths inside the track, timers have their names):

    {"facts": {name: {"type": "boolean" | "choice" | "set" | "integer" | "date" | "text",
                      "values": ["0", {"I": ["IA", "IB"]}], "min": 0, "max": 9, "max_length": 40,
                      "hold_until": None | {"trigger": "told"}}},
     "conditions": {name: condition},
     "triggers": {name: {"requires": [fact], "resets": [fact]}},  # in the order of the definition
     "ends": {name: {}},
     "tracks": {track: {"initial": name, "states": {name: state}}}}

    state = {"initial": None | name, "states": {name: state}, "on": {trigger: [transition]}, "after": [timer],
             "forget": [fact], "hold_until": None | {"trigger": "told"},
             "task": None | {"closed_by": [trigger]}}
    transition = {"when": None | condition, "to": path | "stay", "otherwise": bool, "reenter": bool,
                  "order": None | int}
    timer = {"name": text, "delay": "P6M", "from": None | fact, "when": None | condition} and one of
            {"to": path}, {"remind": piece}, {"task": {"closed_by": [trigger]}}

What is left out counts as empty. A condition is a tuple:

    ("and", a, b, ...)  ("or", a, b, ...)  ("not", a)  ("named", name)  ("true", boolean fact)
    ("==", fact, value)  ("!=", fact, value)  ("<", fact, n) and so on  ("in", fact, [value])
    ("not in", fact, [value])  ("has", set fact, value)  ("known", fact)  ("in_state", "track.path")
    ("visits", "track.path", op, n)  ("days_since", date fact, op, n)  ("days_in_state", op, n)
"""

import calendar
import copy
import hashlib
import json
import operator
import re
from datetime import UTC, date, datetime, timedelta

#: What a patient tells who would rather not say.
DECLINED = "<declined>"

MARKS = ("seen", "dismissed", "helpful")
MOST_STEPS = 25
OUTCOMES = ("advanced", "waiting", "stayed", "ignored")
COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class TooManySteps(Exception):
    """More than 25 automatic steps in one instant: lint should have refused the definition."""


def fold(releases, log, now, told=None):
    """Return the state (section 2) and the results of events and timers in the order they happened.

    With `told`, a set of ids of news, it is the fold of the told view (section 12).
    """
    run = Fold(releases, log, told)
    run.run(now)
    return copy.deepcopy(run.state), run.results


def news_of(releases, log, now, told=None):
    """Return the news that begins in a fold, in the order in which it begins."""
    return run_of(releases, log, now, told).news


def told_view(releases, log, now):
    """Return what section 12 keeps beside the state: `news`, `told`, `withheld`, and the `state` of the told view."""
    told = Told(releases)
    for count, entry in enumerate(log):
        told.pass_time(log[:count], entry["arrived_at"])
        told.arrive(log[:count], entry)
    told.pass_time(log, now)
    return {
        "news": told.news,
        "told": told.told,
        "withheld": {key: sorted(ids) for key, ids in told.withheld.items()},
        "state": fold(releases, told.visible(log), now, set(told.told))[0] if told.open() else None,
    }


def run_of(releases, log, now, told=None):
    """Return a finished fold."""
    run = Fold(releases, log, told)
    run.run(now)
    return run


class Told:
    """Section 12, arrival by arrival."""

    def __init__(self, releases):
        self.releases = releases
        self.news = []
        self.told = {}
        self.withheld = {}

    def open(self):
        return [each for each in self.news if each["id"] not in self.told]

    def visible(self, log):
        return [entry for entry in log if not self.open() or self.withheld.get(key_of(entry), set()) <= set(self.told)]

    def add(self, news, tellings=()):
        known_ids = {each["id"] for each in self.news}
        for each in news:
            if each["id"] not in known_ids:
                self.news.append(each)
                if each["id"] in tellings:
                    self.told[each["id"]] = tellings[each["id"]]

    def pass_time(self, log, now):
        self.add(news_of(self.releases, log, now))

    def arrive(self, log, entry):
        now, after = entry["arrived_at"], [*log, entry]
        was_open = bool(self.open())
        without, truth = run_of(self.releases, log, now), run_of(self.releases, after, now)
        gone = self.tell_and_take_back(entry, without, truth) if entry["by"] == "staff" else set()
        old_ids = {each["id"] for each in without.news}
        begun = [each for each in truth.news if each["id"] not in old_ids]
        self.add(begun, truth.tellings)
        affected = was_open or self.open()
        waits = self.waits_for(log, entry, begun, truth) if affected else set()
        for key, ids in list(self.withheld.items()):
            if ids & gone:
                self.withheld[key] = (ids - gone) | waits
        self.withheld[key_of(entry)] = waits
        self.withheld = {key: ids for key, ids in self.withheld.items() if ids}
        if affected and not self.open():
            for news in set().union(*self.withheld.values()) - set(self.told):
                self.told[news] = key_of(entry)
        elif affected:
            self.tell_what_only_the_view_holds(self.visible(after), now)

    def tell_what_only_the_view_holds(self, entries, now):
        while True:
            view = run_of(self.releases, entries, now, set(self.told))
            more = view.tellings.keys() - set(self.told) - {each["id"] for each in self.news}
            if not more:
                return
            self.told |= {news: view.tellings[news] for news in more}

    def tell_and_take_back(self, entry, without, truth):
        target = entry["uid"] if entry["entry"] == "retraction" else entry["replaces"]
        ids = {each["id"] for each in truth.news}
        current = {each["id"]: truth.tellings[each["id"]] for each in self.news if each["id"] in truth.tellings}
        self.told = current | {news: telling for news, telling in self.told.items() if telling != target}
        if entry["entry"] == "event" and not truth.state["ended"]:
            for each in self.open():
                by_trigger = entry["kind"] == "reported" and entry["type"] == each["until"]
                by_name = each["name"] in truth.told_names.get(entry["uid"], set())
                if (by_trigger or by_name) and not is_before(entry, each["since"]):
                    self.told[each["id"]] = entry["uid"]
        gone = {each["id"] for each in without.news} - ids
        gone = {each["id"] for each in self.open() if each["id"] in gone or each["cause"] == target}
        self.news = [each for each in self.news if each["id"] not in gone]
        return gone

    def waits_for(self, log, entry, begun, truth):
        """Return the ids of the news for whose telling an entry waits."""
        now = entry["arrived_at"]
        everything = {each["id"] for each in self.open()}
        if entry["by"] == "patient":
            return set()
        if entry["by"] == "family":
            self.tell_what_only_the_view_holds(self.visible([*log, entry]), now)
            told, seen = set(self.told), self.visible(log)
            old_ids = {each["id"] for each in news_of(self.releases, seen, now, told)}
            own = [each for each in news_of(self.releases, [*seen, entry], now, told) if each["id"] not in old_ids]
            own = [each for each in own if each["id"] not in told]
            self.add(own)
            return {each["id"] for each in own}
        if entry["entry"] == "retraction":
            seen = {event["uid"] for event in standing(self.visible(log))} - set(self.told.values())
            return everything if entry["uid"] in seen else set()
        if entry["kind"] in ("enrolled", "migrated") or is_mark(entry):
            return set()
        if truth.state["release"] and entry["type"] in truth.definition["ends"]:
            return set()
        tracks = {each["track"] for each in begun}
        tracks |= {name.rpartition(".")[0].partition(".")[0] for name in truth.told_names.get(entry["uid"], set())}
        if tracks:
            return {each["id"] for each in self.open() if each["track"] in tracks}
        return set() if entry["uid"] in self.told.values() else everything


def key_of(entry):
    """Return the key of an entry of the log in `withheld`."""
    return entry["uid"] if entry["entry"] == "event" else f"{entry['reporter']} {entry['uid']}"


def is_before(event, since):
    """Return whether an event happened before a time; where one is a day, by the days."""
    if event["day"] or len(since) == 10:
        return event["occurred_at"].date() < instant_of(since).date()
    return event["occurred_at"] < instant_of(since)


def effects(state, definition, told=None, definition_of_view=None):
    """Return what the outside should do (section 9): effect id to effect name. `told` is what `told_view` returns."""
    told = told or {"news": [], "told": {}, "state": None}
    open_news = [news for news in told["news"] if news["id"] not in told["told"]]
    follows = {}
    if not state["ended"]:
        follows |= {make_id("effect", news["id"], "tell"): "tell" for news in open_news}
        follows |= following(state, definition, "task")
    view = told["state"] or state
    return follows if view["ended"] else follows | following(view, definition_of_view or definition, "remind")


def following(state, definition, kind):
    follows = {}
    for track, stays in state["tracks"].items():
        for stay in stays:
            node = state_at(definition, track, stay["state"])
            names = ["task"] if kind == "task" and node.get("task") is not None else []
            timers = {timer["name"]: timer for timer in node.get("after", [])}
            for name, anchor, _, took in stay["fired"]:
                if took and timers.get(name, {}).get(kind) is not None:
                    names.append(effect_name(name, anchor))
            for name in names:
                if name not in stay["done"]:
                    follows[make_id("effect", stay["stay"], name)] = name
    return follows


# Values, times and ids


def canonical(value):
    """Return the canonical JSON of a value as bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def make_id(*parts):
    """Return the id of section 2 made from `parts`."""
    return hashlib.sha256(canonical(list(parts))).hexdigest()[:20]


def effect_name(timer, anchor):
    return f"{timer}@{anchor}" if anchor else timer


def instant_text(instant):
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def time_text(instant, day):
    return instant_text(instant)[:10] if day else instant_text(instant)


def instant_of(text):
    """Return the instant that a time in the state means."""
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    return datetime.fromisoformat(text)


def add_delay(instant, delay):
    """Return `instant` moved by an ISO 8601 duration: months first, clamped, then the rest."""
    sign, *numbers = re.fullmatch(
        r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", delay
    ).groups()
    factor = -1 if sign else 1
    years, months, weeks, days, hours, minutes, seconds = (factor * int(number or 0) for number in numbers)
    month_count = instant.year * 12 + instant.month - 1 + years * 12 + months
    year, month = month_count // 12, month_count % 12 + 1
    day = min(instant.day, calendar.monthrange(year, month)[1])
    moved = instant.replace(year=year, month=month, day=day)
    return moved + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def whole_days(since, until):
    """Return whole days between two instants, rounded down."""
    return (until - since) // timedelta(days=1)


# The definition


def state_at(definition, track, path):
    """Return the state at a path of a track, or None."""
    node = definition["tracks"].get(track)
    for name in path.split("."):
        node = (node or {}).get("states", {}).get(name)
    return node


def all_states(definition):
    """Return every state of a definition."""
    nodes = [node for track in definition["tracks"].values() for node in track["states"].values()]
    for node in nodes:
        nodes += node.get("states", {}).values()
    return nodes


def has_state(definition, full_path):
    track, _, path = full_path.partition(".")
    return path != "" and state_at(definition, track, path) is not None


def contains(outer, inner):
    """Return whether the path `outer` contains the path `inner` strictly; the track itself is the path ''."""
    return inner != outer and (outer == "" or inner.startswith(outer + "."))


def parent(path):
    return path.rpartition(".")[0]


def with_initials(definition, track, path):
    """Return the path and those below it that are entered with it through `initial`."""
    paths = [path]
    while initial := state_at(definition, track, paths[-1]).get("initial"):
        paths.append(f"{paths[-1]}.{initial}")
    return paths


def from_outside(path):
    """Return the path's ancestors and itself, outermost first."""
    parts = path.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def parents_of_values(values, above=()):
    """Return every value of a tree with the values it lies under."""
    found = {}
    for value in values:
        if isinstance(value, dict):
            ((name, below),) = value.items()
            found[name] = above
            found |= parents_of_values(below, (*above, name))
        else:
            found[value] = above
    return found


def knows(definition, name, value):
    """Return whether a release declares the fact and its type accepts the value."""
    fact = definition["facts"].get(name)
    if fact is None:
        return False
    if value == DECLINED:
        return True
    match fact["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "choice":
            return isinstance(value, str) and value in parents_of_values(fact["values"])
        case "set":
            return isinstance(value, list) and all(item in fact["values"] for item in value)
        case "integer":
            low, high = fact.get("min"), fact.get("max")
            whole = isinstance(value, int) and not isinstance(value, bool)
            return whole and (low is None or value >= low) and (high is None or value <= high)
        case "date":
            return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None
        case "text":
            return isinstance(value, str) and len(value) <= fact.get("max_length", len(value))
    raise ValueError(fact["type"])


def settled(value):
    """Return a fact's value as the state has it: a set is a sorted list."""
    return sorted(set(value)) if isinstance(value, list) else value


# Section 1: what is part of the fold, and in which order


def standing(log):
    """Return the events of a log that are neither retracted nor replaced."""
    events = [entry for entry in log if entry["entry"] == "event"]
    retracted = {entry["uid"] for entry in log if entry["entry"] == "retraction"}

    def is_replaced(uid):
        replacements = [event["uid"] for event in events if event["replaces"] == uid]
        return any(replacement not in retracted or is_replaced(replacement) for replacement in replacements)

    return [event for event in events if event["uid"] not in retracted and not is_replaced(event["uid"])]


def is_mark(event):
    """Return whether an event only says something of a piece."""
    return event["kind"] == "reported" and event["type"] in MARKS


def enrolled_event(events):
    return next((event for event in events if event["kind"] == "enrolled"), None)


def by_day(event):
    """Return whether an event takes its place among the days; an enrolling begins at its day's first instant."""
    return event["day"] and event["kind"] != "enrolled"


def instant_in(events, event):
    """Return the instant at which an event applies: a day after everything known by its instant on that day."""
    if not by_day(event):
        return event["occurred_at"]
    instants = [other["occurred_at"] for other in events if not other["day"] and not is_mark(other)]
    return max([event["occurred_at"], *(each for each in instants if each.date() == event["occurred_at"].date())])


def release_in_force(events, event):
    """Return the name of the release for an event, that of a migration still being the old one."""
    enrolled = enrolled_event(events)
    if enrolled is None:
        return None
    instant = instant_in(events, event)
    migrations = [
        other
        for other in events
        if other["kind"] == "migrated"
        and (other["occurred_at"] < instant or (by_day(event) and other["occurred_at"] == instant))
    ]
    migrations.sort(key=lambda event: (event["occurred_at"], event["uid"]))
    return migrations[-1]["data"]["to"] if migrations else enrolled["data"]["release"]


def rank(definition, event):
    if event["kind"] == "enrolled":
        return -1
    names = [*definition["triggers"], *definition["ends"]]
    if event["kind"] == "reported" and event["type"] in names:
        return names.index(event["type"])
    return len(names)


def tellings(definition):
    """Return the triggers that are some hold's `until`."""
    nodes = [*definition["facts"].values()]
    states = [state for track in definition["tracks"].values() for state in track["states"].values()]
    while states:
        nodes.append(state := states.pop())
        states += state.get("states", {}).values()
    return {node["hold_until"]["trigger"] for node in nodes if node.get("hold_until")}


def group(definition, event):
    """Return 0 for an instant, 1 for a migration, 2 for a day, 3 for a telling of a day, 4 for an end of a day."""
    if event["kind"] == "migrated":
        return 1
    if not by_day(event):
        return 0
    if event["kind"] != "reported":
        return 2
    return 4 if event["type"] in definition["ends"] else 3 if event["type"] in tellings(definition) else 2


def in_order(releases, events):
    """Return the events in the order they apply, each with the `instant`, `group` and `rank` that its key holds."""
    ranked = []
    for event in events:
        name = release_in_force(events, event)
        ranked.append(
            event
            | {
                "instant": instant_in(events, event),
                "group": group(releases[name], event) if name else 0,
                "rank": rank(releases[name], event) if name else 0,
            }
        )

    def key(event):
        if event["kind"] == "migrated":
            return (event["instant"], 1, event["uid"])
        return (
            event["instant"],
            event["group"],
            event["sequence"],
            event["rank"],
            event["reporter"],
            event["id"],
        )

    return sorted(ranked, key=key)


# Conditions: True, False, or None for unknown


def told(state, name):
    """Return the value of a fact, or None where it is unknown or declined."""
    return state["facts"].get(name, {}).get("value")


def evaluate(condition, definition, state, instant, since):
    """Return whether a condition holds; `since` is when the stay of the declaring state began."""

    def ask(part):
        return evaluate(part, definition, state, instant, since)

    match condition:
        case ("and", *parts):
            answers = [ask(part) for part in parts]
            return False if False in answers else None if None in answers else True
        case ("or", *parts):
            return negated(ask(("and", *(("not", part) for part in parts))))
        case ("not", part):
            return negated(ask(part))
        case ("named", name):
            return ask(definition["conditions"][name])
        case ("known", fact):
            return told(state, fact) is not None
        case ("in_state", full_path):
            track, _, path = full_path.partition(".")
            return any(stay["state"] == path for stay in state["tracks"].get(track, []))
        case ("visits", full_path, op, number):
            return COMPARE[op](state["visits"].get(full_path, 0), number)
        case ("days_in_state", op, number):
            return COMPARE[op](whole_days(since, instant), number)
        case ("not in", fact, values):
            return negated(ask(("in", fact, values)))
        case ("in", fact, values):
            return ask(("or", *(("==", fact, value) for value in values)))
        case ("!=", fact, value):
            return negated(ask(("==", fact, value)))
    # What is left reads one fact.
    value = told(state, condition[1])
    if value is None:
        return None
    match condition:
        case ("true", _):
            return value
        case ("has", _, item):
            return item in value
        case ("days_since", _, op, number):
            return COMPARE[op](whole_days(instant_of(value), instant), number)
        case ("==", fact, asked) if definition["facts"][fact]["type"] == "choice":
            above = parents_of_values(definition["facts"][fact]["values"])
            if value == asked or asked in above[value]:
                return True
            return None if value in above[asked] else False
        case (op, _, asked):
            return COMPARE[op](value, asked)
    raise ValueError(condition)


def negated(answer):
    return None if answer is None else not answer


def missing(condition, definition, state, instant, since):
    """Return the facts an unknown condition asks for."""
    if evaluate(condition, definition, state, instant, since) is not None:
        return set()
    match condition:
        case ("and" | "or" | "not", *parts):
            return set().union(*(missing(part, definition, state, instant, since) for part in parts))
        case ("named", name):
            return missing(definition["conditions"][name], definition, state, instant, since)
    return {condition[1]}


class Fold:
    """One fold. `state` is the State of section 2 at all times; `results` grows."""

    def __init__(self, releases, log, told=None):
        self.releases = releases
        self.told = told  # None in the truth; in the told view, the ids of the news that was told
        self.news = []
        self.blocked = False
        self.tellings = {}  # by id of this news, the event that told it
        self.told_names = {}  # by event, the states and facts of which it told its own news
        self.events = in_order(releases, standing(log))
        self.results = []
        self.state = {
            "ended": None,
            "facts": {},
            "folded_to": None,
            "last_day": None,
            "marks": {},
            "release": None,
            "tracks": {},
            "visits": {},
            "waiting": [],
        }
        self.instant = None  # now, in the fold
        self.day = False  # its precision
        self.automatic = {}  # steps by instant, since its last event
        self.steps = 0
        self.step_of = {}  # by event, the number of the step that applied it
        self.last_set = {}  # by fact, the number of the step that told it or made it unknown
        self.begin_step(None)

    @property
    def definition(self):
        return self.releases[self.state["release"]]

    @property
    def tracks(self):
        return self.state["tracks"]

    def begin_step(self, event, brought=()):
        """Forget the last event or firing and note how things stand before the next."""
        self.event = event  # the one being applied; None for a timer
        self.steps += 1
        if event:
            self.step_of[event["uid"]] = self.steps
        self.brought = set(brought)
        self.transitions = []
        self.raised = []
        self.took_stay = set()
        self.cause = event and event["uid"]
        self.facts_before = dict(self.state["facts"])
        self.leaves_before = {track: self.leaf(track) for track in self.tracks}

    def move_to(self, instant, day):
        self.instant, self.day = instant, day
        self.state["folded_to"] = instant_text(instant)

    def move_to_event(self, event):
        self.move_to(event["instant"], event["day"])
        if by_day(event):
            day = event["occurred_at"].date().isoformat()
            self.state["last_day"] = max(day, self.state["last_day"] or day)

    def now_text(self):
        return time_text(self.instant, self.day)

    # Section 3: the loop

    def run(self, now):
        enrolled = enrolled_event(self.events)
        if enrolled is None:
            for event in self.events:
                self.move_to_event(event)
                self.begin_step(event)
                self.note_result(event)
            return
        self.start(enrolled)
        for event in self.events:
            while (timer := self.next_timer()) and timer["due"] < event["instant"]:
                self.fire(timer)
            self.apply(event)
        while (timer := self.next_timer()) and timer["due"] <= now:
            self.fire(timer)

    def start(self, enrolled):
        self.instant, self.day = enrolled["occurred_at"], enrolled["day"]
        self.state["release"] = enrolled["data"]["release"]
        self.start_transitions = []
        named = dict(full_path.split(".", 1) for full_path in enrolled["data"].get("states", []))
        for track in self.definition["tracks"]:
            target = named.get(track, self.definition["tracks"][track]["initial"])
            self.begin_track(track, target, enrolled["uid"])
            self.start_transitions.append({"track": track, "from": None, "to": self.leaf(track), "trigger": "enrolled"})

    def begin_track(self, track, target, cause):
        """Enter a track that nothing is open in: nothing is raised, forgotten or held."""
        self.tracks[track] = []
        for path in from_outside(target)[:-1] + with_initials(self.definition, track, target):
            self.begin_stay(track, path, cause, self.now_text())

    def leaf(self, track):
        return self.tracks[track][-1]["state"] if self.tracks.get(track) else None

    # Section 4: an event applies

    def apply(self, event):
        self.move_to_event(event)
        if self.state["ended"]:
            self.begin_step(event)
            self.note_result(event)
            return
        definition = self.definition
        if is_mark(event):
            self.automatic[self.instant] = 0
            self.begin_step(event)
            of_piece = self.state["marks"].setdefault(event["data"]["piece"], {})
            of_piece[event["type"]] = self.now_text()
            self.took_stay = set(self.tracks)
            self.note_result(event)
            return
        facts = {name: value for name, value in event["facts"].items() if knows(definition, name, value)}
        self.automatic[self.instant] = 0
        self.begin_step(event, facts)
        if event["kind"] == "reported" and event["by"] == "staff":
            self.tell([each for each in self.news if each["until"] == event["type"]])
        if event["kind"] == "enrolled":
            self.transitions += self.start_transitions
        if event["kind"] == "reported":
            trigger = definition["triggers"].get(event["type"], {})
            declared = any(self.is_declared(track, event["type"]) for track in definition["tracks"])
            for name in trigger.get("resets", []) + (trigger.get("requires", []) if declared else []):
                if name not in facts:
                    self.set_fact(name, None)
        for name, value in sorted(facts.items()):
            if not self.holds_fact(event, name, value):
                self.learn(event, name, value)
        self.note_done(event)
        if event["kind"] == "reported" and event["type"] in definition["ends"]:
            self.end(event)
        elif event["kind"] == "placed":
            self.place(event)
        elif event["kind"] == "migrated":
            self.migrate(event)
        elif event["kind"] == "reported":
            self.try_event(event)
        self.work_off()
        self.ask_waiting()
        self.note_result(event)

    def learn(self, event, name, value):
        said = {"declined": True} if value == DECLINED else {"value": settled(value)}
        self.set_fact(
            name,
            said
            | {
                "at": time_text(event["occurred_at"], event["day"]),
                "event": event["uid"],
                "by": event["by"],
            },
        )

    def set_fact(self, name, entry):
        """Write a fact, or make it unknown; timers follow a date that changed."""
        before = told(self.state, name)
        self.last_set[name] = self.steps
        if entry is None:
            self.state["facts"].pop(name, None)
        else:
            self.state["facts"][name] = entry
        if told(self.state, name) != before:
            self.follow(name)

    def holds_fact(self, event, name, value):
        """Begin the news of a held fact; return whether the fact may not be learned."""
        hold = self.definition["facts"][name].get("hold_until")
        if not hold or value == DECLINED or event["kind"] == "enrolled" or event["by"] == "patient":
            return False
        if settled(value) == self.facts_before.get(name, {}).get("value"):
            return False
        if event["told"] or event["type"] == hold["trigger"]:
            self.tell_own(name)
            return False
        return self.begin_news(make_id("fact", name, event["uid"]), "fact", name, "", hold)

    def begin_news(self, news_id, kind, name, track, hold):
        """Begin news; return whether it is untold in this fold of the told view."""
        self.news.append(
            {
                "id": news_id,
                "kind": kind,
                "name": name,
                "track": track,
                "until": hold["trigger"],
                "since": self.now_text(),
                "cause": self.cause,
            }
        )
        return self.told is not None and news_id not in self.told

    def tell(self, news):
        for each in news:
            self.tellings.setdefault(each["id"], self.event["uid"])

    def tell_own(self, name):
        """The event tells its own news of a state or fact, and older news of it."""
        self.told_names.setdefault(self.event["uid"], set()).add(name)
        self.tell([each for each in self.news if each["name"] == name])

    def is_told_by_event(self, hold):
        return self.event and (self.event["told"] or self.event["type"] == hold["trigger"])

    def note_done(self, event):
        if event["kind"] != "reported":
            return
        for track, stays in self.tracks.items():
            for stay in stays:
                node = state_at(self.definition, track, stay["state"])
                done = set(stay["done"])
                if event["type"] in (node.get("task") or {}).get("closed_by", []):
                    done.add("task")
                for timer in node.get("after", []):
                    if event["type"] in (timer.get("task") or {}).get("closed_by", []):
                        done |= {
                            effect_name(name, anchor)
                            for name, anchor, _, took in stay["fired"]
                            if took and name == timer["name"]
                        }
                stay["done"] = sorted(done)

    def note_result(self, event):
        waits = [entry for entry in self.state["waiting"] if entry["event"] == event["uid"]]
        by_track = {}
        for track in self.tracks:
            if any(transition["track"] == track for transition in self.transitions):
                by_track[track] = "advanced"
            elif any(entry["track"] == track for entry in waits):
                by_track[track] = "waiting"
            elif track in self.took_stay or self.brought or self.is_telling(event):
                by_track[track] = "stayed"
            else:
                by_track[track] = "ignored"
        self.results.append(
            {
                "event": event["uid"],
                "outcome": min(by_track.values(), key=OUTCOMES.index, default="ignored"),
                "by_track": by_track,
                "transitions": self.transitions,
                "waiting_for": sorted({fact for entry in waits for fact in entry["missing"]}),
            }
        )

    def is_telling(self, event):
        """Return whether some hold of the release is told by the event's trigger."""
        if event["kind"] != "reported" or self.state["release"] is None or self.state["ended"] or is_mark(event):
            return False
        holds = [fact.get("hold_until") for fact in self.definition["facts"].values()]
        holds += [node.get("hold_until") for node in all_states(self.definition)]
        return event["type"] in [hold["trigger"] for hold in holds if hold]

    # Section 5: trying an event in a track

    def try_event(self, event):
        selected = [(track, self.select(track, event["type"])) for track in self.definition["tracks"]]
        cause = event_cause(event, self.brought)
        if self.definition["triggers"].get(event["type"], {}).get("requires"):
            self.state["waiting"] = [
                entry
                for entry in self.state["waiting"]
                if entry["type"] != event["type"] or not self.is_declared(entry["track"], event["type"])
            ]
        for track, choice in selected:
            match choice:
                case ("take", path, transition):
                    if not self.execute(track, path, transition, cause, event["type"]):
                        self.took_stay.add(track)
                case ("wait", stay, lacking):
                    self.wait(event, track, stay, lacking)

    def select(self, track, trigger, *, from_stay=None, waits=True):
        """Return ("take", declaring path, transition), ("wait", stay id, missing facts) or None."""
        stays = self.tracks[track]
        if from_stay is not None:
            stays = stays[: stays.index(from_stay) + 1]
        for stay in reversed(stays):
            siblings = state_at(self.definition, track, stay["state"]).get("on", {}).get(trigger)
            if siblings is None:
                continue
            if lacking := self.required_and_unknown(trigger):
                return ("wait", stay["stay"], lacking)
            choice = self.choose(stay, siblings, waits)
            if choice is not None:
                return choice
        return None

    def is_declared(self, track, trigger):
        nodes = [state_at(self.definition, track, stay["state"]) for stay in self.tracks[track]]
        return any(trigger in node.get("on", {}) for node in nodes)

    def required_and_unknown(self, trigger):
        """Return what the trigger requires and nobody told or declined; an entry raised requires nothing."""
        required = self.definition["triggers"].get(trigger, {}).get("requires", [])
        return sorted(name for name in required if name not in self.state["facts"])

    def choose(self, stay, siblings, waits):
        """Return what one state does with a trigger it declares, or None where all is false."""
        otherwise = next((sibling for sibling in siblings if sibling.get("otherwise")), None)
        plain = [sibling for sibling in siblings if not sibling.get("otherwise")]
        ordered = any(sibling.get("order") is not None for sibling in plain)
        if ordered:
            plain.sort(key=lambda sibling: sibling["order"])
        answers = [self.answer(sibling.get("when"), stay, waits) for sibling in plain]
        unknown = [sibling for sibling, answer in zip(plain, answers, strict=True) if answer is None]
        lacking = self.missing_in(unknown, stay)
        declined = all(self.state["facts"].get(fact, {}).get("declined") for fact in lacking)
        if ordered:
            first = next((place for place, answer in enumerate(answers) if answer is not False), None)
            if first is not None and answers[first]:
                return ("take", stay["state"], plain[first])
            lacking = self.missing_in(unknown[:1], stay)
        elif True in answers:
            return ("take", stay["state"], plain[answers.index(True)])
        if unknown and not (otherwise and declined and True not in answers):
            return ("wait", stay["stay"], lacking)
        return ("take", stay["state"], otherwise) if otherwise else None

    def answer(self, condition, stay, waits=True):
        if condition is None:
            return True
        since = min(instant_of(stay["since"]), self.instant)
        answer = evaluate(condition, self.definition, self.state, self.instant, since)
        return False if answer is None and not waits else answer

    def missing_in(self, siblings, stay):
        since = instant_of(stay["since"])
        return sorted(
            set().union(*(missing(each["when"], self.definition, self.state, self.instant, since) for each in siblings))
        )

    def execute(self, track, declared_by, transition, cause, trigger):
        """Take a transition; return whether anything moved."""
        target = transition["to"]
        if target == "stay":
            return False
        return self.go(track, self.kept_by(declared_by, transition), target, cause, trigger)

    def kept_by(self, declared_by, transition):
        """Return the innermost path that a transition does not leave."""
        target = transition["to"]
        if contains(declared_by, target) and not transition.get("reenter"):
            return declared_by
        kept = declared_by
        while not (contains(kept, declared_by) and contains(kept, target)):
            kept = parent(kept)
        return kept

    def entered(self, track, kept, target):
        return [path for path in from_outside(target)[:-1] if contains(kept, path)] + with_initials(
            self.definition, track, target
        )

    def is_blocked(self, track, kept, target, cause):
        """Return whether entering would show news that was not told; begin it in this fold of the told view."""
        if self.told is None:
            return False
        blocked = False
        for path in self.entered(track, kept, target):
            hold = state_at(self.definition, track, path).get("hold_until")
            news_id = make_id("stay", track, path, cause["id"])
            if hold and not self.is_told_by_event(hold) and news_id not in self.told:
                blocked = self.begin_news(news_id, "state", f"{track}.{path}", track, hold)
        self.blocked = self.blocked or blocked
        return blocked

    def go(self, track, kept, target, cause, trigger):
        """Leave all that is open inside `kept`, enter what leads to `target`, and on through `initial`."""
        if self.is_blocked(track, kept, target, cause):
            return False
        origin = self.leaf(track)
        self.tracks[track] = [
            stay for stay in self.tracks[track] if stay["state"] == kept or contains(stay["state"], kept)
        ]
        for stay in self.tracks[track]:
            if instant_of(stay["since"]) > self.instant:  # it would begin only at joining
                stay |= {"since": self.now_text(), "timers": {}}
                self.arm_all(track, stay)
        for path in self.entered(track, kept, target):
            self.enter(track, path, cause)
        self.transitions.append({"track": track, "from": origin, "to": self.leaf(track), "trigger": trigger})
        return True

    def enter(self, track, path, cause):
        node = state_at(self.definition, track, path)
        for name in node.get("forget", []):
            if name not in cause["carried"] and name not in self.brought:
                self.set_fact(name, None)
        stay = self.begin_stay(track, path, cause["id"], self.now_text())
        hold = node.get("hold_until")
        if hold and self.is_told_by_event(hold):
            self.tell_own(f"{track}.{path}")
        elif hold:
            self.begin_news(stay["stay"], "state", f"{track}.{path}", track, hold)
        raised = cause | {"id": make_id("entered", stay["stay"])}
        self.raised.append((track, f"entered.{track}.{path}", raised))

    def begin_stay(self, track, path, cause, since):
        stay = {
            "state": path,
            "stay": make_id("stay", track, path, cause),
            "since": since,
            "timers": {},
            "fired": [],
            "done": [],
        }
        self.tracks[track].append(stay)
        full_path = f"{track}.{path}"
        self.state["visits"][full_path] = self.state["visits"].get(full_path, 0) + 1
        self.arm_all(track, stay)
        return stay

    # Section 6: waiting

    def wait(self, event, track, stay, lacking):
        self.state["waiting"].append(
            {
                "event": event["uid"],
                "type": event["type"],
                "by": event["by"],
                "track": track,
                "stay": stay,
                "brought": sorted(self.brought),
                "missing": lacking,
                "key": [
                    instant_text(event["instant"]),
                    event["group"],
                    event["sequence"],
                    event["rank"],
                    event["reporter"],
                    event["id"],
                ],
            }
        )
        places = list(self.definition["tracks"])
        self.state["waiting"].sort(
            key=lambda entry: (instant_of(entry["key"][0]), entry["key"][1:], places.index(entry["track"]))
        )

    def ask_waiting(self):
        while self.ask_until_one_goes():
            pass

    def ask_until_one_goes(self):
        """Ask the waiting events from the first; return whether one was executed."""
        waiting = self.state["waiting"]
        for entry in list(waiting):
            track = entry["track"]
            stay = next((stay for stay in self.tracks.get(track, []) if stay["stay"] == entry["stay"]), None)
            choice = stay and self.select(track, entry["type"], from_stay=stay)
            match choice:
                case None:
                    waiting.remove(entry)
                case ("wait", stay_id, lacking):
                    entry["stay"], entry["missing"] = stay_id, lacking
                case ("take", path, transition):
                    waiting.remove(entry)
                    cause = {
                        "id": entry["event"],
                        "carried": set(entry["brought"])
                        | set(self.definition["triggers"].get(entry["type"], {}).get("requires", [])),
                    }
                    moved = self.execute(track, path, transition, cause, entry["type"])
                    if not moved and self.event and self.event["uid"] == entry["event"]:
                        self.took_stay.add(track)
                    self.work_off()
                    return True
        return False

    # Section 7: entries raise events

    def work_off(self):
        while self.raised:
            origin, trigger, cause = self.raised.pop(0)
            selected = [
                (track, self.select(track, trigger, waits=False))
                for track in self.definition["tracks"]
                if track != origin
            ]
            for track, choice in selected:
                if choice is not None:
                    _, path, transition = choice
                    if transition["to"] != "stay":
                        self.count_step()
                    self.execute(track, path, transition, cause, trigger)

    def count_step(self):
        self.automatic[self.instant] = self.automatic.get(self.instant, 0) + 1
        if self.automatic[self.instant] > MOST_STEPS:
            raise TooManySteps(instant_text(self.instant))

    # Section 8: timers

    def arm_all(self, track, stay):
        for timer in state_at(self.definition, track, stay["state"]).get("after", []):
            self.arm(stay, timer)

    def arm(self, stay, timer):
        anchor = None
        if timer.get("from"):
            anchor = told(self.state, timer["from"])
            if anchor is None:
                return
        if any(fired[:2] == [timer["name"], anchor] for fired in stay["fired"]):
            return
        deadline = add_delay(instant_of(anchor or stay["since"]), timer["delay"])
        stay["timers"][timer["name"]] = {
            "due": instant_text(max(deadline, instant_of(stay["since"]), self.instant)),
            "anchor": anchor,
        }

    def follow(self, fact):
        """Arm anew, or disarm, the timers that count from a fact that changed."""
        for track, stays in self.tracks.items():
            for stay in stays:
                for timer in state_at(self.definition, track, stay["state"]).get("after", []):
                    if timer.get("from") == fact:
                        stay["timers"].pop(timer["name"], None)
                        self.arm(stay, timer)

    def next_timer(self):
        """Return the timer that fires next: {"due", "track", "stay", "timer"}, or None."""
        if self.state["ended"]:
            return None
        armed = [
            {
                "due": instant_of(stay["timers"][timer["name"]]["due"]),
                "track": track,
                "stay": stay,
                "timer": timer,
            }
            for track in self.definition["tracks"]
            for stay in self.tracks[track]
            for timer in state_at(self.definition, track, stay["state"]).get("after", [])
            if timer["name"] in stay["timers"]
        ]
        return min(armed, key=lambda each: each["due"], default=None)  # the first of those due together

    def fire(self, due):
        """Fire a timer; in the told view one that would begin untold news does not take."""
        before, automatic, last_set = copy.deepcopy(self.state), dict(self.automatic), dict(self.last_set)
        self.blocked = False
        self.fire_timer(due["due"], due["track"], due["stay"], due["timer"])
        if self.blocked:
            self.state, self.automatic, self.last_set = before, automatic, last_set
            self.results.pop()
            stay = next(stay for stay in self.tracks[due["track"]] if stay["stay"] == due["stay"]["stay"])
            self.fire_timer(due["due"], due["track"], stay, due["timer"], may_take=False)

    def fire_timer(self, at, track, stay, timer, may_take=True):
        self.move_to(at, False)
        self.begin_step(None)
        anchor = stay["timers"].pop(timer["name"])["anchor"]
        cause = {
            "id": make_id("timer", stay["stay"], timer["name"], anchor or ""),
            "carried": set(),
        }
        self.cause = cause["id"]
        took = may_take and self.answer(timer.get("when"), stay) is True
        stay["fired"].append([timer["name"], anchor, instant_text(self.instant), took])
        if timer.get("to") and took:
            self.count_step()
            self.execute(track, stay["state"], {"to": timer["to"]}, cause, "after")
        self.work_off()
        self.ask_waiting()
        self.results.append({"timer": cause["id"], "transitions": self.transitions})

    # Section 10: ends

    def end(self, event):
        self.state["ended"] = {"trigger": event["type"], "at": self.now_text(), "event": event["uid"]}
        self.state["waiting"] = []
        for track in self.definition["tracks"]:
            self.transitions.append({"track": track, "from": self.leaf(track), "to": None, "trigger": event["type"]})

    # Section 11: placed and migrated

    def place(self, event):
        if not has_state(self.definition, event["data"]["state"]):
            return
        track, _, path = event["data"]["state"].partition(".")
        if not self.go(track, "", path, event_cause(event, self.brought), "placed"):
            self.took_stay.add(track)

    def migrate(self, event):
        names = event["data"]["map"]
        old_tracks = self.tracks
        self.state["release"] = event["data"]["to"]
        new = self.definition

        def moved(full_path):
            """Return where a state of the old release went, or None."""
            return next((path for path in (names.get(full_path), full_path) if path and has_state(new, path)), None)

        visits = {}
        for full_path, count in self.state["visits"].items():
            if moved(full_path):
                visits[moved(full_path)] = visits.get(moved(full_path), 0) + count
        self.state["visits"] = visits
        self.state["facts"] = {
            name: entry for name, entry in self.state["facts"].items() if knows(new, name, entry.get("value", DECLINED))
        }
        self.state["tracks"] = {}
        arriving = {}
        for track, stays in old_tracks.items():
            to = moved(f"{track}.{stays[-1]['state']}")
            if to:
                arriving.setdefault(to.partition(".")[0], {})[track] = to
        for track in new["tracks"]:
            if track in arriving:
                come = arriving[track]
                origin = track if track in come else next(each for each in old_tracks if each in come)
                self.move_track(track, old_tracks[origin], come[origin], event["uid"])
            else:
                self.begin_track(track, new["tracks"][track]["initial"], event["uid"])
        self.learn_at_last(event)
        for track, stays in self.tracks.items():
            for stay in stays:
                stay["timers"] = {}
                self.arm_all(track, stay)
            origin = self.leaves_before.get(track)
            if origin != self.leaf(track):
                self.transitions.append({"track": track, "from": origin, "to": self.leaf(track), "trigger": "migrated"})
        open_stays = {stay["stay"] for stays in self.tracks.values() for stay in stays}
        self.state["waiting"] = [entry for entry in self.state["waiting"] if entry["stay"] in open_stays]

    def move_track(self, track, old_stays, full_target, cause):
        old_leaf = old_stays[-1]
        target = full_target.partition(".")[2]
        paths = from_outside(target)[:-1] + with_initials(self.definition, track, target)
        kept = {stay["state"]: stay for stay in old_stays}
        if target not in kept and old_leaf["state"] not in paths:
            kept[target] = old_leaf
        self.tracks[track] = []
        for path in paths:
            if path in kept:
                self.tracks[track].append(kept[path] | {"state": path})
            else:
                inside = contains(target, path)
                self.begin_stay(track, path, cause, self.now_text() if inside else old_leaf["since"])

    def learn_at_last(self, migration):
        """Learn what earlier events told, no release has known so far, and the new one does."""
        earlier = self.events[: self.events.index(migration)]
        latest = {}
        for place, event in enumerate(earlier):
            since = [release_in_force(self.events, event)]
            since += [each["data"]["to"] for each in earlier[place:] if each["kind"] == "migrated"]
            for name, value in event["facts"].items():
                known = any(knows(self.releases[then], name, value) for then in since)
                overtaken = self.last_set.get(name, 0) > self.step_of[event["uid"]]
                if not known and not overtaken and knows(self.definition, name, value):
                    latest[name] = event
        for name, event in latest.items():
            if not self.holds_fact(event, name, event["facts"][name]):
                self.learn(event, name, event["facts"][name])
                self.last_set[name] = self.step_of[event["uid"]]


def event_cause(event, brought):
    """Return what an event is to the entries it causes."""
    return {"id": event["uid"], "carried": set(brought)}
