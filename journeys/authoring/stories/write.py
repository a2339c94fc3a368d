"""Writes a story in the format of its file, so that reading it gives the same story. It plays nothing."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.stories.recipient import EASY_TO_REACH, recipient_as_written
from journeys.authoring.stories.script import DEFAULT_REASON, Moment, Story, StoryStep
from journeys.authoring.stories.update import Written, flow
from journeys.definition.model import ANSWERED
from journeys.primitives.canonical import time_text


def story_text(story: Story, *, with_expectations: bool = False) -> str:
    """The file of a story, without what its steps expect.

    Args:
        story: the story; `file` and the marks of its steps are left out.
        with_expectations: whether each step gets an empty `expect`, for `updated` to fill in.
    """
    lines = [f"story: {flow(story.title)}", f"journey: {story.journey}", f"patient: {flow(story.patient)}"]
    if story.locale:
        lines.append(f"locale: {story.locale}")
    if story.recipient != EASY_TO_REACH:
        lines.append(f"person: {flow(recipient_as_written(story.recipient))}")
    lines.append("steps:")
    for step in story.steps:
        parts = [f"{key}: {flow(value)}" for key, value in _step(step)]
        parts += ["expect:"] if with_expectations else []
        lines += [f"  - {parts[0]}", *(f"    {part}" for part in parts[1:])]
    return "\n".join(lines) + "\n"


def _step(step: StoryStep) -> Iterator[tuple[str, Written]]:
    is_answer = step.action == "report" and step.target == ANSWERED
    if step.wait is not None:
        yield "wait", step.wait
    elif step.at is not None:
        yield "on", _moment((step.at, step.day))
    if step.action in ("enroll", "migrate"):
        yield step.action, _enrolling(step) if step.action == "enroll" else _migrating(step)
    elif is_answer:
        yield "answers", dict(step.facts)
    elif step.action:
        yield step.action, step.target
    if step.action and step.by != ("patient" if step.action == "enroll" or is_answer else "staff"):
        yield "by", step.by
    if step.id:
        yield "id", step.id
    if step.facts and step.action != "enroll" and not is_answer:
        yield "facts", dict(step.facts)
    if step.occurred is not None:
        yield "occurred", _moment(step.occurred)
    if step.sequence is not None:
        yield "sequence", str(step.sequence)
    if step.told:
        yield "told", "true"
    if step.replaces is not None:
        yield "replaces", step.replaces
    if step.question is not None:
        yield "question", step.question
    if step.until is not None:
        yield "until", step.until.isoformat()
    if step.topic is not None:
        yield "topic", step.topic
    if step.reason != DEFAULT_REASON:
        yield "reason", step.reason


def _enrolling(step: StoryStep) -> Written:
    entry: dict[str, Written] = {"entry": step.target} if step.target else {}
    return entry | ({"facts": dict(step.facts)} if step.facts else {})


def _migrating(step: StoryStep) -> Written:
    target: dict[str, Written] = {"to": step.target}
    return target | ({"map": dict(step.mapping)} if step.mapping else {})


def _moment(moment: Moment) -> str:
    instant, is_day = moment
    return instant.date().isoformat() if is_day else time_text(instant)
