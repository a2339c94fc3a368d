"""The tracks of a journey, with states, transitions, timers and tasks: the fields of their format, and the reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from journeys.definition.model import STAY, Mark, StateDefinition, Task, Timer, Track, Transition
from journeys.definition.reading import kinds
from journeys.definition.reading.facts import HOLD
from journeys.definition.reading.forms import FileForm, FormField, built, forms_in_list, names_of
from journeys.definition.reading.kinds import CONDITION, FACTS, TEXT, TEXTS, TITLES, Definitions, Kind, Schema
from journeys.definition.reading.nodes import Node, Scalar
from journeys.definition.reading.nodes import Sequence as ListNode
from journeys.definition.reading.questions import SILENCE
from journeys.definition.reading.shape import NAME, Shape, quoted

TARGET = kinds.name("a state, or `stay`")

Shared = Mapping[str, Sequence[Transition]]
#: The transitions by trigger that a track declares for all its outermost states.

ALL = "all"
#: What a state ignores that takes no shared transition.


class TaskForm(FileForm):
    """A task: something that a person must do."""

    assignee = FormField(kinds.text("care_team"), "The team that must do it.", required=True, key="for")
    within = FormField(kinds.duration("P3D"), "The time until it is due.", required=True)
    title = FormField(TEXT, "The task in the words of staff.", required=True)
    closed_by = FormField(
        kinds.texts("a trigger, or a list of triggers"), "Triggers that close it while the state lasts."
    )

    def build(self) -> Task:
        """The task. A key that cannot be read gets its default."""
        return Task(self.title, self.assignee, self.within, self.closed_by, self.mark)


TASK = built(TaskForm, TaskForm.build, "`{for: …, within: …, title: …}`")


class TimerForm(FileForm):
    """A timer, which acts some time after entry, or after (before) a date: one of `to`, `remind` and `task`."""

    delay = FormField(kinds.duration("P1D"), "The time that it waits; before a date, `-P3D`.", required=True)
    start = FormField(kinds.name("a date fact"), "The date that it counts from, instead of entry.", key="from")
    when = FormField(CONDITION, "The timer acts only if this is true at the deadline.")
    name = FormField(TEXT, "Its name in the history; made from its action unless given.")
    to = FormField(kinds.name("a state"), "The state that it leads to.")
    remind = FormField(kinds.name("a piece"), "The piece that it sends.")
    task = FormField(TASK, "The task that it opens.")
    while_waiting = FormField(
        kinds.FLAG, "Whether `to` may leave an inner state that waits for an event, which is then lost."
    )

    def build(self) -> Timer:
        """The timer. A key that cannot be read gets its default."""
        if sum(action in self for action in (TimerForm.to, TimerForm.remind, TimerForm.task)) != 1:
            self.shape.problem(self.mark, f"{self.subject} needs one of 'to', 'remind', 'task'.")
        delay, start, to, remind, task = self.delay, self.start, self.to, self.remind, self.task
        action = f"to {to}" if to else f"remind {remind}" if remind else f"task {task.title if task else ''}"
        name = self.name or f"{action} {delay}" + (f" from {start}" if start else "")
        return Timer(
            name=name,
            delay=delay,
            start=start or None,
            to=to or None,
            remind=remind or None,
            task=task,
            when=self.when,
            while_waiting=self.while_waiting,
            mark=self.mark,
            places=self.marks,
        )


class TransitionForm(FileForm):
    """A transition: the answer of a state to a trigger; one of `to` and `otherwise`."""

    when = FormField(CONDITION, "The transition is taken only if this is true.")
    to = FormField(TARGET, "The state that it leads to.")
    otherwise = FormField(
        TARGET, "The state that it leads to if all other conditions are false or their facts were declined."
    )
    order = FormField(kinds.NUMBER, "Its rank, where several conditions may be true at once.")
    reenter = FormField(kinds.FLAG, "Whether a transition to a state inside leaves this state and enters it again.")

    def build(self, trigger: Scalar) -> Transition:
        """The transition on a trigger. A key that cannot be read gets its default."""
        is_otherwise = TransitionForm.otherwise in self
        if (TransitionForm.to in self) == is_otherwise:
            self.shape.problem(self.mark, f"{self.subject} needs either 'to' or 'otherwise', and one only.")
        if TransitionForm.when in self and is_otherwise:
            message = f"'otherwise' in {self.subject} takes no 'when': it is for when the others are false."
            self.shape.problem(self.at(TransitionForm.when), message)
        return Transition(
            trigger=trigger.text,
            to=self.to if TransitionForm.to in self else self.otherwise,
            when=self.when,
            otherwise=is_otherwise,
            order=self.order,
            reenter=self.reenter,
            mark=self.mark,
            places={"trigger": trigger.mark, **self.marks},
        )


def _read_transitions(shape: Shape, node: Node | None, label: str) -> tuple[Transition, ...]:
    transitions: list[Transition] = []
    for trigger, value in shape.entries(node, label):
        subject = f"'{trigger.text}' in {label}"
        items = value.items if isinstance(value, ListNode) else (value,)
        if not items:
            shape.problem(trigger.mark, f"{subject} is empty; name a state, or 'stay'.")
        for item in items:
            if isinstance(item, Scalar):
                mark = item.mark if item.text else trigger.mark
                target = shape.text(item, subject)
                transitions.append(Transition(trigger.text, target, mark=mark, places={"trigger": trigger.mark}))
            else:
                transitions.append(TransitionForm.read(shape, item, subject).build(trigger))
    return tuple(transitions)


def _transitions_schema(definitions: Definitions) -> Schema:
    either: Schema = {"anyOf": [kinds.NAME_SCHEMA, TransitionForm.reference(definitions)]}
    return {"type": ["object", "null"], "additionalProperties": {"anyOf": [either, {"type": "array", "items": either}]}}


def _state_schema(definitions: Definitions) -> Schema:
    return StateForm.reference(definitions)


STATES = names_of(kinds.node("a state", _state_schema), "by name: a state", NAME.pattern, may_be_empty=True)
TRANSITIONS = Kind("by trigger: a state, `stay`, a transition, or a list", _read_transitions, _transitions_schema)
TIMERS = forms_in_list(TimerForm, TimerForm.build, "timer")


class StateForm(FileForm):
    """A state, which may hold further states."""

    title = FormField(TITLES, "The state in the words of patients and staff.")
    initial = FormField(kinds.STATE, "The first of the states inside; each state with states inside needs it.")
    states = FormField(STATES, "The states inside.")
    on = FormField(TRANSITIONS, "Where each trigger leads.")
    ignore = FormField(
        kinds.texts("a trigger, a list of triggers, or `all`"),
        "Triggers in the `on` of the track that lead nowhere from here.",
    )
    after = FormField(TIMERS, "Timers that run while the state lasts.")
    task = FormField(TASK, "The task that opens on entry.")
    forget = FormField(
        FACTS, "Facts that become unknown on entry, unless the event that caused the entry reports them."
    )
    hold_until = FormField(HOLD, "Hides it from the patient until the trigger is reported.")
    tags = FormField(TEXTS, "Words for properties and reviewers.")
    no_content = FormField(TEXT, "Why patients have nothing to read in it and in the states inside.")
    ask = FormField(SILENCE, "Patients are asked nothing in it and in the states inside.")

    def build(self, path: str, mark: Mark, shared: Shared, states: dict[str, StateDefinition]) -> None:
        """Adds the state, with the shared transitions that it takes, and all states inside it to `states`."""
        states[path] = StateDefinition(path, mark=mark)  # keeps its position before its children
        children = _read_states(self.shape, self.states, self.label(StateForm.states), path, {}, states)
        own = self.on
        states[path] = StateDefinition(
            path=path,
            title=self.title,
            initial=self.initial,
            children=children,
            on=(*own, *self._of_track(path, shared, {transition.trigger for transition in own})),
            after=self.after,
            task=self.task,
            forget=self.forget,
            hold=self.hold_until,
            tags=tuple(tag.text for tag in self.tags),
            mark=mark,
            no_content=self.no_content,
            asks_nothing=self.ask,
        )

    def _of_track(self, path: str, shared: Shared, own: Set[str]) -> Iterator[Transition]:
        """The shared transitions that the state takes: on triggers that it neither declares (`own`) nor ignores."""
        ignores = self.ignore
        ignored = {trigger.text for trigger in ignores}
        if ignored == {ALL} and shared:
            return
        for trigger in ignores:
            if trigger.text not in shared:
                message = f"'{trigger.text}' in 'ignore' of {self.subject} is not a trigger in the 'on' of its track."
                accepted = f" Accepted: {quoted(shared)}, or 'all'." if shared else ""
                self.shape.problem(trigger.mark, message + accepted)
            elif trigger.text in own:
                self.shape.problem(trigger.mark, f"{self.subject} declares '{trigger.text}', and so cannot ignore it.")
        for trigger_name, transitions in shared.items():
            leads_here = [transition.to for transition in transitions] == [path]
            if trigger_name not in own | ignored and not leads_here:
                yield from transitions


def _read_states(
    shape: Shape,
    node: Node | None,
    label: str,
    parent: str | None,
    shared: Shared,
    states: dict[str, StateDefinition],
) -> tuple[str, ...]:
    """Adds the states of a mapping, and all inside them, to `states`; returns the paths of the mapping's own."""
    paths = []
    for name, value in shape.entries(node, label):
        shape.name(name, "The name of a state", (STAY,))
        path = f"{parent}.{_undotted(name)}" if parent else _undotted(name)
        paths.append(path)
        StateForm.read(shape, value, f"the state '{path}'").build(path, name.mark, shared, states)
    return tuple(paths)


class TrackForm(FileForm):
    """A track: one state machine of the journey."""

    initial = FormField(kinds.STATE, "The state in which it begins.", required=True)
    states = FormField(STATES, "Its states.", required=True)
    title = FormField(TITLES, "The track in the words of patients and staff.")
    on = FormField(TRANSITIONS, "What every outermost state declares that neither declares nor ignores the trigger.")

    def build(self, name: Scalar) -> Track:
        """The track with a name, as far as it can be read."""
        shared: dict[str, list[Transition]] = {}
        for transition in self.on:
            shared.setdefault(transition.trigger, []).append(transition)
        states: dict[str, StateDefinition] = {}
        _read_states(self.shape, self.states, self.label(TrackForm.states), None, shared, states)
        if not states:
            self.shape.problem(name.mark, f"The track '{name.text}' has no states.")
        return Track(_undotted(name), self.title, self.initial, states, name.mark)


def _undotted(name: Scalar) -> str:
    """A name that makes one part of a path; a dot in it was reported already."""
    return name.text.replace(".", "_")
