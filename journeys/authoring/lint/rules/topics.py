"""The `topic` of a piece is declared under `topics`, and each declared topic has a piece.

A person may switch a topic off, and share it with a caregiver. A topic without a piece would change nothing; this is
only a warning, because the piece may not be written yet.

Wrong: `topic: scan` where `topics: {scans: …}`. Right: `topic: scans`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem, did_you_mean

ID = "topics"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each unknown topic, and a warning for each topic without a piece."""
    if subject.pieces is None:
        return
    journey = subject.journey
    topics = {piece.topic for piece in subject.pieces.values()}
    for piece in subject.pieces.values():
        if piece.topic is not None and piece.topic not in journey.topics:
            message = f"Unknown topic '{piece.topic[:80]}'.{did_you_mean(piece.topic, journey.topics)}"
            yield subject.problem_in_text(piece.positions["topic"], message)
    if len(subject.pieces) < len(subject.sources):
        return  # a piece that could not be read may have it
    for name, title in journey.topics.items():
        if name not in topics:
            message = f"No piece has the topic '{name}'."
            yield subject.problem(title.mark or journey.mark, message, "warning")
