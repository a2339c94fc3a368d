"""Random journeys that lint has nothing against, and random logs for them; it may not import the engine.

A journey is grown in two steps: a `Plan` (tracks with trees of states, facts, triggers) and the wiring of it
(transitions, timers, tasks). The second release is the first one's plan, changed in places and wired again;
what chance decides for a state hangs on the state's origin, so most states keep their timers and transitions.
"""

import copy
import functools
import json
import random
import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from tests.reference import fold as reference

STAFF_ONLY = ["staff"]
REPORTERS = {"patient": ["ada"], "family": ["ben"], "staff": ["carol", "dora"]}
TRACKS = ["disease", "support", "therapy"]
SPLIT_TRACK = "scans"  # of a second release, for states that were inside another track
STATE_NAMES = [
    *("alert", "basic", "calm", "deep", "early", "fresh", "given", "hard", "idle", "joint", "kept", "late"),
    *("mild", "near", "open", "plain", "quiet", "rest", "slow", "tight", "urgent", "vague", "well", "young"),
    *("zonal", "apart", "brief", "clean", "drawn", "empty", "frail", "grown", "heavy", "inner", "known"),
]
TRIGGERS = ["called", "visited", "tested", "started", "paused", "finished", "asked", "moved"]
DELAYS = ["P14D", "P1M", "P6M", "P2W", "P1Y", "P30D", "P45D", "P1M2D", "P60DT6H"]
SHORT_DELAYS = ["P3D", "PT12H", "P1DT6H", "P7DT30M"]  # too many firings in a cycle
DATE_DELAYS = ["-P3D", "P0D", "P10D", "P1M", "-PT6H", "P6M", "-P1M", "P1D", "-P1W"]
INSTEAD_OF_ZERO = ["P0D", "PT0S"]


@dataclass
class Node:
    """A state of a plan. The first child is where a composite begins; `origin` outlives a new name."""

    name: str
    origin: str
    children: list = field(default_factory=list)
    salt: int = 0  # another one: wired anew


@dataclass
class Plan:
    """What a release is grown from."""

    tracks: dict  # name to top states; the first is where the track begins
    forward: set  # tracks without cycles, where facts need not be required
    facts: dict
    groups: dict
    triggers: list
    tells: list
    ends: list


@dataclass(frozen=True)
class Case:
    """A journey of one or two releases and what happened to one patient in it."""

    seed: int
    releases: dict
    log: list
    now: datetime
    pieces: list

    def definition_yaml(self, release):
        """Return the release as the YAML text of docs/authoring.md."""
        return print_definition(self.releases[release], random.Random(f"{self.seed}/{release}/yaml"))

    def orders(self, count):
        """Return `count` logs of the same events and retractions, arriving in other orders."""
        rng = random.Random(f"{self.seed}/orders")
        return [reordered(self.log, rng, self.now) for _ in range(count)]


@functools.lru_cache(maxsize=32)
def random_case(seed):
    """Return the case of a seed, always the same."""
    for attempt in range(50):
        rng = random.Random(f"{seed}/{attempt}")
        plan = grow(rng)
        plans = {"r1": plan}
        if rng.random() < 0.6:
            plans["r2"] = split(mutate(plan, rng), random.Random(f"{seed}/{attempt}/split"))
        releases = {name: Wiring(each, f"{seed}/{attempt}").definition for name, each in plans.items()}
        if SPLIT_TRACK in plans.get("r2", plan).tracks:
            take_timers_along(plans, releases)
        try:
            log, now = Story(releases, plans, rng, f"{seed}").write()
        except reference.TooManySteps:
            continue
        pieces = sorted({piece for each in releases.values() for piece in pieces_of(each)})
        return Case(seed, releases, log, now, pieces)
    raise AssertionError(f"no case from seed {seed}")


# Plans


def grow(rng):
    names = rng.sample(STATE_NAMES, len(STATE_NAMES))
    tracks = {}
    for track in rng.sample(TRACKS, rng.choice([2, 2, 3])):
        count = [rng.randint(3, 8)]
        tracks[track] = grow_states(rng, names, [], count)
    facts, groups = grow_facts(rng)
    return Plan(
        tracks=tracks,
        forward={track for track in tracks if rng.random() < 0.35},
        facts=facts,
        groups=groups,
        triggers=rng.sample(TRIGGERS, rng.randint(4, 6)),
        tells=["discussed", "explained"][: rng.randint(1, 2)],
        ends=["deceased", "left"][: rng.randint(1, 2)],
    )


def grow_states(rng, names, inner, count, depth=1):
    """Return siblings; `count` holds how many states may still be made, `inner` names to use again."""
    nodes = []
    while count[0] > 0 and (len(nodes) < 2 or rng.random() < (0.75 if depth == 1 else 0.4)):
        count[0] -= 1
        origin = name = names.pop()
        if depth > 1 and rng.random() < 0.2:
            below = [other for other in inner if other not in {sibling.name for sibling in nodes}]
            name = rng.choice([name, *below])
        if depth > 1:
            inner.append(name)
        node = Node(name, origin)
        if depth < 3 and count[0] >= 2 and rng.random() < 0.4:
            node.children = grow_states(rng, names, inner, count, depth + 1)
        nodes.append(node)
    return nodes


def grow_facts(rng):
    """Return a random choice of declared facts, and the groups they make."""
    pool = {
        "fit": {"type": "boolean"},
        "willing": {"type": "boolean"},
        "result": {"type": "choice", "values": ["clear", "unclear", "suspicious"]},
        "stage": {
            "type": "choice",
            "values": ["0", {"I": [{"IA": ["IA1", "IA2"]}, "IB"]}, {"II": ["IIA", "IIB"]}],
        },
        "sites": {"type": "set", "values": ["brain", "bone", "liver"]},
        "years": {"type": "integer", "min": 0, "max": 50},
        "scanned_on": {"type": "date"},
        "treated_on": {"type": "date"},
        "edition": {"type": "choice", "values": ["eighth", "ninth"]},
        "basis": {"type": "choice", "values": ["clinical", "pathological"]},
        "note": {"type": "text", "max_length": 20},
    }
    chosen = set(rng.sample(sorted(pool), rng.randint(5, 9))) | {rng.choice(["scanned_on", "treated_on"])}
    groups = {}
    if {"stage", "edition"} <= chosen:
        groups["staging"] = [name for name in ("stage", "edition", "basis") if name in chosen]
    facts = {name: pool[name] for name in pool if name in chosen}
    for name, fact in facts.items():
        grouped = any(name in members for members in groups.values())
        if not grouped and rng.random() < 0.25:
            fact["by"] = rng.choice([["staff"], ["patient", "staff"], ["staff", "family"]])
    held = [name for name in facts if facts[name]["type"] in ("choice", "boolean", "set")]
    for name in rng.sample(held, min(len(held), rng.choice([0, 1, 1, 2]))):
        facts[name]["hold_until"] = "discussed"
        if not any(name in members for members in groups.values()) and rng.random() < 0.7:
            facts[name]["by"] = STAFF_ONLY
    return facts, groups


def mutate(plan, rng):
    """Return the plan of a second release."""
    plan = copy.deepcopy(plan)
    fresh = [name + "er" for name in STATE_NAMES]
    rng.shuffle(fresh)
    for _ in range(rng.randint(1, 4)):
        track = rng.choice(list(plan.tracks))
        siblings, above = rng.choice(lists_of_siblings(plan.tracks[track]))
        node = rng.choice(siblings)
        match rng.choice(["rename", "rename", "remove", "add", "nest", "flatten", "rewire", "rewire", "salt"]):
            case "rename":
                node.name = fresh.pop()
            case "remove" if len(siblings) > 2:
                siblings.remove(node)
            case "add":
                name = fresh.pop()
                siblings.insert(rng.randint(1, len(siblings)), Node(name, name))
            case "nest" if not node.children and above.count(".") < 2:
                node.children = [Node(name, name) for name in (fresh.pop(), fresh.pop())]
            case "flatten":
                node.children = []
            case "rewire":
                for other in siblings:
                    other.salt += 1
            case "salt":
                node.salt += 1
    if rng.random() < 0.3:
        dropped = rng.choice(sorted(plan.facts))
        grouped = [name for name, members in plan.groups.items() if dropped in members]
        if not grouped:
            del plan.facts[dropped]
    if rng.random() < 0.4:
        plan.facts["appetite"] = {"type": "choice", "values": ["good", "poor"]}
    if "result" in plan.facts and rng.random() < 0.5:
        plan.facts["result"]["values"] = rng.choice(
            [["clear", "unclear", "suspicious", "unreadable"], ["clear", "suspicious"]]
        )
    if "years" in plan.facts and rng.random() < 0.4:
        plan.facts["years"]["max"] = rng.choice([30, 90])
    if rng.random() < 0.5:
        plan.triggers.insert(rng.randint(0, len(plan.triggers)), "phoned")
    if len(plan.triggers) > 4 and rng.random() < 0.3:
        plan.triggers.remove(rng.choice(plan.triggers))
    free = [track for track in TRACKS if track not in plan.tracks]
    if free and rng.random() < 0.15:
        plan.tracks[free[0]] = [Node(name, name) for name in (fresh.pop(), fresh.pop())]
    return plan


def split(plan, rng):
    """Return the plan, now and then with siblings of one of its tracks in a track of their own, too or only there."""
    if rng.random() < 0.6:
        return plan
    track = rng.choice(list(plan.tracks))
    inner = [(node, node.children) for _, node in walk(plan.tracks[track]) if node.children]
    parent, siblings = rng.choice(inner) if inner else (None, plan.tracks[track])
    plan.tracks[SPLIT_TRACK] = [Node(node.name, node.origin) for node in siblings]
    if len(siblings) < 2:
        plan.tracks[SPLIT_TRACK].append(Node("resting", "resting"))
    if parent is not None and rng.random() < 0.7:
        parent.children = []
    return plan


def take_timers_along(plans, releases):
    """Give the states of the split track the reminders and tasks that they had in the first release."""
    old, new = releases["r1"], releases["r2"]
    timers = {
        node.origin: state_of(old, track, path)["after"]
        for track, nodes in plans["r1"].tracks.items()
        for path, node in walk(nodes)
    }
    for path, node in walk(plans["r2"].tracks[SPLIT_TRACK]):
        state = state_of(new, SPLIT_TRACK, path)
        names = {timer["name"] for timer in state["after"]}
        for timer in copy.deepcopy(timers.get(node.origin, [])):
            fits = timer["from"] is None or timer["from"] in new["facts"]
            closing = (timer.get("task") or {}).get("closed_by", [])
            if (
                fits
                and not timer.get("to")
                and timer["when"] is None
                and set(closing) <= {*new["triggers"], reference.ANSWERED}
            ):
                state["after"] += [timer] if timer["name"] not in names else []


def state_of(definition, track, path):
    """Return the state of a definition at a path."""
    return next(state for of, where, state in states_of(definition) if (of, where) == (track, path))


def lists_of_siblings(nodes, above=""):
    """Return every list of siblings with what their paths begin with."""
    lists = [(nodes, above)]
    for node in nodes:
        if node.children:
            lists += lists_of_siblings(node.children, f"{above}{node.name}.")
    return lists


def walk(nodes, above=""):
    """Return every (path, node) below a list of siblings, parents first."""
    nodes_by_path = []
    for node in nodes:
        path = f"{above}{node.name}"
        nodes_by_path.append((path, node))
        nodes_by_path += walk(node.children, path + ".")
    return nodes_by_path


def total_map(old, new, rng):
    """Return where each state of the plan `old` went in `new`: full path to full path."""
    goes = {}
    for track, nodes in old.tracks.items():
        if track not in new.tracks:
            continue
        now_at = {node.origin: path for path, node in walk(new.tracks[track])}
        origins = {path: node.origin for path, node in walk(nodes)}
        for path, origin in origins.items():
            target = now_at.get(origin)
            if target == path and rng.random() < 0.6:
                continue  # where the new release has it, it need not be said
            above = path
            while target is None and (above := above.rpartition(".")[0]):
                target = now_at.get(origins[above])
            goes[f"{track}.{path}"] = f"{track}.{target or rng.choice(sorted(now_at.values()))}"
    return goes


def with_lists(goes, old, new, rng):
    """Return a map in which some states go to states of several tracks; a few of those are not there, or too many."""
    if SPLIT_TRACK not in new.tracks and rng.random() < 0.5:
        return goes
    new_states = {f"{track}.{path}": node.origin for track, nodes in new.tracks.items() for path, node in walk(nodes)}
    lists = {}
    for track, nodes in old.tracks.items():
        for path, node in walk(nodes):
            full = f"{track}.{path}"
            targets = [goes.get(full, full)]
            for state, origin in new_states.items():
                if not state.startswith(f"{track}.") and origin == node.origin and rng.random() < 0.9:
                    targets.append(state)
            if rng.random() < 0.15:
                targets.append(rng.choice([*sorted(new_states), "support.gone"]))
            if len(targets) > 1 or rng.random() < 0.05:
                rng.shuffle(targets)
                lists[full] = targets
    return goes | lists


# Wiring


class Wiring:
    """Grows the definition of a plan: what leads where, when and why."""

    def __init__(self, plan, seed):
        self.plan = plan
        self.seed = seed
        self.paths = {track: walk(nodes) for track, nodes in plan.tracks.items()}
        self.rank = self.rank_top_states()
        self.wanted = self.want_all()
        self.requires = {trigger: set() for trigger in [*plan.triggers, *plan.tells]}
        self.named = {}
        self.timer_count = 0
        self.reactions = 0
        tracks = {
            track: {
                "title": {"en": f"Track {track}"},
                "initial": nodes[0].name,
                "states": {node.name: self.wire(track, node.name, node) for node in nodes},
            }
            for track, nodes in plan.tracks.items()
        }
        rng = self.chance("rest")
        self.use_all_facts(tracks, rng)
        facts = {name: self.declare_fact(name, fact, rng) for name, fact in plan.facts.items()}
        triggers = {name: self.declare_trigger(name, rng) for name in [*plan.triggers, *plan.tells]}
        self.definition = {
            "journey": "made_up",
            "title": {"en": "Made up"},
            "locales": ["en"],
            "facts": facts,
            "groups": plan.groups,
            "conditions": self.named,
            "triggers": triggers,
            "ends": {
                name: {
                    "title": {"en": f"End {name}"},
                    "by": rng.choice([["staff", "family"], ["patient", "staff"]]),
                }
                for name in plan.ends
            },
            "entry": self.make_entries(rng),
            "tracks": tracks,
        }

    def chance(self, purpose):
        return random.Random(f"{self.seed}/{purpose}")

    def rank_top_states(self):
        """Return an order of all tracks' top states; what takes no time only ever leads on in it."""
        rng = self.chance("rank")
        queues = {track: [node.name for node in nodes] for track, nodes in self.plan.tracks.items()}
        rank = {}
        while queues := {track: queue for track, queue in queues.items() if queue}:
            track = rng.choice(list(queues))
            rank[track, queues[track].pop(0)] = len(rank)
        return rank

    def rank_of(self, track, path):
        return self.rank[track, path.split(".")[0]]

    def want_all(self):
        """Return, by state, the states that it must lead to for all to be reachable."""
        required_states = {}
        for track, nodes in self.plan.tracks.items():
            for siblings, above in reversed(lists_of_siblings(nodes)):
                for index, node in enumerate(siblings[1:], start=1):
                    rng = self.chance(f"want/{track}/{node.origin}/{node.salt}")
                    sources = [(track, path) for path, _ in walk(siblings[:index], above)]
                    source = rng.choice([each for each in sources if len(required_states.get(each, [])) < 3])
                    required_states.setdefault(source, []).append(f"{above}{node.name}")
        return required_states

    def wire(self, track, path, node):
        """Return the state of a node with all that is inside it."""
        children = {child.name: self.wire(track, f"{path}.{child.name}", child) for child in node.children}
        rng = self.chance(f"{track}/{node.origin}/{node.salt}")
        state = {"title": {"en": f"State {node.name}"}}
        if children:
            state |= {"initial": node.children[0].name, "states": children}
        scene = Scene(track, path, bool(children), track in self.plan.forward)
        hears = any(declares_on(child) for child in children.values())
        state["on"], state["after"] = {}, []
        self.wire_wanted(rng, scene, state, hears)
        for trigger in rng.sample(self.plan.triggers, rng.choice([0, 1, 1, 2])):
            if trigger not in state["on"]:
                state["on"][trigger] = self.siblings(rng, scene, trigger, [])
        if rng.random() < 0.15:
            state["on"].setdefault(tell := rng.choice(self.plan.tells), self.siblings(rng, scene, tell, []))
        if rng.random() < 0.6 and self.reactions < 7:
            self.wire_reaction(rng, scene, state)
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            self.add_timer(rng, scene, state, hears)
        if rng.random() < 0.2:
            state["task"] = self.make_task(rng, f"Look after {node.name}")
        if rng.random() < 0.2:
            hold = {"trigger": rng.choice(self.plan.tells)}
            state["hold_until"] = hold if rng.random() < 0.5 else hold | {"within": "P3D", "for": "care_team"}
        if rng.random() < 0.15:
            scene.forget |= self.whole_groups({rng.choice(sorted(self.plan.facts))})
        if scene.forget:
            state["forget"] = sorted(scene.forget)
        if rng.random() < 0.2:
            state["tags"] = ["some_tag"]
        return state

    def wire_wanted(self, rng, scene, state, hears):
        for target in self.wanted.get((scene.track, scene.path), []):
            if rng.random() < 0.3 and not hears:
                self.add_timer(rng, scene, state, hears, to=target)
            else:
                trigger = rng.choice([each for each in self.plan.triggers if each not in state["on"]])
                state["on"][trigger] = self.siblings(rng, scene, trigger, [target])

    # Targets

    def children_of(self, track, path):
        nodes = self.plan.tracks[track]
        for name in path.split(".") if path else []:
            nodes = next(node for node in nodes if node.name == name).children
        return {node.name for node in nodes}

    def resolve(self, track, path, written):
        """Return the path that `written` means in the state at `path`, or None."""
        first = written.split(".")[0]
        above = path.rpartition(".")[0]
        scopes = [above, path]
        while above:
            above = above.rpartition(".")[0]
            scopes.append(above)
        declared_paths = {each for each, _ in self.paths[track]}
        for scope in scopes:
            if first in self.children_of(track, scope):
                resolved_path = f"{scope}.{written}" if scope else written
                return resolved_path if resolved_path in declared_paths else None
        return None

    def written(self, track, path, target):
        """Return every text that means `target` in the state at `path`."""
        parts = target.split(".")
        texts = [".".join(parts[count:]) for count in range(len(parts))]
        return [text for text in texts if self.resolve(track, path, text) == target]

    def targets(self, scene, *, at_once=False, beyond=-1):
        """Return where the scene's state may lead; `at_once` only to later top states, beyond that rank."""
        paths = [path for path, _ in self.paths[scene.track]]
        if at_once:
            least = max(beyond, self.rank_of(scene.track, scene.path))
            return [path for path in paths if self.rank_of(scene.track, path) > least]
        if scene.forward:
            last = max(index for index, path in enumerate(paths) if f"{path}.".startswith(f"{scene.path}."))
            return paths[last + 1 :]
        return paths

    # Transitions

    def siblings(self, rng, scene, trigger, needed, *, at_once=False, beyond=-1):
        """Return the transitions of one trigger in one state: without gaps, excluding each other."""
        options = self.targets(scene, at_once=at_once, beyond=beyond)

        def somewhere():
            return rng.choice(options) if options and rng.random() < 0.75 else "stay"

        raised = trigger.startswith("entered.")
        form = rng.choices(["plain", "conditions", "ordered"], [4, 6, 2])[0]
        if form == "plain":
            ways = [{"when": None, "to": needed[0] if needed else somewhere()}]
        else:
            ways = [{"when": None, "to": to} for to in needed]
            conditions = self.ordered(rng, scene) if form == "ordered" else self.partition(rng, scene, deep=True)
            while len(ways) < len(conditions):
                ways.append({"when": None, "to": somewhere()})
            rng.shuffle(ways)
            for index, (transition, condition) in enumerate(zip(ways, conditions, strict=True)):
                transition["when"] = condition
                if form == "ordered":
                    transition["order"] = index + 1
            if form == "ordered":
                ways.append({"when": None, "to": somewhere(), "otherwise": True})
            elif rng.random() < 0.4:
                ways[-1] |= {"when": None, "otherwise": True}
        reads = self.read_by([transition["when"] for transition in ways])
        loops = not scene.forward or any(transition["to"] == "stay" for transition in ways)
        if reads and loops and not reads <= scene.forget:
            if raised or (not scene.composite and rng.random() < 0.3):
                if scene.composite:  # nothing would make it forget
                    return [{"when": None, "to": "stay"}]
                scene.forget |= self.whole_groups(reads)
            else:
                self.requires[trigger] |= self.whole_groups(reads)
        for transition in ways:
            if transition["to"] != "stay":
                transition["written"] = rng.choice(self.written(scene.track, scene.path, transition["to"]))
                inside = transition["to"].startswith(scene.path + ".")
                if inside and not transition.get("otherwise") and rng.random() < 0.4:
                    transition["reenter"] = True
        if form == "ordered":
            rng.shuffle(ways)
        return ways

    def wire_reaction(self, rng, scene, state):
        entered = [(track, path) for track in self.paths if track != scene.track for path, _ in self.paths[track]]
        leading = [each for each in entered if self.targets(scene, at_once=True, beyond=self.rank_of(*each))]
        track, path = rng.choice(leading if leading and rng.random() < 0.8 else entered)
        trigger, beyond = f"entered.{track}.{path}", self.rank_of(track, path)
        options = self.targets(scene, at_once=True, beyond=beyond)
        if options and rng.random() < 0.5:
            to = rng.choice(options)
            written = rng.choice(self.written(scene.track, scene.path, to))
            state["on"][trigger] = [{"when": None, "to": to, "written": written}]
        else:
            state["on"][trigger] = self.siblings(rng, scene, trigger, [], at_once=True, beyond=beyond)
        self.reactions += 1

    # Conditions

    def partition(self, rng, scene, *, deep=False):
        """Return conditions of which exactly one is true (or some are unknown)."""
        parts = rng.choice(self.partitions(rng, scene))
        if deep and rng.random() < 0.25:
            inner = rng.choice(self.partitions(rng, scene))
            if not self.read_by(inner) & self.read_by(parts):
                cut = rng.randrange(len(parts))
                within = [("and", parts[cut], part) for part in inner]
                parts = [*parts[:cut], *within, *parts[cut + 1 :]]
        elif deep and len(parts) > 2 and rng.random() < 0.3:
            parts = [("or", parts[0], parts[1]), *parts[2:]]
        return parts

    def ordered(self, rng, scene):
        """Return conditions that may be true together."""
        conditions = {}
        for _ in range(rng.randint(2, 3)):
            part = rng.choice(self.partition(rng, scene))
            conditions.setdefault(frozenset(self.read_by([part])) or part, part)
        return list(conditions.values())

    def partitions(self, rng, scene):
        """Return one partition for each thing that can be asked here."""
        partitions = []
        for name, fact in self.plan.facts.items():
            parts = self.partition_of_fact(rng, name, fact)
            if parts:
                if len(parts) == 2 and rng.random() < 0.25:
                    parts = [("named", self.name_of(parts[0])), ("not", ("named", self.name_of(parts[0])))]
                partitions.append(parts)
        other = rng.choice([track for track in self.paths if track != scene.track])
        full_path = f"{other}.{rng.choice(self.paths[other])[0]}"
        partitions.append([("in_state", full_path), ("not", ("in_state", full_path))])
        track = rng.choice(list(self.paths))
        visited = f"{track}.{rng.choice(self.paths[track])[0]}"
        number = rng.randint(1, 3)
        partitions.append([("visits", visited, ">=", number), ("visits", visited, "<", number)])
        days = rng.choice([3, 10, 30])
        partitions.append([("days_in_state", "<", days), ("days_in_state", ">=", days)])
        if scene.composite:
            own = rng.choice([path for path, _ in self.paths[scene.track] if path.startswith(scene.path + ".")])
            inside = ("in_state", f"{scene.track}.{own}")
            partitions.append([inside, ("not", inside)])
        return partitions

    def partition_of_fact(self, rng, name, fact):
        match fact["type"]:
            case "boolean":
                return [("true", name), ("not", ("true", name))]
            case "choice":
                return self.partition_of_choice(rng, name, fact["values"])
            case "set":
                item = rng.choice(fact["values"])
                return [("has", name, item), ("not", ("has", name, item))]
            case "integer":
                low, high = sorted(rng.sample(range(5, 26), 2))
                if rng.random() < 0.5:
                    return [("<", name, low), (">=", name, low)]
                return [("<", name, low), ("and", (">=", name, low), ("<=", name, high)), (">", name, high)]
            case "date":
                is_known = ("known", name)
                days = rng.choice([0, 30, 100, 365])
                less, more = ("days_since", name, "<", days), ("days_since", name, ">=", days)
                return rng.choice(
                    [
                        [is_known, ("not", is_known)],
                        [less, more],
                        [("and", is_known, less), ("and", is_known, more), ("not", is_known)],
                        [("or", ("not", is_known), less), ("and", is_known, more)],
                    ]
                )
        return None  # text is never asked

    def partition_of_choice(self, rng, name, values):
        if rng.random() < 0.25:
            value = rng.choice(sorted(reference.parents_of_values(values)))
            return [("==", name, value), ("!=", name, value)]
        cut = cut_through(rng, values)
        rng.shuffle(cut)
        blocks = [[] for _ in range(rng.randint(2, min(3, len(cut))))]
        for index, value in enumerate(cut):
            blocks[index if index < len(blocks) else rng.randrange(len(blocks))].append(value)
        parts = []
        for block in blocks:
            parts.append(("==", name, block[0]) if len(block) == 1 else ("in", name, block))
        if len(parts) == 2 and len(blocks[0]) > 1 and rng.random() < 0.3:
            parts[1] = ("not in", name, blocks[0])
        return parts

    def name_of(self, condition):
        for name, named_condition in self.named.items():
            if named_condition == condition:
                return name
        name = f"condition_{len(self.named) + 1}"
        self.named[name] = condition
        return name

    def read_by(self, conditions):
        """Return the facts that conditions read."""
        return {fact for condition in conditions if condition for fact in reads(condition, self.named)}

    def whole_groups(self, names):
        """Return the facts with all that are told together with them."""
        together = [set(members) for members in self.plan.groups.values() if names & set(members)]
        return set().union(names, *together)

    # Timers and tasks

    def add_timer(self, rng, scene, state, hears, to=None):
        dates = [name for name, fact in self.plan.facts.items() if fact["type"] == "date"]
        kind = "to" if to else rng.choice(["to", "remind", "remind", "task"])
        counts_from = None if to else rng.choice([None, None, *dates])
        if counts_from:
            delay = rng.choice(DATE_DELAYS)
        else:
            may_be_short = kind != "to" or scene.forward
            delay = rng.choice([*DELAYS, *SHORT_DELAYS] if may_be_short else DELAYS)
            delay = delay if to or rng.random() < 0.9 else rng.choice(INSTEAD_OF_ZERO)
        timer = {"delay": delay, "from": counts_from, "when": None}
        may_ask = self.partition(rng, scene)[0] if rng.random() < 0.35 and not to else None
        if kind == "to":
            at_once = bool(counts_from) or delay in INSTEAD_OF_ZERO
            options = [to] if to else self.targets(scene, at_once=at_once)
            if not options or hears or not all(self.written(scene.track, scene.path, each) for each in options):
                return
            if may_ask and (scene.forward or self.read_by([may_ask]) <= scene.forget):
                timer["when"] = may_ask
            timer["to"] = rng.choice(options)
            timer["written"] = rng.choice(self.written(scene.track, scene.path, timer["to"]))
            does = f"to {timer['written']}"
        else:
            timer["when"] = may_ask
            if kind == "remind":
                timer["remind"] = rng.choice(["piece-a", "piece-b", "piece-c"])
                does = f"remind {timer['remind']}"
            else:
                timer["task"] = self.make_task(rng, rng.choice(["Call the patient", "No word: ask why"]))
                does = f"task {timer['task']['title_text']}"
        name = f"{does} {delay}" + (f" from {counts_from}" if counts_from else "")
        timer["name"] = name
        if rng.random() < 0.2 or any(other["name"] == name for other in state["after"]):
            taken = {other["name"] for other in state["after"]}
            timer["name"] = next(text for text in (f"timer_{count}" for count in range(9)) if text not in taken)
            timer["named"] = True
        state["after"].append(timer)

    def make_task(self, rng, title):
        task = {"for": "care_team", "within": rng.choice(["P1D", "P3D"]), "title_text": title}
        if rng.random() < 0.7:
            task["closed_by"] = sorted(rng.sample(self.plan.triggers, rng.randint(1, 2)))
            if zlib.crc32(title.encode()) % 2:
                task["closed_by"].append(reference.ANSWERED)
        return task

    # What is declared

    def use_all_facts(self, tracks, rng):
        """Make triggers require the facts that nothing would read."""
        whens = [
            each["when"]
            for _, _, state in states_of({"tracks": tracks})
            for each in [*state["after"], *(transition for ways in state["on"].values() for transition in ways)]
        ]
        for name in sorted(set(self.plan.facts) - self.read_by(whens)):
            self.requires[rng.choice(self.plan.triggers)] |= self.whole_groups({name})

    def declare_fact(self, name, fact, rng):
        fact = copy.deepcopy(fact) | {"title": {"en": f"Fact {name}"}}
        if "values" in fact:
            fact["labels"] = {value: {"en": f"Value {value}"} for value in reference.parents_of_values(fact["values"])}
        if "hold_until" in fact:
            hold = {"trigger": fact["hold_until"]}
            fact["hold_until"] = hold if rng.random() < 0.6 else hold | {"within": "P1D"}
            is_grouped = any(name in members for members in self.plan.groups.values())
            if not is_grouped and "patient" in fact.get("by", ["patient"]):
                fact["ask"] = {"question": {"en": f"Is it {name}?"}, "why": {"en": "It may change what you read."}}
        return fact

    def declare_trigger(self, name, rng):
        trigger = {"title": {"en": f"Trigger {name}"}}
        # What is read where it may be old is required or reset; a group is so as a whole.
        required = set()
        resets = set()
        for fact in sorted(self.requires[name]):
            if fact not in required | resets:
                (resets if rng.random() < 0.35 else required).update(self.whole_groups({fact}))
        required = sorted(required)
        kinds = {"patient", "family", "staff"}
        for fact in required:
            kinds &= set(self.plan.facts[fact].get("by", kinds))
        if required:
            trigger["requires"] = required
        if resets:
            trigger["resets"] = sorted(resets)
        if name in self.plan.tells:
            trigger["by"] = STAFF_ONLY
        elif kinds != {"patient", "family", "staff"} or rng.random() < 0.5:
            others = sorted(kinds - {"staff"})
            trigger["by"] = sorted(["staff", *rng.sample(others, rng.randint(0, len(others)))])
        return trigger

    def make_entries(self, rng):
        patient_facts = [name for name, fact in self.plan.facts.items() if "patient" in fact.get("by", ["patient"])]
        entries = {}
        for number in range(rng.randint(1, 3)):
            states = []
            for track in rng.sample(list(self.paths), rng.randint(1, len(self.paths))):
                states.append(f"{track}.{rng.choice(self.paths[track])[0]}")
            asks = self.whole_groups(set(rng.sample(patient_facts, min(len(patient_facts), rng.randint(0, 3)))))
            entries[f"entry_{number + 1}"] = {
                "title": {"en": f"Entry {number + 1}"},
                "states": states,
                "asks": sorted(asks),
            }
        return entries


@dataclass
class Scene:
    """The state being wired: where it is, and what it forgets."""

    track: str
    path: str
    composite: bool
    forward: bool
    forget: set = field(default_factory=set)


def declares_on(state):
    return bool(state.get("on")) or any(declares_on(child) for child in state.get("states", {}).values())


def cut_through(rng, values):
    """Return nodes of a tree of values such that each leaf lies under exactly one (or is it)."""
    cut = []
    for value in values:
        if isinstance(value, dict):
            ((name, below),) = value.items()
            cut += cut_through(rng, below) if rng.random() < 0.5 else [name]
        else:
            cut.append(value)
    return cut


def reads(condition, named_conditions):
    """Return the facts a condition reads."""
    match condition:
        case ("and" | "or" | "not", *parts):
            return set().union(*(reads(part, named_conditions) for part in parts))
        case ("named", name):
            return reads(named_conditions[name], named_conditions)
        case ("in_state" | "visits" | "days_in_state", *_):
            return set()
    return {condition[1]}


def states_of(definition):
    """Return every (track, path, state) of a definition."""

    def below(track, above, states):
        for name, state in states.items():
            yield track, f"{above}{name}", state
            yield from below(track, f"{above}{name}.", state.get("states", {}))

    for track, body in definition["tracks"].items():
        yield from below(track, "", body["states"])


def pieces_of(definition):
    return {timer["remind"] for _, _, state in states_of(definition) for timer in state["after"] if timer.get("remind")}


# The definition as text


def print_condition(condition, rng, track=None):
    """Return a condition in the language of docs/authoring.md; `track` is the own one, if any."""

    def inner(part):
        text = print_condition(part, rng, track)
        return f"({text})" if part[0] in ("and", "or") or rng.random() < 0.05 else text

    match condition:
        case ("and" | "or" as word, *parts):
            return f" {word} ".join(inner(part) for part in parts)
        case ("not", ("known", fact)):
            return f"{fact} is not known"
        case ("not", ("has", fact, value)):
            return f"'{value}' not in {fact}"
        case ("not", part):
            return f"not {inner(part)}"
        case ("named" | "true", name):
            return name
        case ("known", fact):
            return f"{fact} is known"
        case ("has", fact, value):
            return f"'{value}' in {fact}"
        case ("in_state", full_path):
            own, _, path = full_path.partition(".")
            return f"in_state('{path if own == track and rng.random() < 0.5 else full_path}')"
        case ("visits", full_path, op, number):
            return f"visits('{full_path}') {op} {number}"
        case ("days_in_state", op, number):
            return f"days_in_state {op} {number}"
        case ("days_since", fact, op, number):
            return f"days_since({fact}) {op} {number}"
        case ("in" | "not in" as op, fact, values):
            return f"{fact} {op} [" + ", ".join(f"'{value}'" for value in values) + "]"
        case (op, fact, value):
            return f"{fact} {op} " + (str(value) if isinstance(value, int) else f"'{value}'")
    raise ValueError(condition)


def print_definition(definition, rng):
    entries = {}
    for name, entry in definition["entry"].items():
        states = entry["states"]
        short = len(states) == 1 and rng.random() < 0.7
        entries[name] = {"title": entry["title"], "state": states[0] if short else states}
        if entry["asks"]:
            entries[name]["asks"] = entry["asks"]
    data = {
        "journey": definition["journey"],
        "title": definition["title"],
        "locales": definition["locales"],
        "facts": {name: shown_fact(fact, rng) for name, fact in definition["facts"].items()},
        "groups": definition["groups"],
        "conditions": {
            name: Quoted(print_condition(condition, rng)) for name, condition in definition["conditions"].items()
        },
        "triggers": definition["triggers"],
        "ends": definition["ends"],
        "entry": entries,
        "tracks": {
            track: {
                "title": body["title"],
                "initial": body["initial"],
                "states": {name: shown_state(track, state, rng) for name, state in body["states"].items()},
            }
            for track, body in definition["tracks"].items()
        },
    }
    return block({key: value for key, value in data.items() if value}, rng)


def shown_fact(fact, rng):
    return {key: shown_hold(value, rng) if key == "hold_until" else value for key, value in fact.items()}


def shown_hold(hold, rng):
    return hold["trigger"] if len(hold) == 1 and rng.random() < 0.7 else hold


def shown_state(track, state, rng):
    shown = {"title": state["title"]}
    for key in ("tags", "forget", "initial"):
        if state.get(key):
            shown[key] = state[key]
    if state.get("hold_until"):
        shown["hold_until"] = shown_hold(state["hold_until"], rng)
    if state.get("task"):
        shown["task"] = shown_task(state["task"])
    if state["on"]:
        shown["on"] = {trigger: shown_siblings(track, ways, rng) for trigger, ways in state["on"].items()}
    if state["after"]:
        shown["after"] = [shown_timer(track, timer, rng) for timer in state["after"]]
    if state.get("states"):
        shown["states"] = {name: shown_state(track, child, rng) for name, child in state["states"].items()}
    return shown


def shown_task(task):
    return {"title" if key == "title_text" else key: value for key, value in task.items()}


def shown_siblings(track, ways, rng):
    shown = [shown_way(track, transition, rng) for transition in ways]
    if len(shown) == 1:
        if set(shown[0]) == {"to"} and rng.random() < 0.6:
            return shown[0]["to"]
        if rng.random() < 0.5:
            return shown[0]
    return shown


def shown_way(track, transition, rng):
    to = transition.get("written", "stay")
    if transition.get("otherwise"):
        return {"otherwise": to}
    shown = {"order": transition["order"]} if transition.get("order") else {}
    if transition["when"]:
        shown["when"] = Quoted(print_condition(transition["when"], rng, track))
    shown["to"] = to
    if transition.get("reenter"):
        shown["reenter"] = True
    return shown


def shown_timer(track, timer, rng):
    shown = {"name": timer["name"]} if timer.get("named") else {}
    shown["delay"] = timer["delay"]
    if timer["from"]:
        shown["from"] = timer["from"]
    if timer["when"]:
        shown["when"] = Quoted(print_condition(timer["when"], rng, track))
    if timer.get("to"):
        shown["to"] = timer["written"]
    elif timer.get("remind"):
        shown["remind"] = timer["remind"]
    else:
        shown["task"] = shown_task(timer["task"])
    return shown


class Quoted(str):
    """A text that YAML must see in quotes."""

    __slots__ = ()


def block(value, rng, indent=0):
    """Return a value as YAML lines; what is small may be written in one."""
    pad = "  " * indent
    lines = []
    pairs = value.items() if isinstance(value, dict) else (("-", item) for item in value)
    for key, item in pairs:
        head = f"{pad}- " if isinstance(value, list) else f"{pad}{scalar(key)}: "
        one_line = flow(item)
        small = not isinstance(item, dict | list) or (len(one_line) < 70 and rng.random() < 0.8)
        if small or not item:
            lines.append(head + one_line)
        elif isinstance(value, list):
            inside = block(item, rng, indent + 1)
            lines.append(head + inside[len(pad) + 2 :].rstrip("\n"))
        else:
            lines.append(head.rstrip() + "\n" + block(item, rng, indent + 1).rstrip("\n"))
    return "\n".join(lines) + "\n"


def flow(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, Quoted) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*( [A-Za-z0-9_.-]+)*|-P\w+", value):
        return value
    return json.dumps(value, ensure_ascii=False)


# Logs


class Story:
    """Grows a log: looks at the fold so far and mostly reports what could move it."""

    def __init__(self, releases, plans, rng, seed):
        self.releases = releases
        self.plans = plans
        self.rng = rng
        self.seed = seed
        self.log = []
        # Of the state of chance, so that the logs in which nobody is asked stay what they were.
        self.is_asked = zlib.crc32(repr(rng.getstate()[1][:4]).encode()) % 2 == 1
        self.release = "r1"
        self.time = datetime(2026, rng.randint(1, 12), rng.randint(1, 28), 9, tzinfo=UTC)

    def write(self):
        """Return the log and the time to fold to."""
        rng = self.rng
        self.enroll()
        length = rng.randint(3, 13)
        migrates_at = rng.randint(2, length) if "r2" in self.releases and rng.random() < 0.85 else None
        while len(self.log) < length:
            self.let_time_pass()
            if len(self.log) == migrates_at:
                self.migrate("r2")
                migrates_at = None
                continue
            chance = rng.random()
            if chance < 0.07 and len(self.log) > 1:
                self.retract()
            elif chance < 0.14 and len(self.log) > 1:
                self.replace()
            elif chance < 0.20:
                self.place_patient()
            elif chance < 0.24:
                self.end()
            elif chance < 0.28 and self.release == "r2":
                self.migrate("r1")
            elif chance < 0.35:
                self.mark()
            elif self.is_asked and chance < 0.42:
                self.mark_question()
            elif self.is_asked and chance < 0.49:
                self.answer()
            else:
                self.report()
        wait = rng.choice([timedelta(hours=1), timedelta(days=20), timedelta(days=200), timedelta(days=800)])
        now = self.time + wait
        reference.fold(self.releases, self.log, now)  # may be too many steps
        return self.log, now

    def let_time_pass(self):
        rng = self.rng
        self.time += rng.choice(
            [
                timedelta(0),
                timedelta(minutes=rng.randint(1, 300)),
                timedelta(hours=rng.randint(1, 40), microseconds=rng.choice([0, 0, 250])),
                timedelta(days=rng.randint(1, 20)),
                timedelta(days=rng.randint(1, 20)),
                timedelta(days=rng.randint(20, 70)),
                timedelta(days=rng.choice([90, 183, 183, 365])),
            ]
        )

    def add(self, kind, type_, by, **more):
        rng = self.rng
        number = len(self.log)
        reporter = rng.choice(REPORTERS[by])
        event = {
            "entry": "event",
            "uid": reference.make_id("event", self.seed, reporter, f"e{number}"),
            "reporter": reporter,
            "by": by,
            "id": f"e{number}",
            "kind": kind,
            "type": type_,
            "occurred_at": self.time,
            "day": False,
            "sequence": 0,
            "facts": {},
            "told": False,
            "arrived_at": self.time,
            "replaces": None,
            "data": {},
        }
        event |= more
        self.log.append(event)
        return event

    def when(self):
        """Return how the time of something that happened is told: now, a day, late, with a sequence.

        Many logs have several days and instants of one date.
        """
        rng = self.rng
        time, day, sequence = self.time, False, 0
        if rng.random() < 0.15:
            time -= timedelta(days=rng.randint(1, 100), minutes=rng.randint(0, 100))
        elif rng.random() < 0.12:
            earlier = [entry["occurred_at"] for entry in self.log if entry["entry"] == "event"]
            time = rng.choice(earlier)
        elif rng.random() < 0.2:
            earlier = [entry["occurred_at"] for entry in self.log if entry["entry"] == "event"]
            time = min(rng.choice(earlier).replace(hour=rng.randint(0, 23)), self.time)
        if rng.random() < 0.3:
            time, day = time.replace(hour=0, minute=0, second=0, microsecond=0), True
        if rng.random() < 0.15:
            sequence = rng.randint(-1, 2)
        return {"occurred_at": time, "day": day, "sequence": sequence}

    def enroll(self):
        rng = self.rng
        definition = self.releases["r1"]
        entry = rng.choice([None, *definition["entry"]])
        data = {
            "release": "r1",
            "entry": entry,
            "states": definition["entry"][entry]["states"] if entry else [],
        }
        askable_facts = definition["entry"][entry]["asks"] if entry else sorted(definition["facts"])
        names = [name for name in askable_facts if rng.random() < 0.6]
        by = rng.choice(["patient", "patient", "staff"])
        day = rng.random() < 0.2
        at = self.time.replace(hour=0) if day else self.time
        self.add(
            "enrolled",
            "enrolled",
            by,
            data=data,
            facts=self.facts(definition, by, names),
            occurred_at=at,
            day=day,
        )

    def facts(self, definition, by, names):
        """Return random values for facts that this kind of reporter may tell; groups whole."""
        for members in definition["groups"].values():
            if set(members) & set(names):
                names = [*names, *members]
        values = {}
        for name in dict.fromkeys(names):
            fact = definition["facts"][name]
            if by in fact.get("by", [by]):
                values[name] = self.value(fact)
        for members in definition["groups"].values():
            if any(values.get(name) == reference.DECLINED for name in members):
                values |= {name: reference.DECLINED for name in members if name in values}
        return values

    def value(self, fact):
        rng = self.rng
        if rng.random() < 0.1:
            return reference.DECLINED
        match fact["type"]:
            case "boolean":
                return rng.random() < 0.5
            case "choice":
                return rng.choice(list(reference.parents_of_values(fact["values"])))
            case "set":
                return sorted(rng.sample(fact["values"], rng.randint(0, len(fact["values"]))))
            case "integer":
                return rng.randint(fact["min"], fact["max"])
            case "date":
                return self.some_date().isoformat()
        return rng.choice(["Ada", "Zoë", 'a "note"'])

    def some_date(self):
        days = self.rng.choice([-400, -100, -31, -5, -1, 0, 0, 1, 4, 15, 40, 90])
        return date(self.time.year, self.time.month, self.time.day) + timedelta(days=days)

    def report(self):
        """Report a trigger, more often than not one that an open state declares."""
        rng = self.rng
        definition = self.releases[self.release]
        if "r2" in self.releases and rng.random() < 0.1:
            definition = self.releases["r2"]  # known to a release that may not be in force
        state, _ = reference.fold(self.releases, self.log, self.time)
        trigger = rng.choice(self.likely_triggers(definition, state))
        by = rng.choice(definition["triggers"][trigger].get("by", list(REPORTERS)))
        names = [name for name in definition["facts"] if rng.random() < 0.12]
        names += [name for name in definition["triggers"][trigger].get("requires", []) if rng.random() < 0.7]
        names += [name for name in definition["triggers"][trigger].get("resets", []) if rng.random() < 0.4]
        lacking = [fact for entry in state["waiting"] for fact in entry["missing"]]
        if rng.random() < 0.7:
            names += [fact for fact in lacking if fact in definition["facts"]]
        is_told = by == "staff" and rng.random() < 0.12
        facts = self.facts(definition, by, names)
        self.add("reported", trigger, by, facts=facts, told=is_told, **self.when())

    def mark(self):
        """The patient says something of a piece, or of a topic."""
        rng = self.rng
        if rng.random() < 0.3:
            data = {"topic": rng.choice(["topic-a", "topic-b"])}
            self.add("reported", rng.choice(reference.TOPIC_MARKS), "patient", data=data, **self.when())
            return
        data = {"piece": rng.choice(["piece-a", "piece-b"])}
        self.add("reported", rng.choice(reference.MARKS), "patient", data=data, **self.when())

    def mark_question(self):
        """A question was shown, or is to be asked later; more often than not one that is declared."""
        rng = self.rng
        definition = self.releases[self.release]
        grouped = {name for members in definition["groups"].values() for name in members}
        names = [*definition["groups"], *(name for name in definition["facts"] if name not in grouped)]
        mark, when = rng.choice(reference.QUESTION_MARKS), self.when()
        data = {"question": rng.choice(names or ["nothing"])}
        if len(self.log) % 3 == 0:
            data |= {name: value for name, value in self.survey().items() if name == "question"}
        if mark == "later":
            data["until"] = (when["occurred_at"].date() + timedelta(days=rng.randint(1, 300))).isoformat()
        self.add(
            "reported", mark, rng.choice(["patient", "family"]) if mark == "later" else "patient", data=data, **when
        )

    def answer(self):
        """Anybody answers questions: those of which an event waits, and others."""
        rng = self.rng
        definition = self.releases[self.release]
        state, _ = reference.fold(self.releases, self.log, self.time)
        names = [name for name in definition["facts"] if rng.random() < 0.2]
        names += [fact for entry in state["waiting"] for fact in entry["missing"] if fact in definition["facts"]]
        by = rng.choice(list(REPORTERS))
        is_told = by == "staff" and rng.random() < 0.12
        facts = self.facts(definition, by, names)
        data = self.survey() if by == "patient" else {}
        self.add("reported", reference.ANSWERED, by, facts=facts, told=is_told, data=data, **self.when())

    def survey(self):
        """The survey that is answered or marked, if any; not of chance, so that the logs stay what they were."""
        number = zlib.crc32(f"{self.seed} {len(self.log)}".encode())
        declined = {"declined": True} if number % 5 == 0 else {}
        return {"question": f"survey_{number % 2}"} | declined if number % 3 else {}

    def likely_triggers(self, definition, state):
        triggers = list(definition["triggers"])
        if self.rng.random() < 0.2:
            return triggers
        heard = [news["until"] for news in reference.news_of(self.releases, self.log, self.time)]
        for track, stays in state["tracks"].items():
            for stay in stays:
                declared = reference.state_at(definition, track, stay["state"]) or {}
                heard += [trigger for trigger in declared.get("on", {}) if trigger in triggers]
        return [trigger for trigger in heard if trigger in triggers] or triggers

    def events(self):
        return [entry for entry in self.log if entry["entry"] == "event"]

    def retract(self):
        """Take something back: seldom the enrolling."""
        events = self.events()[self.rng.random() > 0.03 :]
        if events:
            event = self.rng.choice(events)
            by = self.rng.choice(["staff", event["by"]])
            reporter = event["reporter"] if by == event["by"] else "staff"
            self.log.append(
                {"entry": "retraction", "uid": event["uid"], "arrived_at": self.time, "by": by, "reporter": reporter}
            )

    def replace(self):
        events = [event for event in self.events() if event["kind"] == "reported"]
        if not events:
            return self.report()
        rng = self.rng
        old = rng.choice(events)
        definition = self.releases[self.release]
        if old["type"] not in definition["triggers"]:
            return self.report()
        names = [name for name in {**old["facts"], **definition["facts"]} if rng.random() < 0.3]
        names = [name for name in names if name in definition["facts"]]
        when = rng.choice([{key: old[key] for key in ("occurred_at", "day", "sequence")}, self.when()])
        facts = self.facts(definition, old["by"], names)
        return self.add("reported", old["type"], old["by"], facts=facts, replaces=old["uid"], **when)

    def place_patient(self):
        rng = self.rng
        definition = self.releases[self.release]
        track, path, _ = rng.choice(list(states_of(definition)))
        names = [name for name in definition["facts"] if rng.random() < 0.15]
        facts = self.facts(definition, "staff", names)
        data = {"state": f"{track}.{path}", "reason": "put right"}
        self.add("placed", "placed", "staff", data=data, facts=facts, told=rng.random() < 0.15, **self.when())

    def end(self):
        definition = self.releases[self.release]
        trigger = self.rng.choice(list(definition["ends"]))
        by = self.rng.choice(definition["ends"][trigger]["by"])
        self.add("reported", trigger, by, **self.when())

    def migrate(self, to):
        goes = total_map(self.plans[self.release], self.plans[to], self.rng)
        goes = with_lists(
            goes, self.plans[self.release], self.plans[to], random.Random(f"{self.seed}/{len(self.log)}/lists")
        )
        self.add("migrated", "migrated", "staff", data={"to": to, "map": goes})
        self.release = to


def reordered(log, rng, now):
    """Return the entries in another order of arrival that keeps the rules of arriving."""
    left = list(log)
    entries = [left.pop(0)]
    while left:
        arrived_uids = {entry["uid"] for entry in entries}
        ready = [entry for entry in left if names_only(entry, arrived_uids)]
        entry = rng.choice(ready)
        left.remove(entry)
        entries.append(entry)
    at_the_end = rng.random() < 0.5
    latest = max(entry["arrived_at"] for entry in log)
    arrived, rearranged = datetime(1, 1, 1, tzinfo=UTC), []
    for entry in entries:
        earliest = latest if at_the_end else entry.get("occurred_at", arrived)
        arrived = min(max(arrived + timedelta(seconds=rng.randint(0, 20)), earliest), now)
        rearranged.append(entry | {"arrived_at": arrived})
    return rearranged


def names_only(entry, arrived_uids):
    """Return whether what an entry names has arrived."""
    earlier_uid = entry["uid"] if entry["entry"] == "retraction" else entry["replaces"]
    return earlier_uid is None or earlier_uid in arrived_uids
