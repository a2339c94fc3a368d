"""A value that `contacts` or a programme names is declared under `programme` of the journey.

Wrong: `phone: care_team_fone` in `contacts`, or an undeclared value in `<journey>.programmes.yaml`.
Right: `phone: care_team_phone`, where the journey declares `care_team_phone`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem, did_you_mean

ID = "unknown-programme-value"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each undeclared name."""
    declared = subject.journey.programme
    for contact in subject.journey.contacts.values():
        for part, value in contact.parts.items():
            if value.text not in declared:
                hint = did_you_mean(value.text, declared)
                message = f"Unknown value '{value.text[:80]}' as the {part} of the contact '{contact.name}'.{hint}"
                yield subject.problem(value.mark, message)
    for programme in subject.programmes.by_key.values() if subject.programmes is not None else ():
        for name, setting in programme.values.items():
            if name not in declared:
                hint = did_you_mean(name, declared)
                message = f"Unknown value '{name[:80]}'; the journey declares its values under 'programme'.{hint}"
                yield subject.problem_in_programmes(setting.mark, message)
