"""The notes of an annotated page: their numbers, and the links to them. It reads no file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from journeys.content.catalogue import Piece, Reference
from journeys.content.markdown import parse
from journeys.content.templates import Filled

_CITED = re.compile(r'<sup class="footnote-ref"><a [^>]*>\[([0-9]+)\]</a></sup>')
_CITED_PLAIN = re.compile(r"\[([0-9]+)\]")


class Citations:
    """Numbers the notes once for the page, in the order of their first citation."""

    def __init__(self, piece: Piece, locale: str) -> None:
        self.piece = piece
        self.prefix = f"{piece.key}-{locale}"
        self.numbers: dict[str, int] = {}

    @property
    def cited(self) -> Iterator[Reference]:
        """The sources that the page cites, in the order of their numbers."""
        return (self.piece.references[label] for label in self.numbers if label in self.piece.references)

    def of(self, filled: Filled) -> list[int]:
        """The number on the page of each note that a text cites, in the order of the text's own numbers."""
        return [self.numbers.setdefault(label, len(self.numbers) + 1) for label in parse(filled.text)[1]]

    def html(self, made: str, numbers: Sequence[int]) -> str:
        """The HTML of a text with the numbers of the page, each a link to its source."""

        def link(match: re.Match[str]) -> str:
            number = numbers[int(match[1]) - 1]
            return f'<sup><a href="#{self.prefix}-source-{number}">[{number}]</a></sup>'

        return _CITED.sub(link, made)

    def plain(self, made: str, numbers: Sequence[int]) -> str:
        """The plain text with the numbers of the page."""
        own = {str(number): f"[{page_number}]" for number, page_number in enumerate(numbers, start=1)}
        return _CITED_PLAIN.sub(lambda match: own.get(match[1], match[0]), made)
