"""Reading the tracks of a journey: states, transitions, timers and tasks."""

from __future__ import annotations

from journeys.definition.model import (
    NOWHERE,
    STAY,
    Mark,
    StateDefinition,
    Task,
    Timer,
    Track,
    Transition,
)
from journeys.definition.reading.facts import FactReader
from journeys.definition.reading.tree import Node, Scalar, Sequence

MAX_STATES = 500


class TrackReader(FactReader):
    """Reads what a file declares under `tracks`."""

    def tracks(self, node: Node | None) -> dict[str, Track]:
        """The declared tracks by name."""
        tracks = {}
        for name, value in self.names(node, "a track"):
            fields = self.fields(value, f"the track '{name.text}'", ("initial", "states"), ("title",))
            states: dict[str, StateDefinition] = {}
            self.states(fields.get("states"), None, states)
            if not states:
                self.problem(name.mark, f"The track '{name.text}' has no states.")
            tracks[_undotted(name.text)] = Track(
                name=_undotted(name.text),
                title=self.titles(fields.get("title"), f"the title of the track '{name.text}'"),
                initial=self.marked(fields.get("initial"), f"'initial' of the track '{name.text}'"),
                states=states,
                mark=name.mark,
            )
        total = sum(len(track.states) for track in tracks.values())
        if total > MAX_STATES:
            self.problem(NOWHERE, f"The journey has {total} states; at most {MAX_STATES} are accepted.")
        return tracks

    def states(self, node: Node | None, parent: str | None, states: dict[str, StateDefinition]) -> tuple[str, ...]:
        """The names of the states of one level; each state goes into `states`."""
        paths = []
        for name, value in self.names(node, "a state", (STAY,)):
            own = _undotted(name.text)
            path = f"{parent}.{own}" if parent else own
            paths.append(path)
            self.state(path, name.mark, value, states)
        return tuple(paths)

    def state(self, path: str, mark: Mark, node: Node, states: dict[str, StateDefinition]) -> None:
        """Reads a state and all states inside it."""
        subject = f"the state '{path}'"
        keys = ("title", "initial", "states", "on", "after", "task", "forget", "hold_until", "tags", "no_content")
        fields = self.fields(node, subject, (), keys)
        states[path] = StateDefinition(path, mark=mark)  # a place for it before its children
        children = self.states(fields.get("states"), path, states)
        states[path] = StateDefinition(
            path=path,
            title=self.titles(fields.get("title"), f"the title of {subject}"),
            initial=self.marked(fields.get("initial"), f"'initial' of {subject}"),
            children=children,
            on=self.transitions(fields.get("on"), subject),
            after=self.timers(fields.get("after"), subject),
            task=self.task(fields.get("task"), subject),
            forget=self.texts(fields.get("forget"), f"'forget' of {subject}"),
            hold=self.hold(fields.get("hold_until"), subject),
            tags=tuple(tag.text for tag in self.texts(fields.get("tags"), f"'tags' of {subject}")),
            mark=mark,
            no_content=self.text(fields.get("no_content"), f"'no_content' of {subject}"),
        )

    def transitions(self, node: Node | None, subject: str) -> tuple[Transition, ...]:
        """The transitions under `on`."""
        transitions: list[Transition] = []
        for trigger, value in self.entries(node, f"'on' of {subject}"):
            item_subject = f"'{trigger.text}' in 'on' of {subject}"
            items = value.items if isinstance(value, Sequence) else (value,)
            if not items:
                self.problem(trigger.mark, f"{item_subject} is empty; name a state, or 'stay'.")
            transitions += [self.transition(trigger, item, item_subject) for item in items]
        return tuple(transitions)

    def transition(self, trigger: Scalar, node: Node, item_subject: str) -> Transition:
        """One transition of a trigger."""
        if isinstance(node, Scalar):
            target = self.text(node, item_subject)
            mark = node.mark if node.text else trigger.mark
            return Transition(trigger.text, target, mark=mark, places={"trigger": trigger.mark})
        fields = self.fields(node, item_subject, (), ("when", "to", "otherwise", "order", "reenter"))
        if ("to" in fields) == ("otherwise" in fields):
            self.problem(fields.mark, f"{item_subject} needs either 'to' or 'otherwise', and one only.")
        if "when" in fields and "otherwise" in fields:
            self.problem(
                fields.at("when"),
                f"'otherwise' in {item_subject} takes no 'when': it is for when the others are false.",
            )
        target = self.text(fields.get("to") or fields.get("otherwise"), f"the target of {item_subject}")
        order = self.number(fields.get("order"), f"'order' in {item_subject}")
        return Transition(
            trigger=trigger.text,
            to=target,
            when=self.marked(fields.get("when"), f"'when' in {item_subject}"),
            otherwise="otherwise" in fields,
            order=order,
            reenter=self.flag(fields.get("reenter"), f"'reenter' in {item_subject}"),
            mark=fields.mark,
            places={"trigger": trigger.mark, **fields.places},
        )

    def timers(self, node: Node | None, subject: str) -> tuple[Timer, ...]:
        """The timers under `after`."""
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.problem(node.mark, f"'after' of {subject} must be a list: each item begins with '- '.")
            return ()
        return tuple(self.timer(item, f"a timer in {subject}") for item in node.items)

    def timer(self, node: Node, subject: str) -> Timer:
        """One timer."""
        does = ("to", "remind", "task")
        fields = self.fields(node, subject, ("delay",), ("from", "when", "name", *does))
        if sum(key in fields for key in does) != 1:
            self.problem(fields.mark, f"{subject[0].upper()}{subject[1:]} needs one of 'to', 'remind', 'task'.")
        delay = self.duration(fields.get("delay"), f"'delay' of {subject}", "P1D")
        start = self.text(fields.get("from"), f"'from' of {subject}") or None
        to = self.text(fields.get("to"), f"'to' of {subject}") or None
        remind = self.text(fields.get("remind"), f"'remind' of {subject}") or None
        task = self.task(fields.get("task"), subject)
        does_what = f"to {to}" if to else f"remind {remind}" if remind else f"task {task.title if task else ''}"
        name = self.text(fields.get("name"), f"'name' of {subject}")
        return Timer(
            name=name or f"{does_what} {delay}" + (f" from {start}" if start else ""),
            delay=delay,
            start=start,
            to=to,
            remind=remind,
            task=task,
            when=self.marked(fields.get("when"), f"'when' of {subject}"),
            mark=fields.mark,
            places=fields.places,
        )

    def task(self, node: Node | None, subject: str) -> Task | None:
        """The task of a state or timer."""
        if node is None:
            return None
        fields = self.fields(node, f"the task of {subject}", ("for", "within", "title"), ("closed_by",))
        return Task(
            title=self.text(fields.get("title"), f"'title' of the task of {subject}"),
            assignee=self.text(fields.get("for"), f"'for' of the task of {subject}", "care_team"),
            within=self.duration(fields.get("within"), f"'within' of the task of {subject}", "P3D"),
            closed_by=self.texts(fields.get("closed_by"), f"'closed_by' of the task of {subject}"),
            mark=fields.mark,
        )


def _undotted(name: str) -> str:
    """A name that makes one part of a path; with a dot in it, it was reported already."""
    return name.replace(".", "_")
