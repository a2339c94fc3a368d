"""The shape of a journey's file: which keys stand where and what kind of value each has."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable
from pathlib import Path

from journeys.definition.facts import FACT_KINDS, FactType
from journeys.definition.model import (
    CONTACTS,
    MARKS,
    NOWHERE,
    PROGRAMME_KINDS,
    PROPERTIES,
    REPORTERS,
    STAY,
    Contact,
    Entry,
    Fact,
    Hold,
    Journey,
    Mark,
    ProgrammeValue,
    Property,
    PropertyKind,
    Rename,
    StateDefinition,
    Task,
    Timer,
    Track,
    Transition,
    Trigger,
)
from journeys.definition.reading.shape import KEY, LOCALE, WORDS_OF_CONDITIONS, Fields, Shape
from journeys.definition.reading.tree import MappingNode, Node, Scalar, Sequence, read_tree
from journeys.primitives.problems import Problem, did_you_mean

_OWN_EVENTS = ("entered", "enrolled", "placed", "migrated", "after", *MARKS)
#: What events of every journey are called; no trigger is called so.
TAKES: dict[PropertyKind, tuple[str, ...]] = {
    "never": ("when", "unless"),
    "always": ("when", "unless"),
    "eventually_reachable": ("from",),
}
#: What each kind of property takes beside what it is about.
MAX_STATES = 500
MAX_INTEGER = 2**31 - 1
MAX_TEXT = 2000


def definitions_in(folder: Path) -> list[Path]:
    """Every definition of a folder (`*.yaml` with no further suffix such as `.fhir.yaml`), by name."""
    return sorted(path for path in folder.glob("*.yaml") if path.name.count(".") == 1)


def read_journey(data: bytes, file: str) -> tuple[Journey | None, list[Problem]]:
    """The journey that a file declares, as far as its shape can be read, and every problem of shape.

    Args:
        data: the bytes of the file.
        file: its name, for the problems.

    Returns:
        The journey (None when nothing can be read at all) and the problems found. The journey may be handed to
        the lint rules even when there are problems, so that all are reported at once; never to the compiler.
    """
    tree, problems = read_tree(data, file)
    if tree is None:
        if not problems:
            problems.append(Problem(file, 1, 1, "error", "shape", "The file is empty; it needs 'journey'."))
        return None, problems
    reader = _JourneyReader(file)
    journey = reader.journey(tree, hashlib.sha256(data).hexdigest())
    return journey, problems + reader.problems


class _JourneyReader(Shape):
    """Reads one definition."""

    def journey(self, tree: Node, digest: str) -> Journey | None:
        if not isinstance(tree, MappingNode):
            self.problem(tree.mark, "A definition must be keys and values, beginning with 'journey'.")
            return None
        required = ("journey", "title", "locales", "tracks")
        optional = (
            "facts",
            "groups",
            "conditions",
            "triggers",
            "ends",
            "entry",
            "programme",
            "contacts",
            "renamed",
            "properties",
        )
        fields = self.fields(tree, "a journey", required, optional)
        key = self.text(fields.get("journey"), "'journey'", "journey")
        if not KEY.fullmatch(key) or len(key) > 64:
            self.problem(fields.at("journey"), f"The key '{key[:80]}' must be lower case letters, digits, '_' and '-'.")
        return Journey(
            key=key,
            file=self.file,
            digest=digest,
            title=self.titles(fields.get("title"), "'title'"),
            locales=self.locales(fields.get("locales")),
            facts=self.facts(fields.get("facts")),
            groups={
                name.text: self.texts(node, f"The group '{name.text}'")
                for name, node in self.names(fields.get("groups"), "a group")
            },
            conditions={
                name.text: text
                for name, node in self.names(fields.get("conditions"), "a condition", WORDS_OF_CONDITIONS)
                if (text := self.marked(node, f"The condition '{name.text}'")) is not None
            },
            triggers=self.triggers(fields.get("triggers"), "a trigger"),
            ends=self.triggers(fields.get("ends"), "an end"),
            entries=self.entry_points(fields.get("entry")),
            tracks=self.tracks(fields.get("tracks")),
            programme={
                name.text: self.programme_value(name, node)
                for name, node in self.names(fields.get("programme"), "a value of the programme")
            },
            contacts=self.contacts(fields.get("contacts")),
            renamed=tuple(
                Rename(name.text, text.text, name.mark, text.mark)
                for name, node in self.entries(fields.get("renamed"), "'renamed'")
                if (text := self.marked(node, f"What '{name.text}' is called now")) is not None
            ),
            properties=self.properties(fields.get("properties")),
            mark=fields.mark,
        )

    def locales(self, node: Node | None) -> tuple[str, ...]:
        found: list[str] = []
        for text in self.texts(node, "'locales'"):
            if not LOCALE.fullmatch(text.text):
                self.problem(text.mark, f"'{text.text[:40]}' is no locale such as en or es-US.")
            elif text.text in found:
                self.problem(text.mark, f"The locale '{text.text}' stands twice.")
            else:
                found.append(text.text)
        return tuple(found) or ("en",)

    # --- facts ---------------------------------------------------------------------------------------------

    def facts(self, node: Node | None) -> dict[str, Fact]:
        return {name.text: self.fact(name, value) for name, value in self.names(node, "a fact", WORDS_OF_CONDITIONS)}

    def fact(self, name: Scalar, node: Node) -> Fact:
        what = f"the fact '{name.text}'"
        optional = ("by", "hold_until", "title", "labels", "lasting", "values", "min", "max", "max_length")
        fields = self.fields(node, what, ("type",), optional)
        kind = self.one_of(fields.get("type"), f"The type of {what}", FACT_KINDS) or _nearest_kind(fields.get("type"))
        takes = {
            "choice": {"values", "labels"},
            "set": {"values", "labels"},
            "boolean": {"labels"},
            "integer": {"min", "max"},
            "text": {"max_length"},
        }.get(kind, set())
        for key in ("values", "labels", "min", "max", "max_length"):
            if key in fields and key not in takes:
                self.problem(fields.at(key), f"'{key}' has no meaning for a fact of type {kind}.")
        labels = {
            key.text: self.titles(value, f"the label of '{key.text}'")
            for key, value in self.entries(fields.get("labels"), f"the labels of {what}")
        }
        return Fact(
            name=name.text,
            kind=self.fact_type(kind, fields.get("values"), fields, name),
            by=self.reporters(fields.get("by"), what),
            hold=self.hold(fields.get("hold_until"), what),
            title=self.titles(fields.get("title"), f"the title of {what}"),
            labels=labels,
            lasting=self.flag(fields.get("lasting"), f"'lasting' of {what}"),
            mark=name.mark,
        )

    def fact_type(self, kind: str, values: Node | None, fields: Fields, name: Scalar) -> FactType:
        what = f"the fact '{name.text}'"
        if kind == "integer":
            low = self.number(fields.get("min"), f"'min' of {what}")
            high = self.number(fields.get("max"), f"'max' of {what}")
            if "min" not in fields or "max" not in fields:
                self.problem(name.mark, f"An integer needs 'min' and 'max'; {what} lacks one.")
            elif low is not None and high is not None and low > high:
                self.problem(fields.at("min"), f"'min' is above 'max' in {what}.")
            return FactType("integer", minimum=low or 0, maximum=high if high is not None else MAX_INTEGER)
        if kind == "text":
            length = self.number(fields.get("max_length"), f"'max_length' of {what}")
            if length is not None and not 1 <= length <= MAX_TEXT:
                self.problem(fields.at("max_length"), f"'max_length' of {what} must be from 1 to {MAX_TEXT}.")
                length = None
            return FactType("text", max_length=length or 200)
        if kind not in ("choice", "set"):
            return FactType(kind)  # type: ignore[arg-type]
        tree = _ValueTree(self, what)
        tree.read(values, frozenset())
        if (values is None or isinstance(values, Sequence)) and len(tree.ancestors) < (2 if kind == "choice" else 1):
            least = "two at least" if kind == "choice" else "one at least"
            self.problem(fields.at("values") if values else name.mark, f"{what} needs 'values', a list, {least}.")
        if kind == "set" and any(len(above) > 1 for above in tree.ancestors.values()):
            self.problem(fields.at("values"), f"{what} is a set; its values cannot be a tree.")
        leaves = tuple(value for value in tree.ancestors if value not in tree.parents)
        return FactType(kind, tuple(tree.ancestors), tree.ancestors, leaves)  # type: ignore[arg-type]

    def reporters(self, node: Node | None, what: str) -> frozenset[str]:
        if node is None:
            return frozenset(REPORTERS)
        found = []
        for text in self.texts(node, f"'by' of {what}"):
            if text.text in REPORTERS:
                found.append(text.text)
            else:
                hint = did_you_mean(text.text, REPORTERS)
                self.problem(text.mark, f"'{text.text[:40]}' in 'by' of {what} is no reporter.{hint}")
        return frozenset(found)

    def hold(self, node: Node | None, what: str) -> Hold | None:
        if node is None:
            return None
        if isinstance(node, Scalar):
            return Hold(self.text(node, f"'hold_until' of {what}"), mark=node.mark)
        fields = self.fields(node, f"'hold_until' of {what}", ("trigger",), ("within", "for"))
        return Hold(
            self.text(fields.get("trigger"), "'trigger'"),
            self.duration(fields.get("within"), "'within'", "P2D"),
            self.text(fields.get("for"), "'for'", "care_team"),
            fields.mark,
        )

    # --- triggers and entries ------------------------------------------------------------------------------

    def triggers(self, node: Node | None, what: str) -> dict[str, Trigger]:
        found = {}
        for name, value in self.names(node, what, _OWN_EVENTS):
            fields = self.fields(value, f"{what} ('{name.text}')", (), ("by", "requires", "title"))
            found[name.text] = Trigger(
                name=name.text,
                by=self.reporters(fields.get("by"), f"'{name.text}'"),
                requires=self.texts(fields.get("requires"), f"'requires' of '{name.text}'"),
                title=self.titles(fields.get("title"), f"the title of '{name.text}'"),
                mark=name.mark,
            )
        return found

    def entry_points(self, node: Node | None) -> dict[str, Entry]:
        found = {}
        for name, value in self.names(node, "an entry"):
            fields = self.fields(value, f"the entry '{name.text}'", ("title", "state"), ("asks",))
            states = self.texts(fields.get("state"), f"'state' of the entry '{name.text}'")
            if "state" in fields and not states:
                self.problem(fields.at("state"), f"'state' of the entry '{name.text}' is empty; name a state.")
            found[name.text] = Entry(
                name=name.text,
                title=self.titles(fields.get("title"), f"the title of the entry '{name.text}'"),
                states=states,
                asks=self.texts(fields.get("asks"), f"'asks' of the entry '{name.text}'"),
                mark=name.mark,
            )
        return found

    # --- programmes ----------------------------------------------------------------------------------------

    def programme_value(self, name: Scalar, node: Node) -> ProgrammeValue:
        what = f"the value '{name.text}' of the programme"
        fields = self.fields(node, what, ("type",), ("title", "max_length"))
        kind = self.one_of(fields.get("type"), f"The type of {what}", PROGRAMME_KINDS) or "text"
        length = self.number(fields.get("max_length"), f"'max_length' of {what}")
        if length is not None and kind != "text":
            self.problem(fields.at("max_length"), f"'max_length' has no meaning for a value of type {kind}.")
        elif length is not None and not 1 <= length <= MAX_TEXT:
            self.problem(fields.at("max_length"), f"'max_length' of {what} must be from 1 to {MAX_TEXT}.")
            length = None
        return ProgrammeValue(
            name=name.text,
            kind=kind,  # type: ignore[arg-type]
            max_length=length or 200,
            title=self.titles(fields.get("title"), f"the title of {what}"),
            mark=name.mark,
        )

    def contacts(self, node: Node | None) -> dict[str, Contact]:
        found = {}
        for name, value in self.entries(node, "'contacts'"):
            if name.text not in CONTACTS:
                hint = did_you_mean(name.text, CONTACTS)
                self.problem(name.mark, f"'{name.text[:80]}' is no contact that has a place in an app.{hint}")
                continue
            accepted = tuple(CONTACTS[name.text])
            required = ("email",) if name.text == "sender" else ("title", "phone")
            optional = tuple(part for part in accepted if part not in required)
            fields = self.fields(value, f"the contact '{name.text}'", required, optional)
            found[name.text] = Contact(
                name=name.text,
                title=self.titles(fields.get("title"), f"the title of the contact '{name.text}'"),
                parts={
                    part: text
                    for part in accepted
                    if (text := self.marked(fields.get(part), f"'{part}' of the contact '{name.text}'")) is not None
                },
                mark=name.mark,
            )
        return found

    # --- properties ----------------------------------------------------------------------------------------

    def properties(self, node: Node | None) -> tuple[Property, ...]:
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.problem(node.mark, "'properties' must be a list: each item begins with '- never:' or the like.")
            return ()
        found = [self.property(item) for item in node.items]
        return tuple(one for one in found if one is not None)

    def property(self, node: Node) -> Property | None:
        fields = self.fields(node, "a property", (), (*PROPERTIES, "title"))
        kinds = [kind for kind in PROPERTIES if kind in fields]
        if len(kinds) != 1:
            self.problem(fields.mark, f"A property needs one of {_quoted(PROPERTIES)}, and one only.")
            return None
        kind = kinds[0]
        subjects = PROPERTIES[kind]
        what = f"'{kind}'"
        own = self.fields(fields.get(kind), what, (), (*subjects, *TAKES[kind]))
        named = [one for one in subjects if one in own]
        if len(named) != 1:
            self.problem(own.mark, f"{what} needs one of {_quoted(subjects)}, and one only.")
            return None
        if "when" in own and "unless" in own:
            self.problem(own.at("unless"), f"{what} takes 'when' or 'unless', not both.")
        if "held" in own and ("when" in own or "unless" in own):
            self.problem(own.at("held"), "What is 'held' is so always; it takes neither 'when' nor 'unless'.")
            return None
        name = self.marked(own.get(named[0]), f"'{named[0]}' of {what}")
        if name is None:
            return None
        return Property(
            kind=kind,
            subject=named[0],
            name=name,
            when=self.marked(own.get("when"), f"'when' of {what}"),
            unless=self.marked(own.get("unless"), f"'unless' of {what}"),
            start=self.marked(own.get("from"), f"'from' of {what}"),
            title=self.titles(fields.get("title"), "the title of a property"),
            mark=fields.mark,
        )

    # --- tracks and states ---------------------------------------------------------------------------------

    def tracks(self, node: Node | None) -> dict[str, Track]:
        found = {}
        for name, value in self.names(node, "a track"):
            fields = self.fields(value, f"the track '{name.text}'", ("initial", "states"), ("title",))
            states: dict[str, StateDefinition] = {}
            self.states(fields.get("states"), None, states)
            if not states:
                self.problem(name.mark, f"The track '{name.text}' has no states.")
            found[_undotted(name.text)] = Track(
                name=_undotted(name.text),
                title=self.titles(fields.get("title"), f"the title of the track '{name.text}'"),
                initial=self.marked(fields.get("initial"), f"'initial' of the track '{name.text}'"),
                states=states,
                mark=name.mark,
            )
        total = sum(len(track.states) for track in found.values())
        if total > MAX_STATES:
            self.problem(NOWHERE, f"The journey has {total} states; at most {MAX_STATES} are accepted.")
        return found

    def states(self, node: Node | None, parent: str | None, found: dict[str, StateDefinition]) -> tuple[str, ...]:
        paths = []
        for name, value in self.names(node, "a state", (STAY,)):
            own = _undotted(name.text)
            path = f"{parent}.{own}" if parent else own
            paths.append(path)
            self.state(path, name.mark, value, found)
        return tuple(paths)

    def state(self, path: str, mark: Mark, node: Node, found: dict[str, StateDefinition]) -> None:
        what = f"the state '{path}'"
        keys = ("title", "initial", "states", "on", "after", "task", "forget", "hold_until", "tags", "no_content")
        fields = self.fields(node, what, (), keys)
        found[path] = StateDefinition(path, mark=mark)  # a place for it before its children
        children = self.states(fields.get("states"), path, found)
        found[path] = StateDefinition(
            path=path,
            title=self.titles(fields.get("title"), f"the title of {what}"),
            initial=self.marked(fields.get("initial"), f"'initial' of {what}"),
            children=children,
            on=self.transitions(fields.get("on"), what),
            after=self.timers(fields.get("after"), what),
            task=self.task(fields.get("task"), what),
            forget=self.texts(fields.get("forget"), f"'forget' of {what}"),
            hold=self.hold(fields.get("hold_until"), what),
            tags=tuple(tag.text for tag in self.texts(fields.get("tags"), f"'tags' of {what}")),
            mark=mark,
            no_content=self.text(fields.get("no_content"), f"'no_content' of {what}"),
        )

    def transitions(self, node: Node | None, what: str) -> tuple[Transition, ...]:
        found: list[Transition] = []
        for trigger, value in self.entries(node, f"'on' of {what}"):
            place = f"'{trigger.text}' in 'on' of {what}"
            items = value.items if isinstance(value, Sequence) else (value,)
            if not items:
                self.problem(trigger.mark, f"{place} is empty; name a state, or 'stay'.")
            found += [self.transition(trigger, item, place) for item in items]
        return tuple(found)

    def transition(self, trigger: Scalar, node: Node, place: str) -> Transition:
        if isinstance(node, Scalar):
            target = self.text(node, place)
            mark = node.mark if node.text else trigger.mark
            return Transition(trigger.text, target, mark=mark, places={"trigger": trigger.mark})
        fields = self.fields(node, place, (), ("when", "to", "otherwise", "order", "reenter"))
        if ("to" in fields) == ("otherwise" in fields):
            self.problem(fields.mark, f"{place} needs either 'to' or 'otherwise', and one only.")
        if "when" in fields and "otherwise" in fields:
            self.problem(
                fields.at("when"),
                f"'otherwise' in {place} takes no 'when': it is for when the others are false.",
            )
        target = self.text(fields.get("to") or fields.get("otherwise"), f"the target of {place}")
        order = self.number(fields.get("order"), f"'order' in {place}")
        return Transition(
            trigger=trigger.text,
            to=target,
            when=self.marked(fields.get("when"), f"'when' in {place}"),
            otherwise="otherwise" in fields,
            order=order,
            reenter=self.flag(fields.get("reenter"), f"'reenter' in {place}"),
            mark=fields.mark,
            places={"trigger": trigger.mark, **fields.places},
        )

    def timers(self, node: Node | None, what: str) -> tuple[Timer, ...]:
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.problem(node.mark, f"'after' of {what} must be a list: each item begins with '- '.")
            return ()
        return tuple(self.timer(item, f"a timer in {what}") for item in node.items)

    def timer(self, node: Node, what: str) -> Timer:
        does = ("to", "remind", "task")
        fields = self.fields(node, what, ("delay",), ("from", "when", "name", *does))
        if sum(key in fields for key in does) != 1:
            self.problem(fields.mark, f"{what[0].upper()}{what[1:]} needs one of 'to', 'remind', 'task'.")
        delay = self.duration(fields.get("delay"), f"'delay' of {what}", "P1D")
        start = self.text(fields.get("from"), f"'from' of {what}") or None
        to = self.text(fields.get("to"), f"'to' of {what}") or None
        remind = self.text(fields.get("remind"), f"'remind' of {what}") or None
        task = self.task(fields.get("task"), what)
        does_what = f"to {to}" if to else f"remind {remind}" if remind else f"task {task.title if task else ''}"
        name = self.text(fields.get("name"), f"'name' of {what}")
        return Timer(
            name=name or f"{does_what} {delay}" + (f" from {start}" if start else ""),
            delay=delay,
            start=start,
            to=to,
            remind=remind,
            task=task,
            when=self.marked(fields.get("when"), f"'when' of {what}"),
            mark=fields.mark,
            places=fields.places,
        )

    def task(self, node: Node | None, what: str) -> Task | None:
        if node is None:
            return None
        fields = self.fields(node, f"the task of {what}", ("for", "within", "title"), ("closed_by",))
        return Task(
            title=self.text(fields.get("title"), f"'title' of the task of {what}"),
            assignee=self.text(fields.get("for"), f"'for' of the task of {what}", "care_team"),
            within=self.duration(fields.get("within"), f"'within' of the task of {what}", "P3D"),
            closed_by=self.texts(fields.get("closed_by"), f"'closed_by' of the task of {what}"),
            mark=fields.mark,
        )


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _undotted(name: str) -> str:
    """A name that makes one part of a path; with a dot in it, it was reported already."""
    return name.replace(".", "_")


def _nearest_kind(node: Node | None) -> str:
    """What a misspelt type is taken for, so that its facts are not reported as well."""
    written = node.text if isinstance(node, Scalar) else ""
    return next(iter(difflib.get_close_matches(written, FACT_KINDS, n=1, cutoff=0.6)), "text")


class _ValueTree:
    """The values of a choice: a list whose items are values, or one value over a list of finer ones."""

    def __init__(self, shape: Shape, what: str) -> None:
        self.shape = shape
        self.what = what
        self.ancestors: dict[str, frozenset[str]] = {}
        self.parents: set[str] = set()

    def read(self, node: Node | None, above: frozenset[str]) -> None:
        if isinstance(node, Sequence):
            for item in node.items:
                self.read_item(item, above)
        elif node is not None:
            self.shape.problem(node.mark, f"The values of {self.what} must be a list.")

    def read_item(self, node: Node, above: frozenset[str]) -> None:
        if isinstance(node, Scalar):
            self.add(node, above)
        elif isinstance(node, MappingNode):
            for key, value in node.entries:
                self.add(key, above)
                if isinstance(value, Sequence) and not value.items:
                    self.shape.problem(
                        key.mark, f"'{key.text}' in {self.what} stands over an empty list; write it alone."
                    )
                self.parents.add(key.text)
                self.read(value, above | {key.text})
        else:
            self.shape.problem(
                node.mark, f"A value of {self.what} must be a text, or a text over a list of finer ones."
            )

    def add(self, scalar: Scalar, above: frozenset[str]) -> None:
        if not scalar.text or len(scalar.text) > 64:
            self.shape.problem(scalar.mark, f"A value of {self.what} must have from 1 to 64 characters.")
        if scalar.text in self.ancestors:
            self.shape.problem(scalar.mark, f"The value '{scalar.text}' of {self.what} stands twice.")
        self.ancestors[scalar.text] = above | {scalar.text}
