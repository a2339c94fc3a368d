"""Titles, summaries, subjects, text messages and push messages stay short enough with the values of every programme.

The phone network splits a text message of more than 160 characters into parts, or drops it. Shorten the line of the
piece or the value of the programme.

Wrong: a title of 110 characters with `{{ programme.team }}`, where the name of the team has 30. Right: a shorter title.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import MAX_LENGTHS
from journeys.definition.programmes import filled_line, references_in, values_of
from journeys.primitives.problems import Problem

ID = "long-programme-line"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem, at the programme, for each line that its values make too long."""
    if subject.programmes is None or not subject.pieces:
        return
    lines = [
        (piece.key, text.locale, name, line)
        for piece in subject.pieces.values()
        for text in piece.texts.values()
        for name, line in text.lines.items()
        if references_in(line)
    ]
    for programme in subject.programmes.by_key.values():
        values = values_of(programme)
        for key, locale, name, line in lines:
            length = len(filled_line(line, values, locale))
            if length > MAX_LENGTHS[name]:
                message = (
                    f"With the values of '{programme.key}', '{name}' of the piece '{key}' ({locale}) has {length} "
                    f"characters; at most {MAX_LENGTHS[name]} are accepted."
                )
                yield subject.problem_in_programmes(programme.mark, message)
