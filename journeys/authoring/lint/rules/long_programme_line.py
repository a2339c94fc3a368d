"""Titles, summaries, subjects, text messages and push messages stay short enough with the values of every programme.

A text message takes no more parts than the piece says (`text-parts`). Shorten the line of the piece or the value of the
programme.

Wrong: a title of 110 characters with `{{ programme.team }}`, where the name of the team has 30. Right: a shorter title.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.rules.text_parts import needs
from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import MAX_LENGTHS, PieceText
from journeys.content.text_message import measure
from journeys.definition.programmes import filled_line, references_in, values_of
from journeys.primitives.problems import Problem

ID = "long-programme-line"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem, at the programme, for each line that its values make too long."""
    if subject.programmes is None or not subject.pieces:
        return
    lines = [
        (piece.key, text, name, line)
        for piece in subject.pieces.values()
        for text in piece.texts.values()
        for name, line in {**text.lines, "text": subject.as_sent(piece, text)}.items()
        if line is not None and references_in(line)
    ]
    for programme in subject.programmes.by_key.values():
        values = values_of(programme)
        for key, text, name, line in lines:
            wrong = _wrong(name, filled_line(line, values, text.locale), text)
            if wrong:
                message = f"With the values of '{programme.key}', '{name}' of the piece '{key}' ({text.locale}) {wrong}"
                yield subject.problem_in_programmes(programme.mark, message)


def _wrong(name: str, line: str, text: PieceText) -> str:
    """The end of a sentence about a line that is too long, or nothing."""
    has = f"has {len(line)} characters"
    if name == "text":
        size = measure(line)
        return (
            f"{has} and {needs(size)}; at most {text.text_parts} is accepted." if size.parts > text.text_parts else ""
        )
    return f"{has}; at most {MAX_LENGTHS[name]} are accepted." if len(line) > MAX_LENGTHS[name] else ""
