"""A journey as its authors wrote it: frozen values with their positions in the file; names are not resolved yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from journeys.definition.facts import FactType
from journeys.definition.parts import (
    NOWHERE,
    REPORTERS,
    Ask,
    Asking,
    Fact,
    Hold,
    Mark,
    Reporter,
    Task,
    Text,
    Titles,
)
from journeys.definition.surveys import Survey
from journeys.primitives.durations import Duration, parse_duration
from journeys.primitives.state_path import name_of, parent_of

ProgrammeKind = Literal["text", "phone", "email", "url"]
PROGRAMME_KINDS: tuple[ProgrammeKind, ...] = ("text", "phone", "email", "url")

#: The contacts that `contacts` may have, and the type of value of each part; mail is sent in the name of `sender`.
CONTACTS: Mapping[str, Mapping[str, ProgrammeKind]] = {
    "care_team": {"name": "text", "phone": "phone", "email": "email", "hours": "text"},
    "after_hours": {"phone": "phone"},
    "hospice": {"phone": "phone"},
    "emergency": {"phone": "phone"},
    "sender": {"name": "text", "email": "email", "address": "text"},
}

MARKS = ("seen", "dismissed", "helpful")
#: The marks that a patient may set on a piece; `seen` also marks a question that was shown.

LATER = "later"
#: The mark of a question that is to be asked on a later day.

ANSWERED = "answered"
#: The event that brings answers to questions, and moves nothing by itself.

TOPIC_ASKED, TOPIC_DECLINED = "topic_asked", "topic_declined"
TOPIC_MARKS = (TOPIC_ASKED, TOPIC_DECLINED)
#: The marks of a topic, of which the patient wants to read or not.

BUILT_IN = (*MARKS, LATER, *TOPIC_MARKS, ANSWERED)
#: The events that may be reported in every journey, so a trigger cannot use these names.

STAY = "stay"
#: The target of a transition that deliberately leads nowhere.

RAISED = "entered."
#: The beginning of a trigger that the entry of a state in another track raises.


@dataclass(frozen=True, slots=True)
class Trigger:
    """A declared event type: its reporters, the facts that it waits for, and the facts that it makes unknown."""

    name: str
    by: frozenset[str] = frozenset(REPORTERS)
    requires: tuple[Text, ...] = ()
    title: Titles = field(default_factory=Titles)
    mark: Mark = NOWHERE
    resets: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry where patients join, in their words: the states entered and the facts asked."""

    name: str
    title: Titles
    states: tuple[Text, ...]
    asks: tuple[Text, ...] = ()
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Transition:
    """A reaction of a state to a trigger. `to` is a target as written, or `stay`."""

    trigger: str
    to: str
    when: Text | None = None
    otherwise: bool = False
    order: int | None = None
    reenter: bool = False
    mark: Mark = NOWHERE
    places: Mapping[str, Mark] = field(default_factory=dict, compare=False, repr=False)

    def at(self, key: str) -> Mark:
        """The position of a part (`trigger`, `to`, `order` ...), or of the transition if the part is not written."""
        return self.places.get(key, self.mark)


@dataclass(frozen=True, slots=True)
class Timer:
    """An action at a delay after entry, or after (before) a date fact: one of `to`, `remind`, `task`.

    `while_waiting`: whether the author says that `to` may leave an inner state which waits for an event.
    """

    name: str
    delay: str
    start: str | None = None
    to: str | None = None
    remind: str | None = None
    task: Task | None = None
    when: Text | None = None
    while_waiting: bool = False
    mark: Mark = NOWHERE
    places: Mapping[str, Mark] = field(default_factory=dict, compare=False, repr=False)

    def at(self, key: str) -> Mark:
        """The position of a part (`to`, `from`, `remind` ...), or of the timer if the part is not written."""
        return self.places.get(key, self.mark)

    @property
    def duration(self) -> Duration:
        """The delay, parsed."""
        return parse_duration(self.delay)


@dataclass(frozen=True, slots=True)
class StateDefinition:
    """A state by its path in its track; `children` are the paths of its own states, in order.

    `no_content` is the reason why the state deliberately shows nothing to read. `asks_nothing`: patients are asked
    nothing in it and in the states inside it.
    """

    path: str
    title: Titles = field(default_factory=Titles)
    initial: Text | None = None
    children: tuple[str, ...] = ()
    on: tuple[Transition, ...] = ()
    after: tuple[Timer, ...] = ()
    task: Task | None = None
    forget: tuple[Text, ...] = ()
    hold: Hold | None = None
    tags: tuple[str, ...] = ()
    mark: Mark = NOWHERE
    no_content: str = ""
    asks_nothing: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return name_of(self.path)

    @property
    def parent(self) -> str | None:
        """The path of the state around it, or None at the top of the track."""
        return parent_of(self.path)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The triggers of its transitions, each once."""
        return tuple(dict.fromkeys(transition.trigger for transition in self.on))

    def asked_on(self, trigger: str) -> tuple[Transition, ...]:
        """Its transitions on a trigger, in the order in which their conditions are asked."""
        siblings = [transition for transition in self.on if transition.trigger == trigger]
        return tuple(sorted(siblings, key=lambda sibling: (sibling.otherwise, sibling.order or 0)))


@dataclass(frozen=True, slots=True)
class Track:
    """One state machine of a journey; `states` by path, in document order."""

    name: str
    title: Titles
    initial: Text | None
    states: Mapping[str, StateDefinition]
    mark: Mark = NOWHERE

    @property
    def top(self) -> tuple[str, ...]:
        """The paths of the outermost states."""
        return tuple(path for path, state in self.states.items() if state.parent is None)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The paths of the states that have no states inside."""
        return tuple(path for path, state in self.states.items() if not state.children)

    def resolve(self, written: str, at: str | None) -> str | None:
        """The path that a target names in the state `at` (None: at the top), or None if no state has that name.

        The search begins with the siblings, then the children, then continues outwards to the top of the track.
        """
        scopes: list[str | None] = []
        if at is not None:
            parent = parent_of(at)
            scopes = [parent, at]
            while parent is not None:
                parent = parent_of(parent)
                scopes.append(parent)
        scopes.append(None)
        for scope in scopes:
            path = f"{scope}.{written}" if scope else written
            if path in self.states:
                return path
        return None

    def is_leaf(self, path: str) -> bool:
        """Whether the state has no states inside."""
        return not self.states[path].children


@dataclass(frozen=True, slots=True)
class ProgrammeValue:
    """A declared value that differs by programme; `max_length` is for texts."""

    name: str
    kind: ProgrammeKind
    max_length: int = 200
    title: Titles = field(default_factory=Titles)
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact for patients: for each part (`phone`, `hours` ...) the name of the programme value that holds it.

    `show_in` are the states, by full path, whose patients see it; everybody sees it if there are none.
    """

    name: str
    title: Titles
    parts: Mapping[str, Text]
    mark: Mark = NOWHERE
    show_in: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Rename:
    """A state (or a track) that had another name in an earlier release: full paths, `track.path`.

    A state that became states of several tracks has a rename for each of them.
    """

    old: str
    new: str
    mark: Mark = NOWHERE
    new_mark: Mark = NOWHERE


PropertyKind = Literal["never", "always", "eventually_reachable"]
SubjectKind = Literal["state", "piece", "content_tag", "purpose", "held", "first", "partial", "value", "task_for"]

#: The subjects of each kind of property. `held` is a state that must stay hidden until staff have told the patient,
#: `first` the piece above all others, `partial` and `value` a text or a value of the programme that some shown piece
#: contains whatever its conditions, and `task_for` a trigger that must open a task.
PROPERTIES: Mapping[PropertyKind, tuple[SubjectKind, ...]] = {
    "never": ("state", "piece", "content_tag", "purpose"),
    "always": ("state", "piece", "held", "first", "partial", "value", "task_for"),
    "eventually_reachable": ("state", "piece"),
}

ANYWHERE = "anywhere"
#: The `from` of a property that must hold from every state.


@dataclass(frozen=True, slots=True)
class Property:
    """A property that must hold for every patient: `kind` applies to the `subject` called `name`.

    At most one of the others is set. `when` limits the property to situations where a condition is true, `unless` to
    those where it is not true. `start` is a state, or `anywhere`. `within` is the time in which a task is due,
    as ISO 8601.
    """

    kind: PropertyKind
    subject: SubjectKind
    name: Text
    when: Text | None = None
    unless: Text | None = None
    start: Text | None = None
    within: str | None = None
    title: Titles = field(default_factory=Titles)
    mark: Mark = NOWHERE

    @property
    def in_words(self) -> str:
        """The property on one line, as written."""
        rest = {"when": self.when, "unless": self.unless, "from": self.start}
        conditions = "".join(f", {key} {text.text}" for key, text in rest.items() if text is not None)
        conditions += f", within {self.within}" if self.within is not None else ""
        return f"{self.kind.replace('_', ' ')} {self.subject.replace('_', ' ')} {self.name.text}{conditions}"


@dataclass(frozen=True, slots=True)
class Journey:
    """A declared disease course. `digest` is the SHA-256 of the file's bytes, which names a release.

    `topics` are the names of the topics of pieces, by key; pieces of those `on_request` are shown to patients who asked
    for the topic alone. `group_asks` are the questions about groups as a whole, by the name of the group.
    """

    key: str
    file: str
    digest: str
    title: Titles
    locales: tuple[str, ...]
    facts: Mapping[str, Fact]
    groups: Mapping[str, tuple[Text, ...]]
    conditions: Mapping[str, Text]
    triggers: Mapping[str, Trigger]
    ends: Mapping[str, Trigger]
    entries: Mapping[str, Entry]
    tracks: Mapping[str, Track]
    programme: Mapping[str, ProgrammeValue] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    topics: Mapping[str, Titles] = field(default_factory=dict)
    on_request: frozenset[str] = frozenset()
    renamed: tuple[Rename, ...] = ()
    properties: tuple[Property, ...] = ()
    mark: Mark = NOWHERE
    group_asks: Mapping[str, Ask] = field(default_factory=dict)
    asking: Asking = field(default_factory=Asking)
    surveys: Mapping[str, Survey] = field(default_factory=dict)

    @property
    def fact_types(self) -> dict[str, FactType]:
        """The type of each fact by name."""
        return {name: fact.kind for name, fact in self.facts.items()}

    @property
    def state_paths(self) -> tuple[str, ...]:
        """Every state as `track.path`, in document order."""
        return tuple(f"{track.name}.{path}" for track in self.tracks.values() for path in track.states)

    @property
    def leaf_paths(self) -> tuple[str, ...]:
        """Every leaf state as `track.path`, in document order."""
        return tuple(f"{track.name}.{path}" for track in self.tracks.values() for path in track.leaves)

    def resolve_state(self, written: str, track: str | None = None) -> str | None:
        """The full path (`track.state`) of a path as written in a condition, or None.

        A path with its track comes first, then a path in the given track, then a path that only one track has.
        """
        if written in self.state_paths:
            return written
        if track is not None and written in self.tracks[track].states:
            return f"{track}.{written}"
        matches = [f"{track.name}.{written}" for track in self.tracks.values() if written in track.states]
        return matches[0] if len(matches) == 1 else None


__all__ = [
    "ANSWERED",
    "ANYWHERE",
    "BUILT_IN",
    "CONTACTS",
    "LATER",
    "MARKS",
    "NOWHERE",
    "PROGRAMME_KINDS",
    "PROPERTIES",
    "RAISED",
    "REPORTERS",
    "STAY",
    "Ask",
    "Asking",
    "Contact",
    "Entry",
    "Fact",
    "Hold",
    "Journey",
    "Mark",
    "ProgrammeKind",
    "ProgrammeValue",
    "Property",
    "PropertyKind",
    "Rename",
    "Reporter",
    "StateDefinition",
    "SubjectKind",
    "Survey",
    "Task",
    "Text",
    "Timer",
    "Titles",
    "Track",
    "Transition",
    "Trigger",
]
