"""The quiet hours of a programme include 21:00 to 08:00.

The law of the United States allows no telephone solicitation before 8 in the morning or after 9 in the evening, by the
clock of the person who is called (47 CFR 64.1200(c)(1)). Elsewhere other hours may be right, so this is a warning.

Wrong: `quiet: ["22:00", "07:00"]`. Right: `quiet: ["21:00", "08:00"]`, or longer hours around these.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.outreach.cadence import DEFAULT_QUIET_HOURS, ProgrammeLimits
from journeys.primitives.problems import Problem

ID = "quiet-hours"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each programme that may interrupt patients at night."""
    for programme in subject.programmes.by_key.values() if subject.programmes is not None else ():
        if not ProgrammeLimits.of(programme.messages).quiet.covers(DEFAULT_QUIET_HOURS):
            message = (
                f"'quiet' of the programme '{programme.key}' leaves out some of 21:00 to 08:00, when "
                '47 CFR 64.1200(c)(1) allows no telephone solicitation. Write ["21:00", "08:00"], or longer hours.'
            )
            yield subject.problem_in_programmes(programme.places["quiet"], message, "warning")
