"""A journey as DOT text, for Graphviz to lay out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from journeys.authoring.diagram.labels import Label, wrap, wrap_all
from journeys.authoring.diagram.view import DiagramView
from journeys.authoring.diagram.words import MANY, WIDTH, DiagramWords, DrawnEdge
from journeys.definition.model import Track
from journeys.primitives.state_path import is_within, parent_of

_GRAPH = {
    "rankdir": "TB",
    "compound": "true",
    "newrank": "true",
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
    "margin": "0.14,0.08",
}
_EDGE = {"color": "#56677d", "arrowsize": "0.7"}
_DOT = {
    "shape": "point",
    "width": "0.1",
    "color": "#3d5a80",
    "fillcolor": "#3d5a80",
    "label": "",
    "class": "initial",
    "tooltip": " ",
}
_NOTE = {"shape": "plain", "style": ""}
#: Sizes of labels in points, and the color of words on edges.
TITLE_SIZE, _NAME, _SMALL, _QUIET = 13, 12, 9, "#33404f"
#: The room beside the title of a composite state, for the button that folds it.
_ROOM = 22
_LIT = {"fillcolor": "#ffd166", "penwidth": "2"}
_BOXES = ("#fafbfd", "#f1f4f8", "#e8edf3")


class DotText:
    """Writes the graph of a track line by line, always in document order.

    `labels` are the labels of the lines that were written, by the id of their group in the drawing.
    """

    def __init__(self, words: DiagramWords, view: DiagramView) -> None:
        self.words = words
        self.view = view
        self.labels: dict[str, Label] = {}
        self.notes: dict[str, list[DrawnEdge]] = {}
        self.edges: dict[str | None, list[DrawnEdge]] = {}
        self.order: dict[str, int] = {}

    def lines(self, track: Track) -> Iterator[str]:
        """The lines of the graph of a track: its box, states and edges."""
        edges = list(self.words.edges(track, self.view))
        self.notes = self.hubs(edges)
        self.edges = self.edges_by_place(track, edges)
        title = self.words.title(track.title, track.name)
        box: dict[str, str | Label] = {
            "label": self.label(f"track:{track.name}", Label(wrap(title, 60), TITLE_SIZE)),
            "id": f"track:{track.name}",
            "class": "track",
            "labeljust": "l",
            "style": "rounded",
            "color": "#98a6b8",
            "tooltip": _text(title),
        }
        yield f"digraph {_quoted(track.name)} {{"
        yield f"  graph [{_attributes({**_GRAPH, 'id': f'graph:{track.name}', 'tooltip': _text(title)})}];"
        yield f"  node [{_attributes(_NODE)}];"
        yield f"  edge [{_attributes(_EDGE)}];"
        yield f"  subgraph {_quoted('cluster_' + track.name)} {{"
        yield f"    graph [{_attributes(box)}];"
        yield f"    {self.initial_dot(track.name)}"
        for path in track.top:
            yield from self.state(track, path, "    ")
        if track.initial is not None and track.initial.text in track.states:
            yield f"    {self.initial_edge(track, f'initial:{track.name}', track.initial.text)}"
        for edge in self.edges.get(None, ()):
            yield from self.edge(track, edge, "    ")
        yield "  }"
        yield "}"

    def node(self, name: str) -> str:
        """The name of a node in quotes; its position among the nodes is kept."""
        self.order[name] = len(self.order)
        return _quoted(name)

    def label(self, name: str, label: Label) -> Label:
        """A label, kept by the id of its group."""
        self.labels[name] = label
        return label

    def state(self, track: Track, path: str, indent: str) -> Iterator[str]:
        """The lines of a state and of all states inside it."""
        state = track.states[path]
        full = f"{track.name}.{path}"
        is_leaf, marks = self.view.is_leaf(track, path), self.view.marks(full)
        title = self.words.state(track, path)
        held = (f"({self.words.words['held']})",) if state.hold else ()
        kinds = {
            "composite": not is_leaf,
            "state": is_leaf,
            "folded": full in self.view.folded,
            "held": bool(state.hold),
        }
        align: Literal["middle", "start"] = "middle" if is_leaf else "start"
        label = Label((*wrap(title, WIDTH), *held), _NAME, align=align, room=_ROOM if state.children else 0)
        common: dict[str, str | Label] = {
            "label": self.label(f"state:{full}", label),
            "id": f"state:{full}",
            "class": " ".join([*(name for name, holds in kinds.items() if holds), *marks]),
            "URL": f"#{full}",
            "tooltip": _text(f"{title} ({full})"),
        }
        if is_leaf:
            look = {"peripheries": "2"} if state.hold else {}
            lit = _LIT if marks else {}
            yield f"{indent}{self.node(full)} [{_attributes({**common, **look, **lit})}];"
            yield from self.note(track, path, indent)
            return
        fill = _BOXES[min(path.count("."), len(_BOXES) - 1)]
        box = {"style": "rounded,filled", "fillcolor": fill, "color": "#3d5a80", "labeljust": "l", "peripheries": "1"}
        if state.hold:
            box["pencolor"] = "#3d5a80"
            box["style"] = "rounded,filled,bold"
        lit = {"color": "#e09f00", "penwidth": "2"} if marks else {}
        yield f"{indent}subgraph {_quoted('cluster_' + full)} {{"
        yield f"{indent}  graph [{_attributes({**common, **box, **lit})}];"
        yield f"{indent}  {self.initial_dot(full)}"
        inside = self.edges.get(path, ())
        if any(edge.source == path for edge in inside):
            name = f"anywhere:{full}"
            label = self.label(name, Label((self.words.words["anywhere"],), _SMALL, _QUIET))
            look = {**_NOTE, "class": "anywhere", "id": name}
            yield f"{indent}  {self.node(name)} [{_attributes({**look, 'label': label})}];"
        for child in state.children:
            yield from self.state(track, child, indent + "  ")
        if state.initial is not None and f"{path}.{state.initial.text}" in track.states:
            yield f"{indent}  {self.initial_edge(track, f'initial:{full}', f'{path}.{state.initial.text}')}"
        for edge in inside:
            yield from self.edge(track, edge, indent + "  ")
        yield f"{indent}}}"
        yield from self.note(track, path, indent)

    # --- edges ---------------------------------------------------------------------------------------------

    def initial_dot(self, full: str) -> str:
        """The dot in a track or a composite state from which its initial state is entered."""
        name = f"initial:{full}"
        return f"{self.node(name)} [{_attributes({**_DOT, 'id': name})}];"

    def initial_edge(self, track: Track, start: str, path: str) -> str:
        """The edge from an initial dot."""
        attributes = {"id": f"{start}|in", "class": "initial", "weight": "10", "tooltip": " "}
        return f"{_quoted(start)} -> {_quoted(self.head(track, path))} [{_attributes(attributes)}];"

    def head(self, track: Track, path: str) -> str:
        """The node that an edge to a state ends at: of a composite, its initial dot."""
        shown = self.view.shown(track, path)
        full = f"{track.name}.{shown}"
        return full if self.view.is_leaf(track, shown) else f"initial:{full}"

    def hubs(self, edges: Iterable[DrawnEdge]) -> dict[str, list[DrawnEdge]]:
        """The targets with at least `MANY` sources by events, and their edges; each is drawn as one note."""
        into: dict[str, list[DrawnEdge]] = {}
        for edge in edges:
            if edge.kind != "timer":
                into.setdefault(edge.target, []).append(edge)
        return {target: edges for target, edges in into.items() if len({edge.source for edge in edges}) >= MANY}

    def edges_by_place(self, track: Track, edges: list[DrawnEdge]) -> dict[str | None, list[DrawnEdge]]:
        """The edges outside notes, by the innermost state around both ends; None for the track.

        There is one edge for all of the same kind between two states.
        """
        noted = {id(edge) for edges in self.notes.values() for edge in edges}
        drawn: dict[tuple[str, str, str], DrawnEdge] = {}
        for edge in edges:
            if id(edge) not in noted:
                key = (edge.source, edge.target, edge.kind)
                drawn[key] = drawn[key].joined(edge) if key in drawn else edge
        by_place: dict[str | None, list[DrawnEdge]] = {}
        for edge in drawn.values():
            by_place.setdefault(self.place(track, edge), []).append(edge)
        return by_place

    def place(self, track: Track, edge: DrawnEdge) -> str | None:
        """The innermost state around both ends of an edge; the source of an edge to itself or to a state inside."""
        if not self.view.is_leaf(track, edge.source) and is_within(edge.target, edge.source):
            return edge.source
        around = parent_of(edge.source)
        while around is not None and (edge.target == around or not is_within(edge.target, around)):
            around = parent_of(around)
        return around

    def note(self, track: Track, target: str, indent: str) -> Iterator[str]:
        """The note that lists all edges into a state, and the edge from the note."""
        edges = self.notes.get(target, [])
        if not edges:
            return
        full = f"{track.name}.{target}"
        sources = dict.fromkeys(edge.source for edge in edges)
        listed = "\n".join(f"{self.words.state(track, path)} ({track.name}.{path})" for path in sources)
        heading = self.words.words.plural("from", len(sources)).format(count=len(sources))
        lines = wrap_all([f"{heading}:", *dict.fromkeys(label for edge in edges for label in edge.labels)], 34)
        mark = " chosen" if any(edge.is_on_way for edge in edges) else ""
        node: dict[str, str | Label] = {
            **_NOTE,
            "shape": "note",
            "style": "filled",
            "fillcolor": "#fffbe8",
            "color": "#b9ae7c",
            "margin": "0.08,0.05",
            "label": self.label(f"ways:{full}", Label(lines, _SMALL, _QUIET, "start")),
            "class": f"ways{mark}",
            "id": f"ways:{full}",
            "tooltip": _text(listed),
        }
        edge = {"class": f"way{mark}", "id": f"way:many>{full}", "tooltip": _text(listed)}
        yield f"{indent}{self.node('ways:' + full)} [{_attributes(node)}];"
        yield f"{indent}{_quoted('ways:' + full)} -> {_quoted(self.head(track, target))} [{_attributes(edge)}];"

    def edge(self, track: Track, edge: DrawnEdge, indent: str) -> Iterator[str]:
        """An edge: a node with its words, a line to it and an arrow from it.

        Graphviz keeps nodes apart, but not the labels of edges. Both lines are written downwards, from what comes first
        in the document, so that the words lie between the two states.
        """
        start, end = f"{track.name}.{edge.source}", f"{track.name}.{edge.target}"
        name = f"way:{start}>{end}" + ("" if edge.kind == "event" else f":{edge.kind}")
        tooltip = f"{self.words.state(track, edge.source)} → {self.words.state(track, edge.target)}: "
        common = {
            "class": " ".join(
                ["way", *([edge.kind] if edge.kind != "event" else []), *(["chosen"] if edge.is_on_way else [])]
            ),
            "tooltip": _text(tooltip + "; ".join(edge.labels)),
        }
        label = self.label(name, Label(wrap_all(edge.labels, WIDTH), _SMALL, _QUIET))
        yield f"{indent}{_quoted(name)} [{_attributes({**_NOTE, **common, 'label': label, 'id': name})}];"
        line = {**common, "style": {"timer": "dashed", "entered": "dotted"}.get(edge.kind, "solid")}
        if edge.is_on_way:
            line |= {"color": "#b36b00", "penwidth": "2.5"}
        tail, head = self.tail(track, edge), self.head(track, edge.target)
        out = {**line, "id": f"{name}|out", "dir": "none"}
        is_down = self.order[tail] <= self.order[head]
        if tail == f"initial:{start}":  # the line begins at the border of the composite state
            out |= {"ltail" if is_down else "lhead": f"cluster_{start}"}
        ends = (tail, name) if is_down else (name, tail)
        yield f"{indent}{_quoted(ends[0])} -> {_quoted(ends[1])} [{_attributes(out)}];"
        arrow = {**line, "id": f"{name}|in"}
        if self.order[tail] < self.order[head]:
            yield f"{indent}{_quoted(name)} -> {_quoted(head)} [{_attributes(arrow)}];"
        else:
            yield f"{indent}{_quoted(head)} -> {_quoted(name)} [{_attributes({**arrow, 'dir': 'back'})}];"

    def tail(self, track: Track, edge: DrawnEdge) -> str:
        """The node that an edge begins at: of a composite, its initial dot, or a note for edges to states inside."""
        full = f"{track.name}.{edge.source}"
        if self.view.is_leaf(track, edge.source):
            return full
        return f"anywhere:{full}" if is_within(edge.target, edge.source) else f"initial:{full}"


def _text(text: str) -> str:
    """A text as Graphviz shows it unchanged: backslashes doubled, and no entity left that it would read."""
    return text.replace("\\", "\\\\").replace("&", "&amp;").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _attributes(values: Mapping[str, str | Label]) -> str:
    return ", ".join(
        f"{name}={value.table() if isinstance(value, Label) else _quoted(value)}" for name, value in values.items()
    )
