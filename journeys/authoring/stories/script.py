"""The format of a story's file: what happens on which day, and what is expected then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from journeys.authoring.stories.recipient import EASY_TO_REACH, RecipientForm, recipient_of
from journeys.definition.model import ANSWERED, NOWHERE, REPORTERS, Mark
from journeys.definition.reading import MappingNode, Node, Sequence, Shape, kinds
from journeys.definition.reading.forms import FileForm, FormField, built, list_of
from journeys.definition.reading.kinds import DAY_SCHEMA, FLAG, NUMBER, TEXT, TEXT_SCHEMA, TEXTS_SCHEMA, Kind, Schema
from journeys.outreach.message import Recipient
from journeys.outreach.simulate import SIMULATED_CHANNELS
from journeys.primitives.canonical import parse_time
from journeys.primitives.durations import parse_duration
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import StateMap

T = TypeVar("T")
DEFAULT_REASON = "entered_in_error"
Plain = str | list[str] | list[dict[str, str]] | dict[str, str]
#: An expected value as written: a text, a list (of messages: a list of mappings), or texts by track.
Moment = tuple[datetime, bool]
#: A time, and whether it was written as a day.
Facts = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step: the clock is set (`at`, or `wait` later), then at most one thing happens, then `expect` is compared.

    `action` is the key of one of `ACTIONS` or empty; `target` its value as written (a trigger, a state, a step's id, a
    file).
    """

    at: datetime | None = None
    day: bool = True
    wait: str | None = None
    action: str = ""
    target: str = ""
    by: str = "staff"
    id: str = ""
    facts: Mapping[str, str | list[str]] = field(default_factory=dict)
    occurred: Moment | None = None
    sequence: int | None = None
    told: bool = False
    replaces: str | None = None
    question: str | None = None
    until: date | None = None
    topic: str | None = None
    reason: str = DEFAULT_REASON
    mapping: StateMap = field(default_factory=dict)
    expect: Mapping[str, Plain] = field(default_factory=dict)
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Story:
    """A dated script about one patient in one journey; `recipient` is the patient as a recipient of messages."""

    title: str
    journey: str
    patient: str
    locale: str
    file: str
    steps: tuple[StoryStep, ...]
    recipient: Recipient = EASY_TO_REACH

    def name_of(self, number: int) -> str:
        """The id of the step with a number, counted from 1; `step-3` where the author gave none."""
        return self.steps[number - 1].id or f"step-{number}"

    def step_named(self, name: str) -> StoryStep | None:
        """The step with an id, or None."""
        return next((step for number, step in enumerate(self.steps, 1) if self.name_of(number) == name), None)


# --- kinds of values -----------------------------------------------------------------------------------------


def _read_pairs(shape: Shape, node: Node | None, label: str) -> dict[str, str]:
    return {key.text: shape.text(value, f"'{key.text}'") for key, value in shape.entries(node, label)}


def _read_facts(shape: Shape, node: Node | None, label: str) -> Facts:
    facts: Facts = {}
    for key, value in shape.entries(node, label):
        if isinstance(value, Sequence):
            facts[key.text] = [text.text for text in shape.texts(value, f"'{key.text}'")]
        else:
            facts[key.text] = shape.text(value, f"'{key.text}'")
    return facts


def _read_wait(shape: Shape, node: Node | None, label: str) -> str | None:
    if node is None:
        return None
    text = shape.duration(node, label, "P0D")
    if parse_duration(text).is_zero_or_negative:
        shape.problem(node.mark, f"{label} must be longer than nothing: the clock goes forward.")
    return text


def _read_moment(shape: Shape, node: Node | None, label: str) -> Moment | None:
    text = shape.text(node, label)
    if not text or node is None:
        return None
    try:
        return parse_time(text)
    except ValueError as error:
        shape.problem(node.mark, f"{label} must be a day such as 2026-01-15, or a time with an offset: {error}.")
        return None


def _read_day(shape: Shape, node: Node | None, label: str) -> date | None:
    moment = _read_moment(shape, node, label)
    if moment is None or node is None:
        return None
    if not moment[1]:
        shape.problem(node.mark, f"{label} must be a day such as 2026-01-15, without a time.")
    return moment[0].date()


def _read_expected(shape: Shape, node: Node | None, label: str) -> Plain | None:
    if isinstance(node, MappingNode):
        return _read_pairs(shape, node, label)
    if isinstance(node, Sequence):
        return [text.text for text in shape.texts(node, label)]
    return None if node is None else node.text


def _read_messages(shape: Shape, node: Node | None, label: str) -> list[dict[str, str]] | None:
    if node is None:
        return None
    items = node.items if isinstance(node, Sequence) else (node,)
    return [_read_message(shape, item, label) for item in items]


def _read_reasons(shape: Shape, node: Node | None, label: str) -> dict[str, str] | None:
    return None if node is None else _read_pairs(shape, node, label)


def _read_message(shape: Shape, node: Node, label: str) -> dict[str, str]:
    if not isinstance(node, MappingNode):
        return {"piece": shape.text(node, label)}
    form = ExpectedMessageForm.read(shape, node, f"a message in {label}")
    values = {"piece": form.piece, "channel": form.channel, "at": form.at_time}
    return {key: value for key, value in values.items() if value}


_PAIRS_SCHEMA: Schema = {"type": "object", "additionalProperties": TEXT_SCHEMA}
_EXPECTED_SCHEMA: Schema = {"anyOf": [TEXTS_SCHEMA, _PAIRS_SCHEMA, {"type": "null"}]}
TARGETS = Kind(
    "a state, or a list, by state", _read_facts, kinds.fixed({"type": "object", "additionalProperties": TEXTS_SCHEMA})
)
FACTS = Kind("values by fact", _read_facts, kinds.fixed({"type": "object", "additionalProperties": TEXTS_SCHEMA}))
WAIT = Kind("a duration (`P14D`, `PT12H`)", _read_wait, kinds.duration("P0D").schema)
MOMENT = Kind("a day, or a time with an offset", _read_moment, kinds.fixed(DAY_SCHEMA))
DAY = Kind("a day", _read_day, kinds.fixed(DAY_SCHEMA))
REASONS = Kind("a reason, by piece", _read_reasons, kinds.fixed(_PAIRS_SCHEMA))
EXPECTED = Kind("a text, a list, or texts by track", _read_expected, kinds.fixed(_EXPECTED_SCHEMA))

# --- forms ---------------------------------------------------------------------------------------------------


class EnrollForm(FileForm):
    """The joining of the patient, `enroll`."""

    entry = FormField(TEXT, "The entry; the initial states unless given.")
    facts = FormField(FACTS, "Facts that come with joining.")


class MigrateForm(FileForm):
    """A migration of the patient to another release, `migrate`."""

    to = FormField(TEXT, "The file of the release, from the folder of the story.", required=True)
    states = FormField(TARGETS, "The new state, or the new states in several tracks, where they differ.", key="map")


class ExpectedMessageForm(FileForm):
    """A message that is expected to leave, in `sends`; only the keys that are written are compared."""

    piece = FormField(kinds.text(accepts="the key of a piece"), "What the message says.", required=True)
    channel = FormField(kinds.one_of(SIMULATED_CHANNELS), "The channel by which it leaves.")
    at_time = FormField(
        kinds.text(accepts="a day and a time (`2026-01-15T08:00`)"), "When it leaves, by the person's clock.", key="at"
    )


MESSAGES = Kind(
    "a piece, or a list of pieces or of `{piece: …, channel: …, at: …}`",
    _read_messages,
    lambda schemas: {
        "anyOf": [
            TEXT_SCHEMA,
            {"type": "array", "items": {"anyOf": [TEXT_SCHEMA, ExpectedMessageForm.reference(schemas)]}},
        ]
    },
)


class ExpectForm(FileForm):
    """The expectations of a step, `expect`; only the keys that are written are compared."""

    state = FormField(EXPECTED, "The state of each track.")
    outcome = FormField(EXPECTED, "The outcome of the event: `advanced`, `ignored` …")
    waiting_for = FormField(EXPECTED, "The facts that the event waits for.")
    pieces = FormField(EXPECTED, "The keys of the pieces that the patient may read.")
    sees = FormField(EXPECTED, "The keys of the pieces on the patient's screen.")
    asks = FormField(EXPECTED, "The questions that the patient is asked, by fact, group or survey.")
    reminders = FormField(EXPECTED, "The reminders that fall due in this step.")
    sends = FormField(MESSAGES, "The messages that leave since the step before, in order; of no others.")
    suppressed = FormField(REASONS, "The messages that may not leave since the step before, each with its reason.")
    tasks = FormField(EXPECTED, "The titles of the tasks that are open after this step; `tell` for a telling.")
    held = FormField(EXPECTED, "`true` while something is held from the patient.")
    patient_state = FormField(EXPECTED, "The state of each track as the patient sees it.")
    ended = FormField(EXPECTED, "The trigger that ended the journey; empty before the end.")


_KINDS_OF_EXPECTATIONS: dict[str, Kind[Plain | None]] = {"sends": MESSAGES, "suppressed": REASONS}


def _expectations(form: ExpectForm) -> dict[str, Plain]:
    expected = {part.key: form.read_as(part, _KINDS_OF_EXPECTATIONS.get(part.key, EXPECTED)) for part in form.fields}
    return {key: value for key, value in expected.items() if value is not None}


def _or_nothing(kind: Kind[T]) -> Kind[T]:
    nothing: Schema = {"type": "null"}
    return Kind(f"{kind.accepts}, or nothing", kind.read, lambda schemas: {"anyOf": [kind.schema(schemas), nothing]})


class EventForm(FileForm):
    """An event that is reported, places the patient or takes another event back."""

    on = FormField(MOMENT, "The time; a step has either this or `wait`.")
    report = FormField(
        kinds.text(accepts="a trigger"),
        "The trigger that is reported; also `answered`, `topic_asked`, `topic_declined`, or `seen` or `later` of a "
        "question.",
    )
    answers = FormField(
        FACTS, 'The answers of the patient, by fact: the event `answered`; `declined` for "rather not say".'
    )
    place = FormField(kinds.text(accepts="a state"), "The state in which staff place the patient.")
    retract = FormField(TEXT, "The `id` of the event that is taken back.")
    by = FormField(kinds.one_of(REPORTERS), "The reporter; `staff` unless given, `patient` for joining and answers.")
    id = FormField(TEXT, "The name of the event for later steps; made up unless given.")
    facts = FormField(FACTS, 'Facts that come with the event; `declined` for "rather not say".')
    occurred = FormField(MOMENT, "The time of the event where it is earlier than its report.")
    question = FormField(
        TEXT, "The question or the survey that was `seen`, or is to be asked `later`; the survey that `answers` finish."
    )
    until = FormField(DAY, "The day from which to ask again, with `later`.")
    topic = FormField(TEXT, "The topic of `topic_asked` or `topic_declined`.")
    told = FormField(FLAG, "Whether staff told the patient what the event says.")
    reason = FormField(kinds.text(DEFAULT_REASON), f"The reason to place or retract; `{DEFAULT_REASON}` unless given.")


class StepForm(EventForm):
    """A step of a story: the clock is set, at most one event happens, and the expectations are compared."""

    wait = FormField(WAIT, "The time that passes before the step.")
    enroll = FormField(
        _or_nothing(built(EnrollForm, lambda form: form, "`{entry: …, facts: …}`")), "The patient joins."
    )
    migrate = FormField(
        built(MigrateForm, lambda form: form, "`{to: …, map: …}`"), "The patient goes to another release."
    )
    sequence = FormField(NUMBER, "The order among the events of one time.")
    replaces = FormField(TEXT, "The `id` of the event that this one replaces.")
    expect = FormField(
        _or_nothing(built(ExpectForm, _expectations, "the keys below")), "The expectations after the step."
    )


class StoryForm(FileForm):
    """A story: a dated script about one patient."""

    story = FormField(TEXT, "The title of the story.", required=True)
    journey = FormField(TEXT, "The key of the journey.", required=True)
    steps = FormField(list_of(StepForm, "a list of steps", may_be_empty=False), "The steps in order.", required=True)
    patient = FormField(kinds.text("demo-1"), "The patient; `demo-1` unless given.")
    locale = FormField(TEXT, "The patient's language; the journey's first unless given.")
    person = FormField(
        built(RecipientForm, recipient_of, "`{zone: …, channels: …}`"),
        "The patient as a recipient of messages; allows all but marketing unless given.",
    )


EVENT_ACTIONS: tuple[FormField[object], ...] = (
    EventForm.report,
    EventForm.answers,
    EventForm.place,
    EventForm.retract,
)
ACTIONS: tuple[FormField[object], ...] = (StepForm.enroll, *EVENT_ACTIONS, StepForm.migrate)

# --- reading -------------------------------------------------------------------------------------------------


def read_story(data: bytes, file: str) -> tuple[Story | None, list[Problem]]:
    """The story that a file tells, and every problem of shape; None where it cannot be played."""
    form, problems = StoryForm.read_file(data, file, "a story", "story")
    if form is None:
        return None, problems
    steps, recipient = tuple(_read_steps(form)), form.person or EASY_TO_REACH
    story = Story(form.story, form.journey, form.patient, form.locale, file, steps, recipient)
    return (None if problems else story), problems


def _read_steps(form: StoryForm) -> Iterator[StoryStep]:
    node = form.steps
    if not isinstance(node, Sequence) or not node.items:
        form.shape.problem(form.at(StoryForm.steps), "'steps' must be a list with at least one item.")
        return
    for item in node.items:
        yield read_step(form.shape, item)


def read_step(shape: Shape, node: Node) -> StoryStep:
    """One step; what cannot be read is replaced by a default."""
    if isinstance(node, MappingNode) and "tell" in (key.text for key, _ in node.entries):
        shape.problem(node.mark, "A telling is the report of what the hold waits for: 'report: …_discussed', say.")
        node = MappingNode(tuple(entry for entry in node.entries if entry[0].text != "tell"), node.mark)
    form = StepForm.read(shape, node, "a step")
    if (StepForm.on in form) == (StepForm.wait in form):
        shape.problem(form.mark, "A step needs either 'on' (a day) or 'wait' (a duration).")
    actions: list[FormField[object]] = [action for action in ACTIONS if action in form]
    if len(actions) > 1:
        keys = " and ".join(action.key for action in actions)
        shape.problem(form.at(actions[1]), f"One thing happens in a step; this one has {keys}.")
    action = actions[0] if actions else None
    if action is EventForm.answers and EventForm.facts in form:
        shape.problem(form.at(EventForm.facts), "Write the facts of answers in 'answers' itself.")
    at, day = form.on or (None, True)
    target, facts, mapping = _read_action(form, action)
    is_of_patient = action is StepForm.enroll or action is EventForm.answers
    return StoryStep(
        at=at,
        day=day,
        wait=form.wait,
        action="report" if action is EventForm.answers else action.key if action else "",
        target=target,
        by=form.by or ("patient" if is_of_patient else "staff"),
        id=form.id,
        facts=facts,
        occurred=form.occurred,
        sequence=form.sequence,
        told=form.told,
        replaces=form.replaces or None,
        question=form.question or None,
        until=form.until,
        topic=form.topic or None,
        reason=form.reason,
        mapping=mapping,
        expect=form.expect or {},
        mark=form.mark,
    )


def _read_action(form: StepForm, action: FormField[object] | None) -> tuple[str, Facts, StateMap]:
    """The value of the action, the facts that come with it, and the new states by the old ones of a migration."""
    if action is StepForm.enroll and (enroll := form.enroll):
        return enroll.entry, form.facts | enroll.facts, {}
    if action is EventForm.answers:
        return ANSWERED, form.answers, {}
    if action is StepForm.migrate and (migrate := form.migrate):
        return migrate.to, form.facts, migrate.states
    return form.read_as(action, TEXT) if action else "", form.facts, {}
