"""Every fact that the definition names is declared under `facts`.

The rule checks `requires` and `resets` of triggers, `asks` of entries, `forget` of states, `from` of timers (which must
be a date), and the members of `groups`.

Wrong: `requires: [last_scan]` where only `last_scan_on` is declared. Right: `requires: [last_scan_on]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import Text
from journeys.primitives.problems import Problem, did_you_mean

ID = "unknown-fact"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each undeclared fact."""
    facts = subject.journey.facts
    for text, where in _named_facts(subject):
        if text.text not in facts:
            yield subject.problem(text.mark, f"Unknown fact '{text.text}' in {where}.{did_you_mean(text.text, facts)}")
    for _, state, timer in subject.timers():
        if timer.start is None:
            continue
        declared = facts.get(timer.start)
        if declared is None:
            hint = did_you_mean(timer.start, [name for name, fact in facts.items() if fact.kind.kind == "date"])
            yield subject.problem(timer.at("from"), f"Unknown fact '{timer.start}' in 'from' of '{state.path}'.{hint}")
        elif declared.kind.kind != "date":
            kind = declared.kind.kind
            message = f"'from: {timer.start}' in '{state.path}' must be a date; it is of type {kind}."
            yield subject.problem(timer.at("from"), message)


def _named_facts(subject: LintSubject) -> Iterator[tuple[Text, str]]:
    journey = subject.journey
    for trigger in (*journey.triggers.values(), *journey.ends.values()):
        yield from ((text, f"'requires' of '{trigger.name}'") for text in trigger.requires)
        yield from ((text, f"'resets' of '{trigger.name}'") for text in trigger.resets)
    for entry in journey.entries.values():
        yield from ((text, f"'asks' of '{entry.name}'") for text in entry.asks)
    for _, state in subject.states():
        yield from ((text, f"'forget' of '{state.path}'") for text in state.forget)
    for name, members in journey.groups.items():
        yield from ((text, f"the group '{name}'") for text in members)
