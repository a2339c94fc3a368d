"""There is one reply to each question, one message frame for each channel, one verification text and one sign-in text.

The service would not know which of two to send. Consent texts may be many: each names what it asks for.

Wrong: `answers: help` in two pieces of `_texts`. Right: one of them, or `answers: unknown` in the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import Piece
from journeys.primitives.problems import Problem

ID = "duplicate-text"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each reply, frame or text with a code that is not the first of its kind."""
    first: dict[tuple[str, str], str] = {}
    for key, piece in sorted((subject.pieces or {}).items()):
        name, value = _task_of(piece)
        if value is None:
            continue
        other = first.setdefault((name, value), key)
        if other != key:
            message = f"'{other}' already has '{name}: {value}'; keep one of the two."
            yield subject.problem_in_text(piece.positions[name], message)


def _task_of(piece: Piece) -> tuple[str, str | None]:
    """The key of `piece.yaml` that says what a message text is for, with its value; None: there may be several."""
    match piece.kind:
        case "reply":
            return "answers", piece.answers
        case "verification" | "sign_in":
            return "kind", piece.kind
        case _:
            return "frames", piece.frames
