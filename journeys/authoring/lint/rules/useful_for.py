"""A piece that is sent by `sms` or `push` says in `useful_for` how long the message is worth sending.

After an outage, or when quiet hours end, an old message is not sent any more. A reminder that a timer sends before a
date needs no `useful_for`: it is useful until that date.

Wrong: `reminder: true` and `channels: [email, sms]`, sent two weeks after entry. Right: `useful_for: P3D` beside them.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import INTERRUPTING
from journeys.definition.model import Timer
from journeys.primitives.problems import Problem

ID = "useful-for"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each piece that interrupts patients and has no `useful_for`."""
    reminded = {timer.remind for _, _, timer in subject.timers() if not _is_before_a_date(timer)}
    for piece in (subject.pieces or {}).values():
        channels = [channel for channel in INTERRUPTING if channel in piece.channels]
        is_sent = piece.send is not None or (piece.is_reminder and piece.key in reminded)
        if is_sent and channels and piece.useful_for is None:
            message = f"The piece goes out by {' and '.join(channels)}, so it needs 'useful_for', such as P3D."
            yield subject.problem_in_text(piece.positions["reminder" if piece.is_reminder else "send"], message)


def _is_before_a_date(timer: Timer) -> bool:
    return timer.start is not None and timer.duration.is_negative
