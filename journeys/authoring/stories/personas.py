"""Personas: named sample patients up to one day, read as a story that expects nothing, and played to that day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from journeys.authoring.stories.play import Played, Stage, play
from journeys.authoring.stories.script import Story, StoryReader, StoryStep
from journeys.definition.model import Mark
from journeys.definition.reading import Fields, MappingNode, Node, Sequence, read_tree
from journeys.engine import Snapshot
from journeys.primitives.problems import Problem

#: What an event of a persona may be.
HAPPENS = ("report", "place", "retract")
RULE = "persona"


@dataclass(frozen=True, slots=True)
class Persona:
    """A sample patient: played, the story ends on the day that is theirs."""

    name: str
    journey: str
    story: Story


@dataclass(frozen=True, slots=True)
class Person:
    """A persona on their day: what there is to show them; `has_ended` when nothing is."""

    name: str
    today: datetime
    view: Snapshot
    has_ended: bool
    locale: str


def read_persona(data: bytes, file: str) -> tuple[Persona | None, list[Problem]]:
    """The persona of a file, and every problem of shape; None where it cannot be played."""
    tree, problems = read_tree(data, file)
    if tree is None:
        if not problems:
            problems = [Problem(file, 1, 1, "error", RULE, "The file is empty; it needs 'persona'.")]
        return None, problems
    reader = _PersonaReader(file, RULE)
    persona = reader.persona(tree)
    problems = [*problems, *reader.problems]
    return (None if problems else persona), problems


def meet(persona: Persona, stage: Stage) -> tuple[Person | None, list[Problem]]:
    """The persona on their day, and what is wrong with what happens to them; None where anything is."""
    played = play(persona.story, stage)
    problems = [replace(problem, rule=RULE) for problem in played.problems]
    if problems or not played.lines:
        return None, problems
    return _person_of(persona, played), problems


def _person_of(persona: Persona, played: Played) -> Person:
    today, state, told_view = persona.story.steps[-1].at, played.enrollment.state, played.enrollment.told
    assert today is not None and state is not None
    view = told_view.view if told_view is not None else state.snapshot(today)
    return Person(persona.name, today, view, state.ended is not None, persona.story.locale)


def is_persona(data: bytes) -> bool:
    """Whether a file is a persona's, and no story's."""
    tree, _ = read_tree(data, "")
    return isinstance(tree, MappingNode) and any(key.text == "persona" for key, _ in tree.entries)


class _PersonaReader(StoryReader):
    """Reads one persona."""

    def persona(self, tree: Node) -> Persona:
        required = ("persona", "journey", "entry", "today")
        fields = self.fields(tree, "a persona", required, ("locale", "joined", "facts", "events"))
        name = self.text(fields.get("persona"), "'persona'")
        journey = self.text(fields.get("journey"), "'journey'")
        steps = self.steps(fields)
        story = Story(name, journey, "persona", self.text(fields.get("locale"), "'locale'"), self.file, steps)
        return Persona(name, journey, story)

    def steps(self, fields: Fields) -> tuple[StoryStep, ...]:
        """Joining, what happened since, and the day on which the persona is looked at."""
        today = self.time(fields.get("today"), "'today'")
        joined = self.time(fields.get("joined"), "'joined'") or today
        if today is None or joined is None:
            return ()
        if joined[0] > today[0]:
            self.problem(fields.at("joined"), "'joined' is after 'today'.")
        entry = self.text(fields.get("entry"), "'entry'")
        facts = self.facts(fields.get("facts"))
        steps = [
            StoryStep(joined[0], joined[1], None, "enroll", entry, "patient", facts=facts, mark=fields.at("entry"))
        ]
        events = fields.get("events")
        if events is not None and not isinstance(events, Sequence):
            self.problem(events.mark, "'events' must be a list: each item begins with '- '.")
        elif events is not None:
            steps += [self.event(item, today, fields.at("today")) for item in events.items]
        return (*steps, StoryStep(today[0], today[1], mark=fields.at("today")))

    def event(self, node: Node, today: tuple[object, bool], mark: Mark) -> StoryStep:
        """One event; it is dated, and before the day on which the persona is looked at."""
        optional = ("by", "id", "facts", "occurred", "told", "reason")
        before = len(self.problems)
        fields = self.fields(node, "an event of a persona", ("on",), (*HAPPENS, *optional))
        if not any(action in fields for action in HAPPENS) and len(self.problems) == before:
            self.problem(fields.mark, f"An event of a persona needs one of {', '.join(HAPPENS)}.")
        if len(self.problems) > before:
            return StoryStep(mark=fields.mark)
        step = self.step(node)
        if step.at is not None and step.at > today[0]:  # type: ignore[operator]
            self.problem(fields.at("on"), f"This event is after 'today' (line {mark.line}).")
        return step
