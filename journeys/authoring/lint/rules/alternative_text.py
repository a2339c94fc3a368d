"""The alternative text of a picture describes the picture; it is not a file name and does not begin with "image of …".

A patient who cannot see the picture hears this text instead. The screen reader already says that it is an image
(WCAG 1.1.1). A picture without any alternative text is reported when the piece is read.

Wrong: `image_alt: figure.svg`, `image_alt: Image of a lung`. Right: `image_alt: A lung with one lobe colored`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import Piece
from journeys.primitives.problems import Problem

ID = "alternative-text"
_FILE = re.compile(r"\S+\.(svg|png|jpe?g|gif|webp)", re.IGNORECASE)
_BEGINNINGS = re.compile(
    r"(an? |the |una? |el |la )?"
    r"((image|picture|photo|photograph|figure|graphic|illustration|drawing|icon) (of|showing|that shows)"
    r"|(imagen|foto|fotografía|figura|gráfico|ilustración|dibujo|ícono|icono) (de|del|que muestra))\b",
    re.IGNORECASE,
)
_LEAST = 3


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each alternative text that does not describe its picture."""
    for piece, text in subject.texts:
        for line in text.lines:
            wrong = _wrong(line.text, piece) if line.name == "image_alt" else ""
            if wrong:
                message = f"The alternative text \u201c{line.text[:60]}\u201d {wrong}; describe what the picture shows."
                yield subject.problem_in_text(line.position, message)


def _wrong(text: str, piece: Piece) -> str:
    stem = piece.image.file.rpartition(".")[0] if piece.image is not None else ""
    begins = _BEGINNINGS.match(text)
    if _FILE.fullmatch(text) or text.lower() == stem:
        return "is a file name"
    if begins is not None:
        return f"begins with \u201c{begins[0]}\u201d, which screen readers say already"
    if len(text.split()) < _LEAST:
        return f"has fewer than {_LEAST} words"
    return ""
