"""The words of a diagram in one language: titles of states, labels of edges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from journeys.content.rendering.locales import unit_text
from journeys.definition.compiler import compile_conditions, condition_scope
from journeys.definition.conditions import And, ConditionError, Is, Named, Node, Not, in_words, parse_condition
from journeys.definition.graph import edges_of_state
from journeys.definition.model import RAISED, Journey, Timer, Track, Transition
from journeys.primitives.locales import served_locale
from journeys.primitives.messages import package_translations

#: From this number of sources on, the edges into a state are drawn as one.
MANY = 5
WIDTH = 26

_NOTES = package_translations("journeys", "diagram")
_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_CLOCK_UNITS = {"H": "hour", "M": "minute", "S": "second"}


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """One declared transition: `source` declares it, `target` is the path it names; both inside one track."""

    source: str
    target: str
    label: str
    kind: Literal["event", "timer", "entered"]


class DiagramWords:
    """What is written on states and edges, in one locale."""

    def __init__(self, journey: Journey, locale: str | None) -> None:
        self.journey = journey
        self.locale = served_locale(locale or "", journey.locales)
        self.words = _NOTES.for_locale(self.locale)
        try:
            self.conditions: Mapping[str, Node] = compile_conditions(journey)
        except ConditionError:
            self.conditions = {}

    def title(self, titles: Mapping[str, str], name: str) -> str:
        """A title in the locale, or the name where there is none."""
        return plain(titles.get(self.locale) or titles.get(self.journey.locales[0]) or name.replace("_", " "))

    def state(self, track: Track, path: str) -> str:
        """The words on a state."""
        state = track.states[path]
        return self.title(state.title, state.name)

    def edges(self, track: Track) -> Iterator[DrawnEdge]:
        """Every transition and timer that moves, in document order."""
        for state in track.states.values():
            for edge in edges_of_state(track, state):
                if isinstance(edge.declared, Timer):
                    yield DrawnEdge(edge.source, edge.to, self.timer(track, edge.declared), "timer")
                elif edge.declared is not None:
                    kind: Literal["entered", "event"] = "entered" if edge.kind == "raised" else "event"
                    yield DrawnEdge(edge.source, edge.to, self.transition(track, edge.declared), kind)

    def transition(self, track: Track, transition: Transition) -> str:
        """The label of a transition."""
        label = self.trigger(transition.trigger)
        if transition.otherwise:
            return f"{label} [{self.words['otherwise']}]"
        return label + self.when(track, transition)

    def trigger(self, trigger: str) -> str:
        """The words for a trigger."""
        declared = self.journey.triggers.get(trigger)
        if declared is not None:
            return self.title(declared.title, trigger)
        name, _, path = trigger.removeprefix(RAISED).partition(".")
        other = self.journey.tracks.get(name)
        state = self.state(other, path) if other is not None and path in other.states else f"{name}.{path}"
        return self.words["entered"].format(state=state)

    def timer(self, track: Track, timer: Timer) -> str:
        """The label of a timer."""
        time = self.time(timer.delay)
        if timer.start is None:
            return self.words["after"].format(time=time) + self.when(track, timer)
        declared = self.journey.facts.get(timer.start)
        fact = self.title(declared.title if declared is not None else {}, timer.start)
        phrase = self.words["before" if timer.delay.startswith("-") else "counted"]
        return phrase.format(time=time, fact=fact) + self.when(track, timer)

    def when(self, track: Track, asking: Transition | Timer) -> str:
        """The condition of a label, or nothing."""
        if asking.when is None:
            return ""
        scope = condition_scope(self.journey, self.conditions, track.name, stay=True)
        try:
            return f" [{plain(self.condition_text(parse_condition(asking.when.text, scope)))}]"
        except ConditionError:
            return f" [{plain(asking.when.text)}]"

    def condition_text(self, node: Node) -> str:
        """A condition by the labels of its values, which mostly say it all."""
        match node:
            case Is(fact, values):
                labels = self.journey.facts[fact].labels
                return " / ".join(self.title(labels.get(value, {}), value) for value in values)
            case Not(Is() as part):
                return f"≠ {self.condition_text(part)}"
            case And(parts):
                return " + ".join(self.condition_text(part) for part in parts)
            case Named(name, _):
                return name.replace("_", " ")
            case _:
                return in_words(node)

    def time(self, delay: str) -> str:
        """A duration in words of the locale; the sign is the phrase's to say."""
        date, _, clock = delay.removeprefix("-").removeprefix("P").partition("T")
        parts = [(number, _UNITS[unit]) for number, unit in re.findall(r"(\d+)([YMWD])", date)]
        parts += [(number, _CLOCK_UNITS[unit]) for number, unit in re.findall(r"(\d+)([HMS])", clock)]
        return " ".join(unit_text(int(number), unit, self.locale) for number, unit in parts)


def plain(text: str) -> str:
    """One line without control characters, which neither XML nor Graphviz can hold."""
    return " ".join("".join(" " if ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 else sign for sign in text).split())
