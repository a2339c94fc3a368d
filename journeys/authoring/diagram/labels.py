"""Labels of a diagram: Graphviz reserves a box for each, and the words are written into the drawing afterwards.

Graphviz measures text with the fonts of the machine that it runs on, while a browser draws it with the fonts of
another: with them words left their boxes, and on a machine without fonts all sizes were wrong. So Graphviz sees no
text. A label is an empty table of a fixed size, computed from the widths of Helvetica (`text_size`), and every line is
written into its box with `textLength`: a font with other widths is scaled to the width that was reserved.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from math import ceil, sqrt
from typing import Literal

from journeys.authoring.diagram.text_size import LINE_HEIGHT, text_width

#: The fill of the boxes that Graphviz reserves; no other part of a drawing has this color.
_RESERVED = "#010203"
_GROUP_OR_BOX = re.compile(rf'<g id="(?P<group>[^"]+)"|<polygon fill="{_RESERVED}"[^>]* points="(?P<points>[^"]+)"/>')
#: The baseline below the top of a line, as a part of the font size.
_BASELINE = 0.95
#: Much text has about this many characters in a line for each line.
_WIDER = 2.5


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text; `size` and the additional width `room` are in points."""

    lines: tuple[str, ...]
    size: int
    color: str = "black"
    align: Literal["middle", "start"] = "middle"
    room: int = 0

    @property
    def width(self) -> int:
        """The width of the box: of its longest line, and the additional width."""
        return ceil(max((text_width(line, self.size) for line in self.lines), default=0)) + self.room + 2

    @property
    def height(self) -> int:
        """The height of the box."""
        return ceil(max(len(self.lines), 1) * self.size * LINE_HEIGHT)

    def table(self) -> str:
        """An empty table of the size of the label, as an HTML label of the DOT language."""
        return (
            '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" FIXEDSIZE="TRUE" '
            f'WIDTH="{self.width}" HEIGHT="{self.height}" BGCOLOR="{_RESERVED}"><TR><TD></TD></TR></TABLE>>'
        )

    def svg(self, left: float, top: float) -> str:
        """The lines as SVG texts, in a box whose corner is at `left` and `top`."""
        x = left + 1 if self.align == "start" else left + (self.width - self.room) / 2
        texts = []
        for number, line in enumerate(self.lines):
            y = top + (number * LINE_HEIGHT + _BASELINE) * self.size
            texts.append(
                f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{self.align}" font-size="{self.size}" '
                f'fill="{self.color}" textLength="{text_width(line, self.size):.2f}" '
                f'lengthAdjust="spacingAndGlyphs">{escape(line, quote=False)}</text>'
            )
        return "\n".join(texts)


def wrap(text: str, width: int) -> tuple[str, ...]:
    """A text in lines of about that many characters; words stay whole."""
    return tuple(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def wrap_all(texts: Sequence[str], width: int) -> tuple[str, ...]:
    """Several texts, each beginning on a line of its own; lines of much text are longer, so that it is not a column."""
    longer = max(width, round(sqrt(sum(map(len, texts)) * _WIDER)))
    return tuple(line for text in texts for line in wrap(text, longer))


def write_labels(drawing: str, labels: Mapping[str, Label]) -> str:
    """An SVG image by Graphviz, with the words of each label in the box that was reserved for it.

    Args:
        drawing: the SVG image.
        labels: the labels by the id of the group that holds their box.
    """
    group = ""

    def write(match: re.Match[str]) -> str:
        nonlocal group
        if match["group"] is not None:
            name = unescape(match["group"])
            group = name if name in labels else group
            return match[0]
        corners = [tuple(map(float, corner.split(","))) for corner in match["points"].split()]
        return labels[group].svg(min(x for x, _ in corners), min(y for _, y in corners))

    return _GROUP_OR_BOX.sub(write, drawing)
