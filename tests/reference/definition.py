"""What a release declares, in the resolved form of the tests, and questions about it.

A definition is a plain dict: targets are paths inside the track, and timers have their names.

    {"facts": {name: {"type": "boolean" | "choice" | "set" | "integer" | "date" | "text",
                      "values": ["0", {"I": ["IA", "IB"]}], "min": 0, "max": 9, "max_length": 40,
                      "hold_until": None | {"trigger": "discussed"}, "by": [reporter], "ask": {…}}},
     "groups": {name: [fact]}, "asked_groups": [name],
     "conditions": {name: condition},
     "triggers": {name: {"requires": [fact], "resets": [fact]}},  # in the order of the definition
     "ends": {name: {}},
     "tracks": {track: {"initial": name, "states": {name: state}}}}

    state = {"initial": None | name, "states": {name: state}, "on": {trigger: [transition]}, "after": [timer],
             "forget": [fact], "hold_until": None | {"trigger": "discussed"},
             "task": None | {"closed_by": [trigger]}}
    transition = {"when": None | condition, "to": path | "stay", "otherwise": bool, "reenter": bool,
                  "order": None | int}
    timer = {"name": text, "delay": "P6M", "from": None | fact, "when": None | condition} and either
            {"to": path}, {"remind": piece} or {"task": {"closed_by": [trigger]}}

What is left out counts as empty. `conditions.py` describes a condition.
"""

import re

from tests.reference.values import DECLINED


class Release:
    """A definition under the name of its release, with its states by track and path."""

    def __init__(self, name, definition):
        self.name = name
        self.definition = definition
        self.conditions = definition["conditions"]
        self.ends = definition["ends"]
        self.facts = definition["facts"]
        self.triggers = definition["triggers"]
        self.initial = {track: body["initial"] for track, body in definition["tracks"].items()}
        self.states = {track: dict(walk(body["states"])) for track, body in definition["tracks"].items()}
        self.ranks = {trigger: rank for rank, trigger in enumerate([*self.triggers, *self.ends])}
        self.parents = {
            name: parents_of_values(fact["values"]) for name, fact in self.facts.items() if fact["type"] == "choice"
        }
        holds = [fact.get("hold_until") for fact in self.facts.values()]
        holds += [state.get("hold_until") for states in self.states.values() for state in states.values()]
        #: The triggers that tell some hold.
        self.tellings = {hold["trigger"] for hold in holds if hold}

    def has_state(self, full_path):
        """Return whether a state, named with its track, is declared."""
        track, _, path = full_path.partition(".")
        return path in self.states.get(track, ())

    def states_entered(self, track, path):
        """Return the paths that are open after entering a state: what contains it, itself, and its initial states."""
        paths = [path]
        while above := paths[0].rpartition(".")[0]:
            paths.insert(0, above)
        while initial := self.states[track][paths[-1]].get("initial"):
            paths.append(f"{paths[-1]}.{initial}")
        return paths

    def required_facts(self, trigger):
        """Return the facts that a trigger requires."""
        return frozenset(self.triggers.get(trigger, {}).get("requires") or ())

    def reset_facts(self, trigger):
        """Return the facts that a trigger resets."""
        return frozenset(self.triggers.get(trigger, {}).get("resets") or ())

    def facts_opened_by(self, trigger):
        """Return the held facts that patients may tell, that are asked for, and of which a trigger is the telling."""
        asked = {name for name, fact in self.facts.items() if "ask" in fact}
        for group in self.definition.get("asked_groups", ()):
            asked |= {*self.definition["groups"][group]}
        opened = {name for name in asked if (self.facts[name].get("hold_until") or {}).get("trigger") == trigger}
        return {name for name in opened if "patient" in self.facts[name].get("by", ["patient"])}

    def question_of(self, fact):
        """Return the name of the question about a fact: that of its group, or its own."""
        groups = self.definition.get("groups", {})
        return next((name for name, members in groups.items() if fact in members), fact)

    def knows(self, name, value):
        """Return whether a fact is declared and its type accepts the value."""
        return knows(self.definition, name, value)


def walk(states, above=""):
    """Yield each path with its state, what contains others first."""
    for name, state in states.items():
        yield above + name, state
        yield from walk(state.get("states") or {}, f"{above}{name}.")


def state_at(definition, track, path):
    """Return a state of a definition, or None."""
    return dict(walk(definition["tracks"].get(track, {"states": {}})["states"])).get(path)


def parents_of_values(values, above=()):
    """Return each value of a choice with the values above it, outermost first."""
    parents = {}
    for value in values:
        for name, below in value.items() if isinstance(value, dict) else [(value, [])]:
            parents[name] = above
            parents |= parents_of_values(below, (*above, name))
    return parents


def knows(definition, name, value):
    """Return whether a definition declares a fact and its type accepts the value."""
    return name in definition["facts"] and accepts(definition["facts"][name], value)


def accepts(fact, value):
    """Return whether the type of a fact accepts a value; declining is always accepted."""
    if value is DECLINED:
        return True
    match fact["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "choice":
            return isinstance(value, str) and value in parents_of_values(fact["values"])
        case "set":
            return isinstance(value, list) and set(value) <= set(parents_of_values(fact["values"]))
        case "integer":
            is_integer = isinstance(value, int) and not isinstance(value, bool)
            return is_integer and fact.get("min", value) <= value <= fact.get("max", value)
        case "date":
            return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None
    return isinstance(value, str) and len(value) <= fact.get("max_length", len(value))


def contains(outer, inner):
    """Return whether a state contains another strictly; both are paths of one track."""
    return inner.startswith(f"{outer}.")
