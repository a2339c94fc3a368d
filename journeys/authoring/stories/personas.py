"""Personas: named sample patients up to one day, read as a story that expects nothing, and played to that day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from journeys.authoring.stories.play import Stage, play
from journeys.authoring.stories.played import Played
from journeys.authoring.stories.script import EVENT_ACTIONS, FACTS, MOMENT, EventForm, Story, StoryStep, read_step
from journeys.definition.reading import MappingNode, Node, Sequence, kinds, read_authored, read_tree
from journeys.definition.reading.forms import FileForm, FormField
from journeys.definition.reading.kinds import TEXT
from journeys.engine import State
from journeys.outreach.simulate import SimulatedMessage
from journeys.primitives.problems import Problem

RULE = "persona"


@dataclass(frozen=True, slots=True)
class Persona:
    """A sample patient: played, the story ends on the day that is theirs."""

    name: str
    journey: str
    story: Story


@dataclass(frozen=True, slots=True)
class Person:
    """A persona on their day, and the view to show; `has_ended` where the journey is over.

    `messages` are those of the persona until that day, in the order in which they left or ended; then those that wait.
    """

    name: str
    today: datetime
    view: State
    has_ended: bool
    locale: str
    messages: tuple[SimulatedMessage, ...] = ()


class PersonaEventForm(EventForm):
    """An event since the persona joined, in `events`."""

    on = FormField(MOMENT, "The time of the event, not after `today`.", required=True)


class PersonaForm(FileForm):
    """A persona: a sample patient up to one day."""

    persona = FormField(TEXT, "The name of the persona.", required=True)
    journey = FormField(TEXT, "The key of the journey.", required=True)
    entry = FormField(TEXT, "The entry with which the persona joined.", required=True)
    today = FormField(MOMENT, "The day on which the persona is shown.", required=True)
    locale = FormField(TEXT, "The language; the journey's first unless given.")
    joined = FormField(MOMENT, "The day of joining; `today` unless given.")
    facts = FormField(FACTS, "Facts that come with joining.")
    events = FormField(
        kinds.node(
            "a list of events", lambda definitions: {"type": "array", "items": PersonaEventForm.reference(definitions)}
        ),
        "Events since joining, in order.",
    )


def read_persona_file(path: Path) -> tuple[Persona | None, list[Problem]]:
    """The persona of a regular file, or None, and its problems."""
    data, problems = read_authored(path)
    return read_persona(data, str(path)) if data is not None else (None, problems)


def read_persona(data: bytes, file: str) -> tuple[Persona | None, list[Problem]]:
    """The persona of a file, and every problem of shape; None where it cannot be played."""
    form, problems = PersonaForm.read_file(data, file, "a persona", RULE)
    if form is None:
        return None, problems
    name, journey = form.persona, form.journey
    story = Story(name, journey, "persona", form.locale, file, tuple(_read_steps(form)))
    return (None if problems else Persona(name, journey, story)), problems


def _read_steps(form: PersonaForm) -> Iterator[StoryStep]:
    """Joining, what happened since, and the day on which the persona is shown."""
    today = form.today
    joined = form.joined or today
    if today is None or joined is None:
        return
    if joined[0] > today[0]:
        form.shape.problem(form.at(PersonaForm.joined), "'joined' is after 'today'.")
    entry = form.at(PersonaForm.entry)
    yield StoryStep(*joined, None, "enroll", form.entry, "patient", facts=form.facts, mark=entry)
    events = form.events
    if isinstance(events, Sequence):
        for event in events.items:
            yield _read_event(form, event, today[0])
    elif events is not None:
        form.shape.problem(events.mark, "'events' must be a list: each item begins with '- '.")
    yield StoryStep(*today, mark=form.at(PersonaForm.today))


def _read_event(persona: PersonaForm, node: Node, today: datetime) -> StoryStep:
    """One event; it is dated, and not after the day on which the persona is shown."""
    shape = persona.shape
    before = len(shape.problems)
    form = PersonaEventForm.read(shape, node, "an event of a persona")
    if not any(action in form for action in EVENT_ACTIONS) and len(shape.problems) == before:
        keys = ", ".join(action.key for action in EVENT_ACTIONS)
        shape.problem(form.mark, f"An event of a persona needs one of {keys}.")
    if len(shape.problems) > before:
        return StoryStep(mark=form.mark)
    step = read_step(shape, node)
    if step.at is not None and step.at > today:
        line = persona.at(PersonaForm.today).line
        shape.problem(form.at(PersonaEventForm.on), f"This event is after 'today' (line {line}).")
    return step


def is_persona(data: bytes) -> bool:
    """Whether a file is a persona's, not a story's."""
    tree, _ = read_tree(data, "")
    return isinstance(tree, MappingNode) and any(key.text == "persona" for key, _ in tree.entries)


def meet(persona: Persona, stage: Stage) -> tuple[Person | None, list[Problem]]:
    """The persona on their day, and every problem with their events; None where there is any."""
    played = play(persona.story, stage)
    problems = [replace(problem, rule=RULE) for problem in played.problems]
    if problems or not played.lines:
        return None, problems
    return _person_of(persona, played), problems


def _person_of(persona: Persona, played: Played) -> Person:
    today, view = persona.story.steps[-1].at, played.enrollment.view
    assert today is not None and view is not None
    return Person(
        name=persona.name,
        today=today,
        view=replace(view, folded_to=today),
        has_ended=view.ended is not None,
        locale=persona.story.locale,
        messages=played.messages,
    )
