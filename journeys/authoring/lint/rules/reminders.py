"""The `remind` of a timer names a page of the journey.

The service sends this piece to the patient when the timer fires.

Wrong: `remind: scan-remainder` where the piece is `scan-reminder`. Right: `remind: scan-reminder`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import NOUNS
from journeys.primitives.problems import Problem, did_you_mean

ID = "reminders"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each reminder that names an unknown piece or a message text."""
    if subject.pieces is None:
        return
    keys = {source.key for source in subject.sources}
    for _, state, timer in subject.timers():
        remind = subject.pieces.get(timer.remind or "")
        if remind is not None and remind.kind != "page":
            message = f"'{remind.key}' in 'remind' of '{state.path}' is {NOUNS[remind.kind]}; write a page."
            yield subject.problem(timer.at("remind"), message)
        elif timer.remind is not None and timer.remind not in keys:
            hint = did_you_mean(timer.remind, keys)
            yield subject.problem(
                timer.at("remind"), f"Unknown piece '{timer.remind}' in 'remind' of '{state.path}'.{hint}"
            )
