"""The `remind` of a timer names a piece of the journey.

The service sends this piece to the patient when the timer fires.

Wrong: `remind: scan-remainder` where the piece is `scan-reminder`. Right: `remind: scan-reminder`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem, did_you_mean

ID = "reminders"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each reminder that names an unknown piece."""
    if subject.pieces is None:
        return
    keys = {source.key for source in subject.sources}
    for _, state, timer in subject.timers():
        if timer.remind is not None and timer.remind not in keys:
            hint = did_you_mean(timer.remind, keys)
            yield subject.problem(
                timer.at("remind"), f"Unknown piece '{timer.remind}' in 'remind' of '{state.path}'.{hint}"
            )
