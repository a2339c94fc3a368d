"""A journey that declares values under `programme` has a file `<journey>.programmes.yaml` that sets them.

The file is in the same folder as the definition and contains at least one programme. The rule
`missing-programme-value` reports the values that a programme lacks.

Wrong: `programme: {care_team_phone: …}` without such a file.
Right: the definition with `nsclc.programmes.yaml` beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "no-programmes"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields one problem where nothing sets the values."""
    programmes = subject.programmes
    if programmes is None or programmes.by_key or not subject.journey.programme:
        return
    first = next(iter(subject.journey.programme.values()))
    file = Path(programmes.file).name
    if programmes.exists:
        yield subject.problem(first.mark, f"'{file}' has no programme that sets the values declared here.")
    else:
        message = f"No file '{file}' beside this file. Programmes set the values declared here."
        yield subject.problem(first.mark, message)
