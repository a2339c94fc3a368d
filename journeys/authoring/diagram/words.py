"""The words of a diagram in one language: titles of states, labels of edges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from journeys.authoring.diagram.view import DiagramView
from journeys.content.rendering.locales import date_text, unit_text
from journeys.definition.compiler import compile_conditions, condition_scope
from journeys.definition.conditions import ConditionError, Names, Node, in_words, parse_condition
from journeys.definition.graph import Edge, edges_of_state
from journeys.definition.model import RAISED, Journey, Timer, Track, Transition
from journeys.primitives.locales import served_locale
from journeys.primitives.messages import package_translations
from journeys.primitives.state_path import StatePath

#: From this number of sources on, the edges into a state are drawn as one.
MANY = 5
WIDTH = 26

WHOLE = DiagramView()
#: The whole journey, with nothing folded or lit.

_KINDS: Mapping[str, Literal["event", "timer", "entered"]] = {"event": "event", "timer": "timer", "raised": "entered"}
_NOTES = package_translations("journeys", "diagram")
_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_CLOCK_UNITS = {"H": "hour", "M": "minute", "S": "second"}


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """A declared transition: `source` declares it, `target` is the path it names; both inside one track.

    An edge of a state inside a folded state is drawn from or to the folded state. An edge can show several transitions
    of the same kind.
    `is_on_way`: whether to highlight it.
    """

    source: str
    target: str
    kind: Literal["event", "timer", "entered"]
    labels: tuple[str, ...]
    is_on_way: bool = False

    def joined(self, other: DrawnEdge) -> DrawnEdge:
        """One edge for both, with the labels of both."""
        labels = tuple(dict.fromkeys((*self.labels, *other.labels)))
        return replace(self, labels=labels, is_on_way=self.is_on_way or other.is_on_way)


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

    def edges(self, track: Track, view: DiagramView = WHOLE) -> Iterator[DrawnEdge]:
        """Every transition and timer that moves, in document order; those inside a folded state are left out."""
        for state in track.states.values():
            for edge in edges_of_state(track, state):
                source, target = view.shown(track, edge.source), view.shown(track, edge.to)
                is_inside = source == target and (source, target) != (edge.source, edge.to)
                if not is_inside:
                    yield DrawnEdge(source, target, _KINDS[edge.kind], (self.edge(edge),), view.is_on_way(edge))

    def edge(self, edge: Edge) -> str:
        """The label of a transition or a timer that a state declares."""
        track = self.journey.tracks[edge.track]
        if isinstance(edge.declared, Timer):
            return self.timer(track, edge.declared)
        assert edge.declared is not None
        return self.transition(track, edge.declared)

    def transition(self, track: Track, transition: Transition) -> str:
        """The label of a transition."""
        label = self.trigger(transition.trigger)
        if transition.otherwise:
            return f"{label}, {self.words['otherwise']}"
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
        """The condition of a label, with what goes before it, or nothing."""
        condition = self.condition(track, asking)
        return f", {self.words['when'].format(condition=condition)}" if condition else ""

    def condition(self, track: Track, asking: Transition | Timer) -> str:
        """The condition of a transition or a timer in words, or nothing; named conditions are spelled out."""
        if asking.when is None:
            return ""
        scope = condition_scope(self.journey, self.conditions, track.name, stay=True)
        names = Names(self.fact, self.value, self.state_named, lambda day: date_text(day, self.locale), by_name=False)
        try:
            return plain(in_words(parse_condition(asking.when.text, scope), self.locale, names))
        except ConditionError:
            return plain(asking.when.text)

    def fact(self, name: str) -> str:
        """The title of a fact, in quotation marks."""
        return self.quoted(self.title(self.journey.facts[name].title, name))

    def value(self, fact: str, value: str) -> str:
        """The label of a value of a fact, in quotation marks."""
        return self.quoted(self.title(self.journey.facts[fact].labels.get(value, {}), value))

    def state_named(self, full: str) -> str:
        """The title of a state by its full path, in quotation marks."""
        state = StatePath.parse(full)
        return self.quoted(self.state(self.journey.tracks[state.track], state.path))

    def quoted(self, text: str) -> str:
        """A text in the quotation marks of the language."""
        return self.words["quotes"].format(text)

    def time(self, delay: str) -> str:
        """A duration in words of the locale; the sign is the phrase's to say."""
        date, _, clock = delay.removeprefix("-").removeprefix("P").partition("T")
        parts = [(number, _UNITS[unit]) for number, unit in re.findall(r"(\d+)([YMWD])", date)]
        parts += [(number, _CLOCK_UNITS[unit]) for number, unit in re.findall(r"(\d+)([HMS])", clock)]
        return " ".join(unit_text(int(number), unit, self.locale) for number, unit in parts)


def plain(text: str) -> str:
    """One line without control characters, which neither XML nor Graphviz can hold."""
    return " ".join("".join(" " if ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 else sign for sign in text).split())
