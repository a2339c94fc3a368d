"""The steps that a reader adds to a walk, read from the JSON of its page. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from journeys.authoring.stories import Story, StoryStep, WalkTooLong, packed_story, step_at, with_step
from journeys.definition.model import LATER, TOPIC_ASKED, TOPIC_DECLINED, Journey
from journeys.primitives.canonical import midnight, parse_day
from journeys.primitives.durations import parse_duration
from journeys.primitives.errors import Refused
from service.walks.walk import Walk, WalkScene

#: The field of a placement that names the state, among its facts.
STATE = "state."
_ACCEPTED = "Add one of: begin, report, later, topic_asked, topic_declined, place, retract, wait, until, next."
#: How long "ask me later" puts a question off.
_LATER = timedelta(days=7)
_VALUES = 'Write a text, a whole number, true, false, a list of texts, or {"declined": true}.'
_DAY = "'{}' is not a day. Write days as 2026-01-15."


@dataclass(frozen=True, slots=True)
class _Form:
    """What was filled in: the facts as a story writes them, the day, and whether the patient was told."""

    facts: Mapping[str, str | list[str]]
    day: str
    is_told: bool


def begin(journey: Journey, body: Mapping[str, Any], *, locale: str, now: datetime) -> Story:
    """Return a story in which a made-up patient joins.

    Args:
        journey: the journey.
        body: `{"begin": ENTRY, "facts": {…}, "happened": DAY}`; the entry is empty for the first states.
        locale: the language of the patient.
        now: the day of joining where `happened` is null.

    Raises:
        Refused: the body is not of this form.
    """
    form = _form(body)
    day = _day(form.day) if form.day else midnight(now.date().isoformat())
    step = StoryStep(at=day, action="enroll", target=_text(body, "begin"), by="patient", facts=form.facts)
    title = journey.title.get("en") or next(iter(journey.title.values()), journey.key)
    return Story(f"A walk through {title}", journey.key, "walk-1", locale, "", (step,))


def extend(scene: WalkScene, body: Mapping[str, Any]) -> Walk:
    """Return the walk with one more step after the shown one; the steps that followed are left out.

    Args:
        scene: the walk as it is shown.
        body: exactly one of `{"report": TRIGGER, "by": …, "facts": {…}, "happened": DAY, "told": …, "question": …}`,
            `{"later": QUESTION}` (the patient puts it off), `{"topic_asked": TOPIC}`, `{"topic_declined": TOPIC}`,
            `{"place": STATE, "facts": {…}}`, `{"retract": NUMBER}` (of the step that reported), `{"wait": DURATION}`,
            `{"until": DAY}`, `{"next": true}`.

    Raises:
        Refused: the body is none of these, or the walk would be too long.
    """
    kinds = _KINDS.keys() & body.keys()
    if len(kinds) != 1:
        raise Refused({"step": [_ACCEPTED]})
    walk = scene.walk
    story = with_step(walk.story, walk.step, _KINDS[kinds.pop()](scene, body))
    try:
        packed_story(story)
    except WalkTooLong as error:
        raise Refused({"step": [str(error)]}) from error
    return replace(walk, story=story, step=walk.step + 1)


def _report(scene: WalkScene, body: Mapping[str, Any]) -> StoryStep:
    form = _form(body)
    by = _text(body, "by") or "patient"
    if by not in ("patient", "staff"):
        raise Refused({"by": ["Write patient or staff."]})
    step = replace(step_at(scene.now), action="report", target=_text(body, "report"), by=by, facts=form.facts)
    step = replace(step, question=_text(body, "question") or None)
    occurred = (_day(form.day), True) if form.day and form.day != scene.now.date().isoformat() else None
    return replace(step, told=form.is_told, occurred=occurred)


def _later(scene: WalkScene, body: Mapping[str, Any]) -> StoryStep:
    step = replace(step_at(scene.now), action="report", target=LATER, by="patient", question=_text(body, "later"))
    return replace(step, until=(scene.now + _LATER).date())


def _topic(mark: str) -> Callable[[WalkScene, Mapping[str, Any]], StoryStep]:
    """Makes the step in which the patient asks for a topic, or declines it."""

    def step(scene: WalkScene, body: Mapping[str, Any]) -> StoryStep:
        step = step_at(scene.now)
        return replace(step, action="report", target=mark, by="patient", topic=_text(body, mark))

    return step


def _place(scene: WalkScene, body: Mapping[str, Any]) -> StoryStep:
    form = _form(body)
    facts = {name: value for name, value in form.facts.items() if name != STATE}
    state = _text(body, "place") or form.facts.get(STATE, "")
    if not isinstance(state, str) or not state:
        raise Refused({f"facts.{STATE}": ["Choose a state."]})
    return replace(step_at(scene.now), action="place", target=state, facts=facts, reason="placed_by_hand")


def _retract(scene: WalkScene, body: Mapping[str, Any]) -> StoryStep:
    number = body["retract"]
    is_number = isinstance(number, int) and not isinstance(number, bool)
    steps = {step.number for step in scene.steps if step.can_be_retracted and step.number <= scene.walk.step}
    if not is_number or number not in steps:
        raise Refused({"retract": ["Choose the number of a step that reported an event."]})
    return replace(step_at(scene.now), action="retract", target=scene.walk.story.name_of(number))


def _wait(scene: WalkScene, body: Mapping[str, Any]) -> StoryStep:
    duration = _text(body, "wait")
    try:
        is_forward = not parse_duration(duration).is_zero_or_negative
    except ValueError as error:
        raise Refused({"wait": [str(error)]}) from error
    if not is_forward:
        raise Refused({"wait": ["The clock goes forward only. Write a duration such as P14D."]})
    return StoryStep(wait=duration)


def _until(scene: WalkScene, body: Mapping[str, Any]) -> StoryStep:
    return _to_instant(scene, _day(_text(body, "until"), "until"))


def _next(scene: WalkScene, body: Mapping[str, Any]) -> StoryStep:
    """The next instant at which a timer fires or a message is decided."""
    if body["next"] is not True:
        raise Refused({"next": ["Write true."]})
    waiting = (message.at for message in scene.messages if message.status == "waiting")
    due = [scene.state.next_due_at, *waiting]
    instants = [instant for instant in due if instant is not None and instant > scene.now]
    if not instants:
        raise Refused({"next": ["Nothing is due in the future."]})
    return _to_instant(scene, min(instants))


def _to_instant(scene: WalkScene, instant: datetime) -> StoryStep:
    if instant <= scene.now:
        raise Refused({"until": [f"The clock goes forward only; it is {scene.now.date().isoformat()}."]})
    return step_at(instant)


_KINDS: Mapping[str, Callable[[WalkScene, Mapping[str, Any]], StoryStep]] = {
    "report": _report,
    "later": _later,
    TOPIC_ASKED: _topic(TOPIC_ASKED),
    TOPIC_DECLINED: _topic(TOPIC_DECLINED),
    "place": _place,
    "retract": _retract,
    "wait": _wait,
    "until": _until,
    "next": _next,
}


def _form(body: Mapping[str, Any]) -> _Form:
    facts = body.get("facts") or {}
    if not isinstance(facts, Mapping):
        raise Refused({"facts": ["Write an object of values by fact."]})
    is_told = body.get("told")
    if is_told is not None and not isinstance(is_told, bool):
        raise Refused({"told": ["Write true or false."]})
    written = {name: _written(value) for name, value in facts.items()}
    unreadable = {f"facts.{name}": [_VALUES] for name, value in written.items() if value is None}
    if unreadable:
        raise Refused(unreadable)
    values = {name: value for name, value in written.items() if value is not None}
    return _Form(values, _text(body, "happened"), bool(is_told))


def _written(value: Any) -> str | list[str] | None:
    """A value of JSON as a story writes it; None where it is not the value of a fact."""
    if isinstance(value, list):
        return value if all(isinstance(item, str) for item in value) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "declined" if value == {"declined": True} else None
    return str(value) if isinstance(value, str | int) else None


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused({name: ["Write a text."]})
    return value or ""


def _day(text: str, name: str = "happened") -> datetime:
    try:
        return midnight(parse_day(text).isoformat())
    except ValueError as error:
        raise Refused({name: [_DAY.format(text[:40])]}) from error
