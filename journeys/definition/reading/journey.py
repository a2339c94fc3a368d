"""The shape of a journey's file: which keys stand where and what kind of value each has."""

from __future__ import annotations

import hashlib
from pathlib import Path

from journeys.definition.model import (
    CONTACTS,
    MARKS,
    PROGRAMME_KINDS,
    PROPERTIES,
    Contact,
    Entry,
    Journey,
    ProgrammeValue,
    Property,
    PropertyKind,
    Rename,
    Trigger,
)
from journeys.definition.reading.facts import MAX_TEXT, quoted
from journeys.definition.reading.shape import KEY, LOCALE, WORDS_OF_CONDITIONS
from journeys.definition.reading.tracks import TrackReader
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


class _JourneyReader(TrackReader):
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
        locales: list[str] = []
        for text in self.texts(node, "'locales'"):
            if not LOCALE.fullmatch(text.text):
                self.problem(text.mark, f"'{text.text[:40]}' is not a locale such as en or es-US.")
            elif text.text in locales:
                self.problem(text.mark, f"The locale '{text.text}' is listed twice.")
            else:
                locales.append(text.text)
        return tuple(locales) or ("en",)

    # --- facts ---------------------------------------------------------------------------------------------

    def triggers(self, node: Node | None, subject: str) -> dict[str, Trigger]:
        triggers = {}
        for name, value in self.names(node, subject, _OWN_EVENTS):
            fields = self.fields(value, f"{subject} ('{name.text}')", (), ("by", "requires", "title"))
            triggers[name.text] = Trigger(
                name=name.text,
                by=self.reporters(fields.get("by"), f"'{name.text}'"),
                requires=self.texts(fields.get("requires"), f"'requires' of '{name.text}'"),
                title=self.titles(fields.get("title"), f"the title of '{name.text}'"),
                mark=name.mark,
            )
        return triggers

    def entry_points(self, node: Node | None) -> dict[str, Entry]:
        entries = {}
        for name, value in self.names(node, "an entry"):
            fields = self.fields(value, f"the entry '{name.text}'", ("title", "state"), ("asks",))
            states = self.texts(fields.get("state"), f"'state' of the entry '{name.text}'")
            if "state" in fields and not states:
                self.problem(fields.at("state"), f"'state' of the entry '{name.text}' is empty; name a state.")
            entries[name.text] = Entry(
                name=name.text,
                title=self.titles(fields.get("title"), f"the title of the entry '{name.text}'"),
                states=states,
                asks=self.texts(fields.get("asks"), f"'asks' of the entry '{name.text}'"),
                mark=name.mark,
            )
        return entries

    # --- programmes ----------------------------------------------------------------------------------------

    def programme_value(self, name: Scalar, node: Node) -> ProgrammeValue:
        subject = f"the value '{name.text}' of the programme"
        fields = self.fields(node, subject, ("type",), ("title", "max_length"))
        kind = self.one_of(fields.get("type"), f"The type of {subject}", PROGRAMME_KINDS) or "text"
        length = self.number(fields.get("max_length"), f"'max_length' of {subject}")
        if length is not None and kind != "text":
            self.problem(fields.at("max_length"), f"'max_length' has no meaning for a value of type {kind}.")
        elif length is not None and not 1 <= length <= MAX_TEXT:
            self.problem(fields.at("max_length"), f"'max_length' of {subject} must be from 1 to {MAX_TEXT}.")
            length = None
        return ProgrammeValue(
            name=name.text,
            kind=kind,  # type: ignore[arg-type]
            max_length=length or 200,
            title=self.titles(fields.get("title"), f"the title of {subject}"),
            mark=name.mark,
        )

    def contacts(self, node: Node | None) -> dict[str, Contact]:
        contacts = {}
        for name, value in self.entries(node, "'contacts'"):
            if name.text not in CONTACTS:
                hint = did_you_mean(name.text, CONTACTS)
                self.problem(name.mark, f"'{name.text[:80]}' is not a contact that apps show.{hint}")
                continue
            accepted = tuple(CONTACTS[name.text])
            required = ("email",) if name.text == "sender" else ("title", "phone")
            optional = tuple(part for part in accepted if part not in required)
            fields = self.fields(value, f"the contact '{name.text}'", required, optional)
            contacts[name.text] = Contact(
                name=name.text,
                title=self.titles(fields.get("title"), f"the title of the contact '{name.text}'"),
                parts={
                    part: text
                    for part in accepted
                    if (text := self.marked(fields.get(part), f"'{part}' of the contact '{name.text}'")) is not None
                },
                mark=name.mark,
            )
        return contacts

    # --- properties ----------------------------------------------------------------------------------------

    def properties(self, node: Node | None) -> tuple[Property, ...]:
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.problem(node.mark, "'properties' must be a list: each item begins with '- never:' or the like.")
            return ()
        properties = [self.property(item) for item in node.items]
        return tuple(item for item in properties if item is not None)

    def property(self, node: Node) -> Property | None:
        fields = self.fields(node, "a property", (), (*PROPERTIES, "title"))
        kinds = [kind for kind in PROPERTIES if kind in fields]
        if len(kinds) != 1:
            self.problem(fields.mark, f"A property needs one of {quoted(PROPERTIES)}, and one only.")
            return None
        kind = kinds[0]
        subjects = PROPERTIES[kind]
        subject = f"'{kind}'"
        own = self.fields(fields.get(kind), subject, (), (*subjects, *TAKES[kind]))
        named_subjects = [name for name in subjects if name in own]
        if len(named_subjects) != 1:
            self.problem(own.mark, f"{subject} needs one of {quoted(subjects)}, and one only.")
            return None
        if "when" in own and "unless" in own:
            self.problem(own.at("unless"), f"{subject} takes 'when' or 'unless', not both.")
        if "held" in own and ("when" in own or "unless" in own):
            self.problem(own.at("held"), "'held' always holds; it takes neither 'when' nor 'unless'.")
            return None
        name = self.marked(own.get(named_subjects[0]), f"'{named_subjects[0]}' of {subject}")
        if name is None:
            return None
        return Property(
            kind=kind,
            subject=named_subjects[0],
            name=name,
            when=self.marked(own.get("when"), f"'when' of {subject}"),
            unless=self.marked(own.get("unless"), f"'unless' of {subject}"),
            start=self.marked(own.get("from"), f"'from' of {subject}"),
            title=self.titles(fields.get("title"), "the title of a property"),
            mark=fields.mark,
        )

    # --- tracks and states ---------------------------------------------------------------------------------
