"""Arranges the drawings of the tracks of a journey on one sheet, in rows. It draws no track."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import sqrt

from journeys.authoring.diagram.labels import Label
from journeys.authoring.diagram.text_size import FONT

_SVG = re.compile(r'<svg\b[^>]*? viewBox="0\.00 0\.00 ([\d.]+) ([\d.]+)"[^>]*>(.*)</svg>', re.DOTALL)
#: A sheet is so much wider than a square of the same area, because windows are.
_WIDER = 1.6
_MARGIN = 20


@dataclass(frozen=True, slots=True)
class TrackDrawing:
    """The drawing of one track: its size in points, and the SVG elements in it."""

    width: float
    height: float
    content: str

    @classmethod
    def read(cls, svg: str) -> TrackDrawing:
        """The drawing that is in an SVG document by Graphviz."""
        document = _SVG.search(svg)
        assert document is not None
        return cls(float(document[1]), float(document[2]), document[3].strip())


def sheet(key: str, title: Label, drawings: Sequence[TrackDrawing]) -> str:
    """An SVG document with a title, and below it the drawings in rows; rows are filled by height, the highest first."""
    rows = list(_rows(drawings))
    width: float = max([title.width + 2 * _MARGIN, *(sum(drawing.width for drawing in row) for row in rows)])
    top: float = title.height + _MARGIN
    placed = []
    for row in rows:
        left = 0.0
        for drawing in row:
            placed.append(f'<g transform="translate({left:.2f} {top:.2f})">\n{drawing.content}\n</g>')
            left += drawing.width
        top += max(drawing.height for drawing in row)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg width="{width:.0f}pt" height="{top:.0f}pt" viewBox="0 0 {width:.2f} {top:.2f}" '
            f'font-family="{FONT}" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">',
            f'<g id="journey:{key}" class="journey">',
            f"<title>{escape(key)}</title>",
            f'<rect class="sheet" width="{width:.2f}" height="{top:.2f}" fill="white"/>',
            f'<g class="title">{title.svg(_MARGIN, _MARGIN)}</g>',
            *placed,
            "</g>",
            "</svg>\n",
        ]
    )


def _rows(drawings: Sequence[TrackDrawing]) -> Iterable[list[TrackDrawing]]:
    """The drawings in rows of about the same width; in each row they keep their order."""
    area = sum(drawing.width * drawing.height for drawing in drawings)
    limit = max([sqrt(area) * _WIDER, *(drawing.width for drawing in drawings)])
    row: list[int] = []
    for number in sorted(range(len(drawings)), key=lambda number: -drawings[number].height):
        if row and sum(drawings[other].width for other in (*row, number)) > limit:
            yield [drawings[other] for other in sorted(row)]
            row = []
        row.append(number)
    if row:
        yield [drawings[other] for other in sorted(row)]
