"""The value that a programme sets matches its declared type, and a contact uses values of the type it needs.

A phone number has digits, blanks, `+`, `-`, brackets and `ext`; a web address begins with `https://`. Only a text may
differ by locale.

Wrong: `care_team_phone: ask at the desk`. Right: `care_team_phone: +1 555 010 0100`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import CONTACTS, ProgrammeValue, Titles
from journeys.definition.programmes import ValueSetting, accepts, is_accepted
from journeys.primitives.problems import Problem, did_you_mean

ID = "programme-value-type"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each value that does not match its type."""
    declared = subject.journey.programme
    for contact in subject.journey.contacts.values():
        for part, value in contact.parts.items():
            needed = CONTACTS[contact.name][part]
            if value.text in declared and declared[value.text].kind != needed:
                fitting = [name for name, declaration in declared.items() if declaration.kind == needed]
                message = (
                    f"The {part} of the contact '{contact.name}' must be a value of type {needed}; "
                    f"'{value.text}' is of type {declared[value.text].kind}.{did_you_mean(value.text, fitting)}"
                )
                yield subject.problem(value.mark, message)
    for programme in subject.programmes.by_key.values() if subject.programmes is not None else ():
        for name, value_set in programme.values.items():
            if name in declared:
                yield from _check_value(
                    subject, declared[name], value_set, f"'{name}' of the programme '{programme.key}'"
                )


def _check_value(subject: LintSubject, value: ProgrammeValue, value_set: ValueSetting, where: str) -> Iterator[Problem]:
    if not isinstance(value_set.text, Titles):
        if not is_accepted(value, value_set.text):
            yield subject.problem_in_programmes(value_set.value_mark, f"{where} must be {accepts(value)}.")
        return
    if value.kind != "text":
        message = f"{where} is of type {value.kind}, the same in every language; write {accepts(value)}."
        yield subject.problem_in_programmes(value_set.value_mark, message)
        return
    for locale, text in value_set.text.items():
        mark = value_set.text.places.get(locale, value_set.value_mark)
        if locale not in subject.journey.locales:
            hint = did_you_mean(locale, subject.journey.locales)
            message = f"{where} is given in '{locale}', which is not in 'locales' of the journey.{hint}"
            yield subject.problem_in_programmes(mark, message)
        if not is_accepted(value, text):
            yield subject.problem_in_programmes(mark, f"{where} must be {accepts(value)}.")
