"""Every fact has a use: a condition or a text reads it, a timer counts from it, a trigger requires it, or it is held.

A fact that nothing uses is asked in vain, and is kept without a purpose. Of a group, which is told as a whole, one used
fact is enough. `kept` names a purpose outside the journey, such as a report of the programme.

Wrong: `goes_by: {type: text}`, which no text prints. Right: no such fact, or `kept: for letters of the programme`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.conditions import facts_read
from journeys.definition.model import Text
from journeys.primitives.problems import Problem

ID = "unused-fact"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each fact without a use; none while pieces with mistakes are left out."""
    if subject.pieces is None or len(subject.pieces) < len(subject.sources):
        return
    journey = subject.journey
    used = set(_used(subject))
    purposes = used | {fact.name for fact in journey.facts.values() if fact.kept}
    for members in journey.groups.values():
        names = {text.text for text in members}
        purposes |= names if purposes & names else set()
    for fact in journey.facts.values():
        if fact.name in used and fact.kept:
            message = f"'kept' of '{fact.name}' is not needed: the journey uses the fact."
            yield subject.problem(fact.mark, message, "warning")
        elif fact.name not in purposes:
            message = (
                f"Nothing uses the fact '{fact.name}': no condition, timer, trigger or text. Remove it, or name its "
                "purpose outside the journey: 'kept: …'."
            )
            yield subject.problem(fact.mark, message, "warning")


def _used(subject: LintSubject) -> Iterator[str]:
    journey = subject.journey
    for node in subject.conditions.values():
        yield from facts_read(node)
    texts: list[tuple[str | None, Text | None]]
    texts = [(track.name, transition.when) for track, _, transition in subject.transitions()]
    texts += [(track.name, timer.when) for track, _, timer in subject.timers()]
    texts += [(None, text) for declared in journey.properties for text in (declared.when, declared.unless)]
    texts += [(None, survey.when) for survey in journey.surveys.values()]
    for track_name, text in texts:
        parsed = subject.parsed(text, track_name)
        yield from facts_read(parsed) if parsed is not None else ()
    yield from (timer.start for _, _, timer in subject.timers() if timer.start is not None)
    for trigger in (*journey.triggers.values(), *journey.ends.values()):
        yield from (required.text for required in trigger.requires)
    yield from (fact.name for fact in journey.facts.values() if fact.hold is not None)
    for piece in (subject.pieces or {}).values():
        yield from piece.when.facts if piece.when is not None else ()
        for piece_text in piece.texts.values():
            yield from piece_text.body.facts
