"""Each topic under `topics` has a piece, and the pieces of a topic fit it.

A patient may decline a topic, and share it with a caregiver. A topic without a piece would change nothing; this is only
a warning, because the piece may not be written yet.

What keeps a patient safe cannot be declined: a piece with `critical: true` or with the tag `safety`, and a piece that a
property demands (`always`, `first`), have no topic.

A topic with `on_request: true` is for patients who asked for it, on the screen. A piece of it is never sent, and it has
`web` among its channels.

Wrong: `topic: outlook` with `send: {on: entry}` where `outlook` is on request. Right: without `send`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import Piece
from journeys.primitives.problems import Problem

ID = "topics"
_DEMANDING = ("piece", "first")
#: The subjects of a property by which a piece must always be shown.
_NEVER_SENT = (
    "The topic '{}' is on request, and a message about it would come unasked. Remove '{}', or choose another topic."
)


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each unfit topic of a piece, and a warning for each topic without a piece."""
    if subject.pieces is None:
        return
    journey = subject.journey
    topics = {piece.topic for piece in subject.pieces.values()}
    demanded = {text.name.text for text in journey.properties if text.kind == "always" and text.subject in _DEMANDING}
    for piece in subject.pieces.values():
        if piece.topic is not None and (piece.is_of_safety or piece.key in demanded):
            message = "A patient may decline a topic, and this piece keeps patients safe. Remove 'topic'."
            yield subject.problem_in_text(piece.positions["topic"], message)
        elif piece.topic in journey.on_request:
            yield from _on_request(subject, piece)
    if len(subject.pieces) < len(subject.sources):
        return  # a piece that could not be read may have it
    for name, title in journey.topics.items():
        if name not in topics:
            message = f"No piece has the topic '{name}'."
            yield subject.problem(title.mark or journey.mark, message, "warning")


def _on_request(subject: LintSubject, piece: Piece) -> Iterator[Problem]:
    """Yields a problem where a piece of a topic on request is sent, or is not on the screen, where it is asked for."""
    topic = str(piece.topic)
    if piece.send is not None:
        yield subject.problem_in_text(piece.positions["send"], _NEVER_SENT.format(topic, "send"))
    if piece.is_reminder:
        yield subject.problem_in_text(piece.positions["reminder"], _NEVER_SENT.format(topic, "reminder"))
    for _, _, timer in subject.timers():
        if timer.remind == piece.key:
            yield subject.problem(timer.at("remind"), _NEVER_SENT.format(topic, "remind"))
    if "web" not in piece.channels:
        message = (
            f"The topic '{topic}' is on request, and patients ask for it and read it on the screen. "
            "Add 'web' to 'channels'."
        )
        yield subject.problem_in_text(piece.positions["topic"], message)
