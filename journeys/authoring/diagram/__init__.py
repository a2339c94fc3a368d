"""A journey drawn: each track by Graphviz, all on one sheet as SVG; and as Mermaid text. Reads values, writes text.

Every composite state is a box. Reactions that stay are left out. A state that many others lead
to has one edge, from a note that names them all, or the picture would be a ball of wool. `labels` explains why no
word leaves its box.
"""

from __future__ import annotations

import threading

from journeys.authoring.diagram.dot import TITLE_SIZE, DotText
from journeys.authoring.diagram.labels import Label, wrap, write_labels
from journeys.authoring.diagram.mermaid import mermaid_lines
from journeys.authoring.diagram.sheet import TrackDrawing, sheet
from journeys.authoring.diagram.view import DiagramView, Way, composites, way_between
from journeys.authoring.diagram.words import WHOLE, DiagramWords
from journeys.definition.model import Journey, Track

__all__ = ["WHOLE", "DiagramView", "DiagramWords", "Way", "composites", "mermaid", "svg", "way_between"]

_ONE_AT_A_TIME = threading.Lock()


def svg(journey: Journey, view: DiagramView = WHOLE, *, locale: str | None = None) -> str:
    """The journey as an SVG image, the same on every machine.

    Ids are `track:<name>`, `state:<full path>` and `way:<full path>><full path>`, with `:timer` or `:entered` behind
    them; the two lines of a way have `|out` and `|in` behind that. Classes are `track`, `state`, `composite`, `folded`,
    `held`, `lit`, `chosen`, `way`, `ways`, `timer`, `entered`.

    Args:
        journey: a journey without problems; a `to` that leads nowhere is left out.
        view: what is drawn, folded and highlighted.
        locale: the language of titles; the journey's first unless given.
    """
    words = DiagramWords(journey, locale)
    tracks = [track for track in journey.tracks.values() if track.name in (view.tracks or journey.tracks)]
    drawings = [TrackDrawing.read(_draw(track, DotText(words, view))) for track in tracks]
    return sheet(
        journey.key, Label(wrap(words.title(journey.title, journey.key), 60), TITLE_SIZE, align="start"), drawings
    )


def mermaid(journey: Journey, *, locale: str | None = None) -> str:
    """The journey as Mermaid `stateDiagram-v2` text."""
    return "\n".join(mermaid_lines(DiagramWords(journey, locale))) + "\n"


def _draw(track: Track, text: DotText) -> str:
    import pygraphviz

    lines = "\n".join(text.lines(track)) + "\n"
    with _ONE_AT_A_TIME:
        graph = pygraphviz.AGraph(string=lines)
        try:
            drawn: bytes = graph.draw(format="svg", prog="dot")
        finally:
            graph.close()
    return write_labels(drawn.decode(), text.labels)
