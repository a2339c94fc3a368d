"""A journey drawn: as DOT that is written here, as SVG by Graphviz, and as Mermaid text. Reads values, writes text.

Every track is a box, every composite state a box in it. Reactions that stay are left out. A state that many others lead
to has one edge, from a note that names them all, or the picture would be a ball of wool.
"""

from __future__ import annotations

import threading

from journeys.authoring.diagram.dot import DotText
from journeys.authoring.diagram.mermaid import mermaid_lines
from journeys.authoring.diagram.words import DiagramWords
from journeys.definition.model import Journey

_ONE_AT_A_TIME = threading.Lock()


def dot(journey: Journey, highlight: frozenset[str] = frozenset(), *, locale: str | None = None) -> str:
    """The journey as a DOT graph.

    Args:
        journey: a journey without problems; a `to` that leads nowhere is left out.
        highlight: full paths of states to light (class `lit`).
        locale: the language of titles; the journey's first unless given.
    """
    return "\n".join(DotText(DiagramWords(journey, locale), highlight).lines()) + "\n"


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
    return "\n".join(mermaid_lines(DiagramWords(journey, locale))) + "\n"


def _drawn(text: str, form: str) -> bytes:
    import pygraphviz

    with _ONE_AT_A_TIME:
        graph = pygraphviz.AGraph(string=text)
        try:
            drawn: bytes = graph.draw(format=form, prog="dot")
        finally:
            graph.close()
    return drawn
