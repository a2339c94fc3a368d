"""A journey as DOT text, for Graphviz to lay out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from journeys.authoring.diagram.words import MANY, WIDTH, DiagramWords, DrawnEdge
from journeys.definition.model import Track
from journeys.primitives.state_path import is_within

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


class DotText:
    """Writes the graph line by line, always in document order."""

    def __init__(self, words: DiagramWords, highlight: frozenset[str]) -> None:
        self.words = words
        self.highlight = highlight
        self.notes: dict[str, list[DrawnEdge]] = {}

    def lines(self) -> Iterator[str]:
        """The lines of the graph."""
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
        """The lines of a track: its box, states and edges."""
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

    def state(self, track: Track, path: str, edges: list[DrawnEdge], indent: str) -> Iterator[str]:
        """The lines of a state and of all states inside it."""
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
        """The edge from an initial dot."""
        attributes = {"class": "initial", "weight": "10", "tooltip": " "}
        return f"{_quoted(start)} -> {_quoted(self.head(track, path))} [{_attributes(attributes)}];"

    def head(self, track: Track, path: str) -> str:
        """The node that an edge to a state ends at: of a composite, its initial dot."""
        full = f"{track.name}.{path}"
        return full if track.is_leaf(path) else f"initial:{full}"

    def hubs(self, edges: Iterable[DrawnEdge]) -> dict[str, list[DrawnEdge]]:
        """The targets with at least `MANY` sources by events, and their edges; each is drawn as one note."""
        into: dict[str, list[DrawnEdge]] = {}
        for edge in edges:
            if edge.kind != "timer":
                into.setdefault(edge.target, []).append(edge)
        return {target: edges for target, edges in into.items() if len({edge.source for edge in edges}) >= MANY}

    def labels_of_edges(self, edges: list[DrawnEdge]) -> dict[tuple[str, str, str], list[str]]:
        """The labels of the edges between two states, by source, target and kind."""
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
        """One edge with its labels."""
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
