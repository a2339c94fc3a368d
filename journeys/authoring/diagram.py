"""A journey drawn: as DOT that is written here, as SVG by Graphviz, and as Mermaid text. Reads values, writes text.

Every track is a box, every composite state a box in it. Reactions that stay are left out. A state that many others lead
to has one edge, from a note that names them all, or the picture would be a ball of wool.
"""

from __future__ import annotations

import re
import textwrap
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from journeys.content.rendering.locales import unit_text
from journeys.definition.compiler import compile_conditions, condition_scope
from journeys.definition.conditions import And, ConditionError, Is, Named, Node, Not, in_words, parse_condition
from journeys.definition.model import STAY, Journey, StateDefinition, Timer, Track, Transition
from journeys.primitives.messages import package_translations
from journeys.primitives.state_path import is_within

#: Graphviz keeps its state in globals; two threads at once crash the process.
_ONE_AT_A_TIME = threading.Lock()

#: From this number of sources on, the edges into a state are drawn as one.
MANY = 5
WIDTH = 26

_NOTES = package_translations("journeys", "diagram")
_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_CLOCK_UNITS = {"H": "hour", "M": "minute", "S": "second"}


@dataclass(frozen=True, slots=True)
class _DrawnEdge:
    """One declared transition: `source` declares it, `target` is the path it names; both inside one track."""

    source: str
    target: str
    label: str
    kind: Literal["event", "timer", "entered"]


def dot(journey: Journey, highlight: frozenset[str] = frozenset(), *, locale: str | None = None) -> str:
    """The journey as a DOT graph.

    Args:
        journey: a journey without problems; a `to` that leads nowhere is left out.
        highlight: full paths of states to light (class `lit`).
        locale: the language of titles; the journey's first unless given.
    """
    return "\n".join(_Dot(_Words(journey, locale), highlight).lines()) + "\n"


def svg(journey: Journey, highlight: frozenset[str] = frozenset(), *, locale: str | None = None) -> str:
    """The journey as an SVG image.

    Ids are `state:<full path>`; classes are `track`, `state`, `composite`, `held`, `lit`, `way`, `timer`, `entered`.
    """
    return _drawn(dot(journey, highlight, locale=locale), "svg").decode()


def png(journey: Journey, highlight: frozenset[str] = frozenset(), *, locale: str | None = None) -> bytes:
    """The journey as a PNG image."""
    return _drawn(dot(journey, highlight, locale=locale), "png")


def mermaid(journey: Journey, *, locale: str | None = None) -> str:
    """The journey as Mermaid `stateDiagram-v2` text."""
    return "\n".join(_mermaid(_Words(journey, locale))) + "\n"


def _drawn(text: str, form: str) -> bytes:
    import pygraphviz

    with _ONE_AT_A_TIME:
        graph = pygraphviz.AGraph(string=text)
        try:
            drawn: bytes = graph.draw(format=form, prog="dot")
        finally:
            graph.close()
    return drawn


# --- words -------------------------------------------------------------------------------------------------


class _Words:
    """What is written on states and edges, in one locale."""

    def __init__(self, journey: Journey, locale: str | None) -> None:
        self.journey = journey
        self.locale = locale or journey.locales[0]
        self.words = _NOTES.for_locale(self.locale)
        try:
            self.conditions: Mapping[str, Node] = compile_conditions(journey)
        except ConditionError:
            self.conditions = {}

    def title(self, titles: Mapping[str, str], name: str) -> str:
        return _plain(titles.get(self.locale) or titles.get(self.journey.locales[0]) or name.replace("_", " "))

    def state(self, track: Track, path: str) -> str:
        state = track.states[path]
        return self.title(state.title, state.name)

    def edges(self, track: Track) -> Iterator[_DrawnEdge]:
        """Every transition and timer that moves, in document order."""
        for state in track.states.values():
            for transition in state.on:
                target = track.resolve(transition.to, state.path) if transition.to != STAY else None
                if target is not None:
                    kind: Literal["event", "entered"] = (
                        "entered" if transition.trigger.startswith("entered.") else "event"
                    )
                    yield _DrawnEdge(state.path, target, self.transition(track, transition), kind)
            for timer in state.after:
                target = track.resolve(timer.to, state.path) if timer.to is not None else None
                if target is not None:
                    yield _DrawnEdge(state.path, target, self.timer(track, timer), "timer")

    def transition(self, track: Track, transition: Transition) -> str:
        label = self.trigger(transition.trigger)
        if transition.otherwise:
            return f"{label} [{self.words['otherwise']}]"
        return label + self.when(track, transition)

    def trigger(self, trigger: str) -> str:
        declared = self.journey.triggers.get(trigger)
        if declared is not None:
            return self.title(declared.title, trigger)
        name, _, path = trigger.removeprefix("entered.").partition(".")
        other = self.journey.tracks.get(name)
        state = self.state(other, path) if other is not None and path in other.states else f"{name}.{path}"
        return self.words["entered"].format(state=state)

    def timer(self, track: Track, timer: Timer) -> str:
        time = self.time(timer.delay)
        if timer.start is None:
            return self.words["after"].format(time=time) + self.when(track, timer)
        declared = self.journey.facts.get(timer.start)
        fact = self.title(declared.title if declared is not None else {}, timer.start)
        phrase = self.words["before" if timer.delay.startswith("-") else "counted"]
        return phrase.format(time=time, fact=fact) + self.when(track, timer)

    def when(self, track: Track, asking: Transition | Timer) -> str:
        if asking.when is None:
            return ""
        scope = condition_scope(self.journey, self.conditions, track.name, stay=True)
        try:
            return f" [{_plain(self.condition_text(parse_condition(asking.when.text, scope)))}]"
        except ConditionError:
            return f" [{_plain(asking.when.text)}]"

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


def _plain(text: str) -> str:
    """One line without control characters, which neither XML nor Graphviz can hold."""
    return " ".join("".join(" " if ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 else sign for sign in text).split())


# --- DOT ---------------------------------------------------------------------------------------------------

_GRAPH = {
    "rankdir": "TB",
    "compound": "true",
    "newrank": "true",
    "fontname": "Helvetica,Arial,sans-serif",
    "fontsize": "13",
    "nodesep": "0.3",
    "ranksep": "0.45",
    "pad": "0.3",
    "bgcolor": "white",
}
_NODE = {
    "shape": "box",
    "style": "rounded,filled",
    "fillcolor": "#f4f7fb",
    "color": "#3d5a80",
    "fontname": "Helvetica,Arial,sans-serif",
    "fontsize": "12",
    "margin": "0.14,0.08",
}
_EDGE = {
    "fontname": "Helvetica,Arial,sans-serif",
    "fontsize": "9",
    "color": "#56677d",
    "fontcolor": "#33404f",
    "arrowsize": "0.7",
}
_DOT = {
    "shape": "point",
    "width": "0.1",
    "color": "#3d5a80",
    "fillcolor": "#3d5a80",
    "label": "",
    "class": "initial",
    "tooltip": " ",
}
_NOTE = {"shape": "plain", "style": "", "fontsize": "9", "fontcolor": "#33404f"}
_LIT = {"fillcolor": "#ffd166", "penwidth": "2"}
_BOXES = ("#fafbfd", "#f1f4f8", "#e8edf3")


class _Dot:
    """Writes the graph line by line, always in document order."""

    def __init__(self, words: _Words, highlight: frozenset[str]) -> None:
        self.words = words
        self.highlight = highlight
        self.notes: dict[str, list[_DrawnEdge]] = {}

    def lines(self) -> Iterator[str]:
        journey = self.words.journey
        title = self.words.title(journey.title, journey.key)
        yield f"digraph {_quoted(journey.key)} {{"
        head = {"label": _label(title, 60), "labelloc": "t", "tooltip": _text(title)}
        yield f"  graph [{_attributes({**_GRAPH, **head})}];"
        yield f"  node [{_attributes(_NODE)}];"
        yield f"  edge [{_attributes(_EDGE)}];"
        for track in journey.tracks.values():
            yield from self.track(track)
        yield "}"

    def track(self, track: Track) -> Iterator[str]:
        edges = list(self.words.edges(track))
        self.notes = self.hubs(edges)
        title = self.words.title(track.title, track.name)
        box = {
            "label": _label(title, 60),
            "id": f"track:{track.name}",
            "class": "track",
            "labeljust": "l",
            "style": "rounded",
            "color": "#98a6b8",
            "tooltip": _text(title),
        }
        yield f"  subgraph {_quoted('cluster_' + track.name)} {{"
        yield f"    graph [{_attributes(box)}];"
        yield f"    {_quoted('initial:' + track.name)} [{_attributes(_DOT)}];"
        for path in track.top:
            yield from self.state(track, path, edges, "    ")
        if track.initial is not None and track.initial.text in track.states:
            yield f"    {self.initial_edge(track, f'initial:{track.name}', track.initial.text)}"
        for (source, target, kind), labels in self.labels_of_edges(edges).items():
            yield f"    {self.edge(track, source, target, kind, labels)}"
        yield "  }"

    def state(self, track: Track, path: str, edges: list[_DrawnEdge], indent: str) -> Iterator[str]:
        state = track.states[path]
        full = f"{track.name}.{path}"
        title = self.words.state(track, path)
        classes = ["composite" if state.children else "state", *(["held"] if state.hold else [])]
        classes += ["lit"] if full in self.highlight else []
        held = f"\\n({self.words.words['held']})" if state.hold else ""
        common = {
            "label": _label(title, WIDTH) + held,
            "id": f"state:{full}",
            "class": " ".join(classes),
            "URL": f"#{full}",
            "tooltip": _text(f"{title} ({full})"),
        }
        if not state.children:
            look = {"peripheries": "2"} if state.hold else {}
            lit = _LIT if full in self.highlight else {}
            yield f"{indent}{_quoted(full)} [{_attributes({**common, **look, **lit})}];"
            yield from self.note(track, path, indent)
            return
        fill = _BOXES[min(path.count("."), len(_BOXES) - 1)]
        box = {"style": "rounded,filled", "fillcolor": fill, "color": "#3d5a80", "labeljust": "l", "peripheries": "1"}
        if state.hold:
            box["pencolor"] = "#3d5a80"
            box["style"] = "rounded,filled,bold"
        lit = {"color": "#e09f00", "penwidth": "2"} if full in self.highlight else {}
        yield f"{indent}subgraph {_quoted('cluster_' + full)} {{"
        yield f"{indent}  graph [{_attributes({**common, **box, **lit})}];"
        yield f"{indent}  {_quoted('initial:' + full)} [{_attributes(_DOT)}];"
        if any(source == path and is_within(target, path) for source, target, _ in self.labels_of_edges(edges)):
            label = {"label": _text(self.words.words["anywhere"]), "class": "anywhere", "id": f"anywhere:{full}"}
            yield f"{indent}  {_quoted('anywhere:' + full)} [{_attributes({**_NOTE, **label})}];"
        for child in state.children:
            yield from self.state(track, child, edges, indent + "  ")
        if state.initial is not None and f"{path}.{state.initial.text}" in track.states:
            yield f"{indent}  {self.initial_edge(track, f'initial:{full}', f'{path}.{state.initial.text}')}"
        yield f"{indent}}}"
        yield from self.note(track, path, indent)

    # --- edges ---------------------------------------------------------------------------------------------

    def initial_edge(self, track: Track, start: str, path: str) -> str:
        attributes = {"class": "initial", "weight": "10", "tooltip": " "}
        return f"{_quoted(start)} -> {_quoted(self.head(track, path))} [{_attributes(attributes)}];"

    def head(self, track: Track, path: str) -> str:
        """The node that an edge to a state ends at: of a composite, its initial dot."""
        full = f"{track.name}.{path}"
        return full if track.is_leaf(path) else f"initial:{full}"

    def hubs(self, edges: Iterable[_DrawnEdge]) -> dict[str, list[_DrawnEdge]]:
        """The targets with at least `MANY` sources by events, and their edges; each is drawn as one note."""
        into: dict[str, list[_DrawnEdge]] = {}
        for edge in edges:
            if edge.kind != "timer":
                into.setdefault(edge.target, []).append(edge)
        return {target: edges for target, edges in into.items() if len({edge.source for edge in edges}) >= MANY}

    def labels_of_edges(self, edges: list[_DrawnEdge]) -> dict[tuple[str, str, str], list[str]]:
        hubs = {id(edge) for edges in self.notes.values() for edge in edges}
        drawn: dict[tuple[str, str, str], list[str]] = {}
        for edge in edges:
            if id(edge) not in hubs:
                labels = drawn.setdefault((edge.source, edge.target, edge.kind), [])
                if edge.label not in labels:
                    labels.append(edge.label)
        return drawn

    def note(self, track: Track, target: str, indent: str) -> Iterator[str]:
        """The note that lists all edges into a state, and the edge from the note."""
        edges = self.notes.get(target, [])
        if not edges:
            return
        full = f"{track.name}.{target}"
        sources = dict.fromkeys(edge.source for edge in edges)
        listed = "\n".join(f"{self.words.state(track, path)} ({track.name}.{path})" for path in sources)
        heading = self.words.words.plural("from", len(sources)).format(count=len(sources))
        lines = [f"{heading}:", *dict.fromkeys(edge.label for edge in edges)]
        node = {
            **_NOTE,
            "shape": "note",
            "style": "filled",
            "fillcolor": "#fffbe8",
            "color": "#b9ae7c",
            "margin": "0.08,0.05",
            "label": "".join(_label(line, 34, "\\l") + "\\l" for line in lines),
            "class": "ways",
            "id": f"ways:{full}",
            "tooltip": _text(listed),
        }
        edge = {"class": "way", "id": f"way:many>{full}", "tooltip": _text(listed)}
        yield f"{indent}{_quoted('ways:' + full)} [{_attributes(node)}];"
        yield f"{indent}{_quoted('ways:' + full)} -> {_quoted(self.head(track, target))} [{_attributes(edge)}];"

    def edge(self, track: Track, source: str, target: str, kind: str, labels: list[str]) -> str:
        start, end = f"{track.name}.{source}", f"{track.name}.{target}"
        attributes = {
            "label": "\\n".join(_label(label, WIDTH) for label in labels),
            "class": "way" if kind == "event" else f"way {kind}",
            "id": f"way:{start}>{end}" + ("" if kind == "event" else f":{kind}"),
            "tooltip": _text(
                f"{self.words.state(track, source)} → {self.words.state(track, target)}: " + "; ".join(labels)
            ),
        }
        if kind == "timer":
            attributes |= {"style": "dashed"}
        if kind == "entered":
            attributes |= {"style": "dotted"}
        tail = start
        if not track.is_leaf(source):
            inside = is_within(target, source)
            tail = f"anywhere:{start}" if inside else f"initial:{start}"
            if not inside:
                attributes["ltail"] = f"cluster_{start}"
        return f"{_quoted(tail)} -> {_quoted(self.head(track, target))} [{_attributes(attributes)}];"


def _label(text: str, width: int, end: str = "\\n") -> str:
    """A text escaped for a DOT label, in lines of about that width."""
    return end.join(_text(line) for line in textwrap.wrap(text, width, break_long_words=False)) or " "


def _text(text: str) -> str:
    """A text as Graphviz shows it unchanged: backslashes doubled, and no entity left that it would read."""
    return text.replace("\\", "\\\\").replace("&", "&amp;").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _attributes(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in values.items())


# --- Mermaid -----------------------------------------------------------------------------------------------


def _mermaid(words: _Words) -> Iterator[str]:
    journey = words.journey
    yield "---"
    yield f"title: {_yaml(words.title(journey.title, journey.key))}"
    yield "---"
    yield "stateDiagram-v2"
    for track in journey.tracks.values():
        yield f'    state "{_escaped(words.title(track.title, track.name))}" as {track.name} {{'
        if track.initial is not None:
            yield f"        [*] --> {_name(track, track.initial.text)}"
        for path in track.top:
            yield from _mermaid_state(words, track, track.states[path], "        ")
        labels_by_edge: dict[tuple[str, str], list[str]] = {}
        for edge in words.edges(track):
            labels = labels_by_edge.setdefault((edge.source, edge.target), [])
            if edge.label not in labels:
                labels.append(edge.label)
        for (source, target), labels in labels_by_edge.items():
            yield f"        {_name(track, source)} --> {_name(track, target)}: {_escaped(' / '.join(labels))}"
        yield "    }"


def _mermaid_state(words: _Words, track: Track, state: StateDefinition, indent: str) -> Iterator[str]:
    title = words.state(track, state.path) + (f" ({words.words['held']})" if state.hold else "")
    head = f'{indent}state "{_escaped(title)}" as {_name(track, state.path)}'
    if not state.children:
        yield head
        return
    yield f"{head} {{"
    if state.initial is not None:
        yield f"{indent}    [*] --> {_name(track, f'{state.path}.{state.initial.text}')}"
    for child in state.children:
        yield from _mermaid_state(words, track, track.states[child], indent + "    ")
    yield f"{indent}}}"


def _name(track: Track, path: str) -> str:
    return f"{track.name}--{path}".replace(".", "-").replace("--", "__")


def _escaped(text: str) -> str:
    """A text in which every sign that Mermaid would read is an entity of its own kind."""
    return "".join(sign if sign.isalnum() or sign in " .,()'/-+!?=áéíóúñü¿¡" else f"#{ord(sign)};" for sign in text)


def _yaml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
