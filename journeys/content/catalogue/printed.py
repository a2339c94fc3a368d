"""What a piece prints to every reader: the partials and values of the programme outside every `if`, in every locale."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from journeys.content.catalogue.piece import Piece, PieceText
from journeys.content.catalogue.sources import PARTIALS
from journeys.content.templates import Node, OfProgramme, SourcePosition, Value, Words, walk


def prints_partial(piece: Piece, name: str) -> bool:
    """Whether every text of the piece includes a partial, by its name without locale, and none of it in an `if`."""
    return bool(piece.texts) and all(name in _partials(text.body.body) for text in piece.texts.values())


def prints_value(piece: Piece, name: str) -> bool:
    """Whether every text of the piece shows a value of the programme outside every `if`, or its button calls it."""
    if piece.action is not None and piece.action.kind == "call" and piece.action.target == name:
        return True
    return bool(piece.texts) and all(name in _values(text) for text in piece.texts.values())


def partials_of(pieces: Iterable[Piece]) -> set[str]:
    """The names of all partials that pieces include, in an `if` or outside."""
    return {name for piece in pieces for text in piece.texts.values() for name in _partials(walk(text.body.body))}


def _values(text: PieceText) -> set[str]:
    return {node.name for node in text.body.body if isinstance(node, OfProgramme)}


def _partials(nodes: Iterable[Node]) -> set[str]:
    positions = (node.place for node in nodes if isinstance(node, Words | Value | OfProgramme))
    return {name for position in positions if position is not None for name in _partial_of(position)}


def _partial_of(position: SourcePosition) -> Iterable[str]:
    path = PurePosixPath(position.file)
    if path.parent.name == PARTIALS:
        yield path.name.partition(".")[0]
