"""Every name in a property exists: its subject, its `from`, and the names in its conditions.

With a misspelled tag that no piece has, `never` would hold without checking anything. Pieces and tags are checked only
where lint also reads the content.

Wrong: `never: {content_tag: hospise}`; `always: {piece: when-to-cal, when: "in_state('disease.treatment')"}`.
Right: `never: {content_tag: hospice}`; `always: {piece: when-to-call, when: "in_state('disease.treatment')"}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import partials_of
from journeys.definition.compiler import condition_scope
from journeys.definition.conditions import ConditionError, parse_condition
from journeys.definition.model import ANYWHERE, Property, Text
from journeys.primitives.problems import Problem, did_you_mean
from journeys.primitives.words import MESSAGE_PURPOSES

ID = "unknown-in-property"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each unknown name and each mistake in a condition."""
    for declared in subject.journey.properties:
        yield from _name(subject, declared)
        if declared.start is not None and declared.start.text != ANYWHERE:
            yield from _state(subject, declared.start)
        for condition in (declared.when, declared.unless):
            if condition is not None:
                yield from _condition(subject, condition)


def _name(subject: LintSubject, declared: Property) -> Iterator[Problem]:
    name = declared.name
    match declared.subject:
        case "state" | "held":
            yield from _state(subject, name)
        case "purpose":
            if name.text not in MESSAGE_PURPOSES:
                hint = did_you_mean(name.text, MESSAGE_PURPOSES)
                yield subject.problem(name.mark, f"Unknown purpose '{name.text[:80]}'.{hint}")
        case "piece" | "first":
            keys = {source.key for source in subject.sources}
            if subject.pieces is not None and name.text not in keys:
                hint = did_you_mean(name.text, keys)
                yield subject.problem(name.mark, f"Unknown piece '{name.text[:80]}'.{hint}")
        case "content_tag":
            tags = {tag for piece in (subject.pieces or {}).values() for tag in piece.tags}
            all_read = subject.pieces is not None and len(subject.pieces) == len(subject.sources)
            if all_read and name.text not in tags:
                hint = did_you_mean(name.text, tags)
                yield subject.problem(name.mark, f"Unknown tag '{name.text[:80]}'; no piece has it.{hint}")

        case "partial":
            if subject.pieces is not None and name.text not in partials_of(subject.pieces.values()):
                hint = did_you_mean(name.text, partials_of(subject.pieces.values()))
                yield subject.problem(name.mark, f"Unknown partial '{name.text[:80]}'; no piece includes it.{hint}")
        case "value":
            values = subject.journey.programme
            if name.text not in values:
                hint = did_you_mean(name.text, values)
                yield subject.problem(name.mark, f"Unknown value '{name.text[:80]}' of the programme.{hint}")
        case "task_for":
            triggers = subject.journey.triggers
            if name.text not in triggers:
                hint = did_you_mean(name.text, triggers)
                yield subject.problem(name.mark, f"Unknown trigger '{name.text[:80]}'.{hint}")


def _state(subject: LintSubject, name: Text) -> Iterator[Problem]:
    if subject.journey.resolve_state(name.text) is None:
        hint = did_you_mean(name.text, subject.journey.state_paths)
        yield subject.problem(name.mark, f"Unknown state '{name.text[:80]}'.{hint}")


def _condition(subject: LintSubject, text: Text) -> Iterator[Problem]:
    conditions = subject.conditions
    try:
        parse_condition(text.text, condition_scope(subject.journey, conditions))
    except ConditionError as error:
        for message in subject.own_mistakes(error, conditions):
            yield subject.problem(text.mark, message)
