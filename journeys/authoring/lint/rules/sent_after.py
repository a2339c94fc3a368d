"""The `after` of a piece names another piece that is sent: one with `send`, or a reminder.

A piece that is never sent has no successor, and neither have pieces that wait for each other.

Wrong: `send: {after: scan-plam}` where the piece is `scan-plan`. Right: `send: {after: scan-plan}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import Piece
from journeys.primitives.problems import Problem, did_you_mean

ID = "sent-after"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each `after` that names no piece, one that is never sent, or a piece that waits for it."""
    pieces = subject.pieces or {}
    keys = {source.key for source in subject.sources}
    for piece in pieces.values():
        if piece.send is None or piece.send.after is None:
            continue
        other = piece.send.after
        message = ""
        if other not in keys:
            sent = [key for key, candidate in pieces.items() if _is_sent(candidate)]
            message = f"Unknown piece '{other[:80]}' in 'after' of 'send'.{did_you_mean(other, sent)}"
        elif other in pieces and not _is_sent(pieces[other]):
            message = f"'{other}' is never sent. Name a piece with 'send' or 'reminder'."
        elif piece.key in _before(piece, pieces):
            message = f"'{piece.key}' waits for itself. Let one of the pieces be sent 'on: entry'."
        if message:
            yield subject.problem_in_text(piece.positions["send.after"], message)


def _is_sent(piece: Piece) -> bool:
    return piece.send is not None or piece.is_reminder


def _before(piece: Piece, pieces: Mapping[str, Piece]) -> list[str]:
    """The pieces for which a piece waits, the next one first; each once."""
    before: list[str] = []
    current: Piece | None = piece
    while current is not None and current.send is not None and current.send.after is not None:
        if current.send.after in before:
            break
        before.append(current.send.after)
        current = pieces.get(before[-1])
    return before
