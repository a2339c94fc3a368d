"""Every programme sets every value that the journey declares, and has its title and texts in every locale.

Any page may show such a value. A missing value therefore stops publication, so that no patient sees a blank.

Wrong: a programme without `care_team_phone`, where the journey declares it. Right: `care_team_phone: +1 555 010 0100`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import Titles
from journeys.definition.programmes import accepts
from journeys.primitives.problems import Problem

ID = "missing-programme-value"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each value, title or language that a programme lacks."""
    locales = subject.journey.locales
    example = ", ".join(f"{locale}: …" for locale in locales)
    for programme in subject.programmes.by_key.values() if subject.programmes is not None else ():
        subject_text = f"The programme '{programme.key}'"
        lacking = [locale for locale in locales if locale not in programme.title]
        if lacking and programme.title.mark is not None:  # without any, its shape was refused
            message = f"{subject_text} has no title in {', '.join(lacking)}; write {{{example}}}."
            yield subject.problem_in_programmes(programme.title.mark, message)
        for name, declared in subject.journey.programme.items():
            value = programme.values.get(name)
            if value is None:
                message = f"{subject_text} does not set '{name}'; write {accepts(declared)}."
                yield subject.problem_in_programmes(programme.mark, message)
            elif isinstance(value.text, Titles) and declared.kind == "text":
                lacking = [locale for locale in locales if locale not in value.text]
                if lacking:
                    missing = f"{subject_text} does not set '{name}' in {', '.join(lacking)}"
                    yield subject.problem_in_programmes(
                        value.value_mark, f"{missing}; write {{{example}}}, or one text."
                    )
