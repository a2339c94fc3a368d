"""The shape of a story's file: what happens on which day, and what is expected then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from journeys.definition.model import NOWHERE, REPORTERS, Mark
from journeys.definition.reading import Fields, MappingNode, Node, Scalar, Sequence, Shape, read_tree
from journeys.primitives.canonical import parse_time
from journeys.primitives.durations import parse_duration
from journeys.primitives.problems import Problem

ACTIONS = ("enroll", "report", "retract", "place", "migrate")
EXPECTED = (
    "state",
    "outcome",
    "waiting_for",
    "pieces",
    "sees",
    "reminders",
    "tasks",
    "held",
    "patient_state",
    "ended",
)

Plain = str | list[str] | dict[str, str]
#: An expected value as written: a text, a list, or texts by track.


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step: the clock is set (`at`, or `wait` later), then at most one thing happens, then `expect` is compared.

    `action` is one of `ACTIONS` or empty; `what` its value as written (a trigger, a state, a step's id, a file).
    """

    at: datetime | None = None
    day: bool = True
    wait: str | None = None
    action: str = ""
    what: str = ""
    by: str = "staff"
    id: str = ""
    facts: Mapping[str, str | list[str]] = field(default_factory=dict)
    occurred: tuple[datetime, bool] | None = None
    sequence: int | None = None
    told: bool = False
    replaces: str | None = None
    reason: str = "entered_in_error"
    mapping: Mapping[str, str] = field(default_factory=dict)
    expect: Mapping[str, Plain] = field(default_factory=dict)
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Story:
    """A dated script about one patient in one journey."""

    title: str
    journey: str
    patient: str
    locale: str
    file: str
    steps: tuple[StoryStep, ...]


def read_story(data: bytes, file: str) -> tuple[Story | None, list[Problem]]:
    """The story that a file tells, and every problem of shape; None where it cannot be played."""
    tree, problems = read_tree(data, file)
    if tree is None:
        return None, problems
    reader = StoryReader(file, "story")
    story = reader.story(tree)
    problems = [*problems, *reader.problems]
    return (None if problems else story), problems


class StoryReader(Shape):
    """Reads one story."""

    def story(self, tree: Node) -> Story:
        """The story of a file."""
        fields = self.fields(tree, "a story", ("story", "journey", "steps"), ("patient", "locale"))
        steps = fields.get("steps")
        if not isinstance(steps, Sequence) or not steps.items:
            self.problem(fields.at("steps"), "'steps' must be a list with at least one item.")
            steps = Sequence((), fields.mark)
        return Story(
            title=self.text(fields.get("story"), "'story'"),
            journey=self.text(fields.get("journey"), "'journey'"),
            patient=self.text(fields.get("patient"), "'patient'", "demo-1"),
            locale=self.text(fields.get("locale"), "'locale'"),
            file=self.file,
            steps=tuple(self.step(item) for item in steps.items),
        )

    def step(self, node: Node) -> StoryStep:
        """One step."""
        optional = ("on", "wait", "by", "id", "facts", "occurred", "sequence", "told", "replaces", "reason", "expect")
        if isinstance(node, MappingNode) and "tell" in (key.text for key, _ in node.entries):
            self.problem(node.mark, "A telling is the report of what the hold waits for: 'report: …_discussed', say.")
            node = MappingNode(tuple(entry for entry in node.entries if entry[0].text != "tell"), node.mark)
        fields = self.fields(node, "a step", (), (*ACTIONS, *optional))
        if ("on" in fields) == ("wait" in fields):
            self.problem(fields.mark, "A step needs either 'on' (a day) or 'wait' (a duration).")
        actions = [action for action in ACTIONS if action in fields]
        if len(actions) > 1:
            self.problem(fields.at(actions[1]), f"One thing happens in a step; this one has {' and '.join(actions)}.")
        action = actions[0] if actions else ""
        at, day = self.time(fields.get("on"), "'on'") or (None, True)
        action_name, facts, mapping = self.action(action, fields)
        return StoryStep(
            at=at,
            day=day,
            wait=self.wait(fields),
            action=action,
            what=action_name,
            by=self.one_of(fields.get("by"), "'by'", REPORTERS) or ("patient" if action == "enroll" else "staff"),
            id=self.text(fields.get("id"), "'id'"),
            facts=facts,
            occurred=self.time(fields.get("occurred"), "'occurred'"),
            sequence=self.number(fields.get("sequence"), "'sequence'"),
            told=self.flag(fields.get("told"), "'told'"),
            replaces=self.text(fields.get("replaces"), "'replaces'") or None,
            reason=self.text(fields.get("reason"), "'reason'", "entered_in_error"),
            mapping=mapping,
            expect=self.expect(fields.get("expect")),
            mark=fields.mark,
        )

    def action(self, action: str, fields: Fields) -> tuple[str, dict[str, str | list[str]], dict[str, str]]:
        """What happens in a step: its value, the facts told with it, and where states lead in a migration."""
        node = fields.get(action) if action else None
        facts = self.facts(fields.get("facts"))
        if action == "enroll":
            inner = self.fields(node, "'enroll'", (), ("entry", "facts"))
            return self.text(inner.get("entry"), "'entry'"), facts | self.facts(inner.get("facts")), {}
        if action == "migrate":
            inner = self.fields(node, "'migrate'", ("to",), ("map",))
            pairs = self.entries(inner.get("map"), "'map'")
            return (
                self.text(inner.get("to"), "'to'"),
                facts,
                {key.text: self.text(value, f"'{key.text}'") for key, value in pairs},
            )
        return self.text(node, f"'{action}'"), facts, {}

    def facts(self, node: Node | None) -> dict[str, str | list[str]]:
        """Facts as written."""
        facts: dict[str, str | list[str]] = {}
        for key, value in self.entries(node, "'facts'"):
            if isinstance(value, Sequence):
                facts[key.text] = [text.text for text in self.texts(value, f"'{key.text}'")]
            else:
                facts[key.text] = self.text(value, f"'{key.text}'")
        return facts

    def wait(self, fields: Fields) -> str | None:
        """How long the clock runs on."""
        node = fields.get("wait")
        if node is None:
            return None
        text = self.duration(node, "'wait'", "P0D")
        if parse_duration(text).is_zero_or_negative:
            self.problem(node.mark, "'wait' must be longer than nothing: the clock goes forward.")
        return text

    def time(self, node: Node | None, label: str) -> tuple[datetime, bool] | None:
        """A day or an instant, and whether it is a day."""
        text = self.text(node, label)
        if not text or node is None:
            return None
        try:
            return parse_time(text)
        except ValueError as error:
            self.problem(node.mark, f"{label} must be a day such as 2026-01-15, or a time with an offset: {error}.")
            return None

    def expect(self, node: Node | None) -> dict[str, Plain]:
        """What is expected."""
        expectations: dict[str, Plain] = {}
        fields = self.fields(node, "'expect'", (), EXPECTED)
        for name in EXPECTED:
            value = fields.get(name)
            if isinstance(value, MappingNode):
                expectations[name] = {key.text: self.text(node, f"'{key.text}'") for key, node in value.entries}
            elif isinstance(value, Sequence):
                expectations[name] = [text.text for text in self.texts(value, f"'{name}'")]
            elif isinstance(value, Scalar):
                expectations[name] = value.text
        return expectations
