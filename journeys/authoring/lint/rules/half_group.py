"""The facts of a group belong together: a list names all of them or none, and the same reporters may report them.

The rule checks `requires` and `resets` of triggers, `asks` of entries and `forget` of states. It also checks `groups`:
a group has at least two members, a fact belongs to at most one group, and all members have the same `by`.

Wrong: `asks: [stage_group]` where the group is `stage: [stage_group, stage_edition]`. The service would refuse every
answer, because half of the group is missing. Right: `asks: [stage_group, stage_edition]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import Text
from journeys.primitives.problems import Problem

ID = "half-group"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each list that names only a part of a group, and for each wrong group."""
    yield from _groups(subject)
    for texts, where in _named_lists(subject):
        names = {text.text for text in texts}
        for group, members in subject.journey.groups.items():
            lacking = [member.text for member in members if member.text not in names]
            first = next((text for text in texts if text.text in {member.text for member in members}), None)
            if first is not None and lacking:
                message = f"{where} names only a part of the group '{group}'; add {', '.join(lacking)}."
                yield subject.problem(first.mark, message)


def _groups(subject: LintSubject) -> Iterator[Problem]:
    facts = subject.journey.facts
    seen: dict[str, str] = {}
    for group, members in subject.journey.groups.items():
        for member in members:
            if member.text in seen:
                message = (
                    f"'{member.text}' is already in the group '{seen[member.text]}'; a fact belongs to one group only."
                )
                yield subject.problem(member.mark, message)
            seen.setdefault(member.text, group)
        tellers = {member.text: facts[member.text].by for member in members if member.text in facts}
        for member in members:
            first = next(iter(tellers.values()), frozenset())
            if tellers.get(member.text, first) != first:
                message = f"'{member.text}' and the rest of the group '{group}' must have the same 'by'."
                yield subject.problem(member.mark, message)
        if len(members) == 1:
            yield subject.problem(members[0].mark, f"The group '{group}' has one member; a group needs at least two.")


def _named_lists(subject: LintSubject) -> Iterator[tuple[Sequence[Text], str]]:
    journey = subject.journey
    for trigger in (*journey.triggers.values(), *journey.ends.values()):
        yield trigger.requires, f"'requires' of '{trigger.name}'"
        yield trigger.resets, f"'resets' of '{trigger.name}'"
    for entry in journey.entries.values():
        yield entry.asks, f"'asks' of the entry '{entry.name}'"
    for _, state in subject.states():
        yield state.forget, f"'forget' of '{state.path}'"
