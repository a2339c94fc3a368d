"""The file of a journey: the fields of its format, and the reading of the whole."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from journeys.definition.model import (
    BUILT_IN,
    NOWHERE,
    PROGRAMME_KINDS,
    PROPERTIES,
    Asking,
    Contact,
    Entry,
    Journey,
    ProgrammeValue,
    Property,
    PropertyKind,
    Rename,
    Text,
    Titles,
    Trigger,
)
from journeys.definition.reading import kinds
from journeys.definition.reading.facts import BY, DEFAULT_LENGTH, LENGTH, FactForm
from journeys.definition.reading.forms import FileForm, FormField, built, by_name, forms_by_name, forms_in_list, map_of
from journeys.definition.reading.kinds import CONDITION, FACTS, MARKED, STATES, TEXTS, TITLES, Kind
from journeys.definition.reading.nodes import Node, Scalar, Sequence
from journeys.definition.reading.questions import ASKING, GROUP
from journeys.definition.reading.shape import KEY, LOCALE, MAX_NAME, WORDS_OF_CONDITIONS, Shape, quoted, spelling_of
from journeys.definition.reading.surveys import SURVEYS
from journeys.definition.reading.topics import TOPIC
from journeys.definition.reading.tracks import TrackForm
from journeys.primitives.problems import Problem

MAX_STATES = 500
_OWN_EVENTS = ("entered", "enrolled", "placed", "migrated", "after", *BUILT_IN)
#: Names of events that every journey has, which no trigger may take.
_CONDITIONS_OF: dict[PropertyKind, tuple[str, ...]] = {
    "never": ("when", "unless"),
    "always": ("when", "unless", "within"),
    "eventually_reachable": ("from",),
}
#: The keys that a property of each kind takes beside its subject.


class TriggerForm(FileForm):
    """A trigger: an event type that may be reported."""

    by = FormField(BY, "Who may report it; everybody unless given.")
    requires = FormField(
        FACTS, "Facts that must come with it; it waits for one that is missing, whose old answer becomes unknown."
    )
    resets = FormField(FACTS, "Facts that become unknown unless they are reported with it; it does not wait for them.")
    title = FormField(TITLES, "The event in the words of those who report it.")

    def build(self, name: Scalar) -> Trigger:
        """The trigger with a name."""
        return Trigger(name.text, self.by, self.requires, self.title, name.mark, self.resets)


class EntryForm(FileForm):
    """An entry, where patients join."""

    title = FormField(TITLES, "The entry in the words of patients.", required=True)
    state = FormField(STATES, "The state in which they begin; at most one for each track.", required=True)
    asks = FormField(FACTS, "Facts that patients are asked on joining; they may skip or decline each.")

    def build(self, name: Scalar) -> Entry:
        """The entry with a name."""
        states = self.state
        if EntryForm.state in self and not states:
            self.shape.problem(self.at(EntryForm.state), f"{self.label(EntryForm.state)} is empty; name a state.")
        return Entry(name.text, self.title, states, self.asks, name.mark)


class ProgrammeValueForm(FileForm):
    """A value that each programme sets."""

    type = FormField(kinds.choice(PROGRAMME_KINDS, "text"), "The type of the value.", required=True)
    title = FormField(TITLES, "The value in the words of those who set it.")
    max_length = FormField(LENGTH, f"The most characters of a `text`; {DEFAULT_LENGTH} unless given.")

    def build(self, name: Scalar) -> ProgrammeValue:
        """The value with a name."""
        kind, length = self.type, self.max_length
        if ProgrammeValueForm.max_length in self and kind != "text":
            message = f"'max_length' has no meaning for a value of type {kind}."
            self.shape.problem(self.at(ProgrammeValueForm.max_length), message)
        return ProgrammeValue(name.text, kind, length, self.title, name.mark)


VALUE = kinds.marked("a name under `programme`")


class SenderForm(FileForm):
    """The contact `sender`."""

    email = FormField(VALUE, "The value with the address.", required=True)
    name = FormField(VALUE, "The value with the name.")
    address = FormField(VALUE, "The value with the postal address, which each e-mail frame shows.")

    def build(self) -> Contact:
        """The contact that mail comes from."""
        parts = {"name": self.name, "email": self.email, "address": self.address}
        return Contact("sender", Titles(), _texts(parts))


class PhoneContactForm(FileForm):
    """A contact with a telephone number alone: `emergency`, and `after_hours` for nights and weekends."""

    title = FormField(TITLES, "The contact in the words of patients.", required=True)
    phone = FormField(VALUE, "The value with the telephone number.", required=True)

    def build(self) -> Contact:
        """The contact, whose name is filled in by its key."""
        return Contact("", self.title, _texts({"phone": self.phone}))


class HospiceForm(PhoneContactForm):
    """The contact `hospice`, which only its own patients may see."""

    show_in = FormField(STATES, "The states, in full, whose patients see it.", required=True)

    def build(self) -> Contact:
        """The contact, whose name is filled in by its key."""
        return replace(super().build(), show_in=self.show_in)


class CareTeamForm(FileForm):
    """The contact `care_team`."""

    title = FormField(TITLES, "The contact in the words of patients.", required=True)
    phone = FormField(VALUE, "The value with the telephone number.", required=True)
    name = FormField(VALUE, "The value with the name.")
    email = FormField(VALUE, "The value with the e-mail address.")
    hours = FormField(VALUE, "The value with the opening hours.")

    def build(self) -> Contact:
        """The contact of the care team."""
        parts = {"name": self.name, "phone": self.phone, "email": self.email, "hours": self.hours}
        return Contact("care_team", self.title, _texts(parts))


class ContactsForm(FileForm):
    """The contacts; each names values that the programme sets."""

    care_team = FormField(built(CareTeamForm, CareTeamForm.build, "keys below"), "The care team, which apps show.")
    after_hours = FormField(
        built(PhoneContactForm, PhoneContactForm.build, "keys below"), "The number for nights and weekends."
    )
    hospice = FormField(built(HospiceForm, HospiceForm.build, "keys below"), "The hospice team.")
    emergency = FormField(
        built(PhoneContactForm, PhoneContactForm.build, "keys below"), "The emergency number, which apps show."
    )
    sender = FormField(built(SenderForm, SenderForm.build, "keys below"), "The sender of mail.")

    def build(self) -> dict[str, Contact]:
        """The contacts by name, in the order of the file."""
        contacts = {
            "care_team": self.care_team,
            "after_hours": self.after_hours,
            "hospice": self.hospice,
            "emergency": self.emergency,
            "sender": self.sender,
        }
        return {
            key: replace(contact, name=key, mark=mark)
            for key, mark in self.key_marks.items()
            if (contact := contacts[key])
        }


class PropertyBodyForm(FileForm):
    """The subject of a property (one of the first nine keys), and the condition under which the property applies."""

    state = FormField(kinds.marked("a state"), "A state, in full or as conditions name it.")
    piece = FormField(MARKED, "A piece, by its key.")
    content_tag = FormField(MARKED, "A tag of pieces; for `never`.")
    purpose = FormField(MARKED, "A purpose of pieces; for `never`.")
    held = FormField(MARKED, "A state or fact with `hold_until`, hidden until its trigger is reported; for `always`.")
    first = FormField(MARKED, "A piece, by its key, that is shown above all others; for `always`.")
    partial = FormField(MARKED, "A partial that a shown piece includes outside every `if`; for `always`.")
    value = FormField(VALUE, "A value of the programme that a shown piece contains outside every `if`; for `always`.")
    task_for = FormField(
        kinds.marked("a trigger"), "A trigger that opens a task wherever it is reported; for `always`."
    )
    within = FormField(kinds.duration("P1D"), "The time in which the task of `task_for` is due; required with it.")
    when = FormField(CONDITION, "Applies only where this is true; for `never` and `always`.")
    unless = FormField(CONDITION, "Applies only where this is not true; for `never` and `always`.")
    start = FormField(
        kinds.marked("a state"), "The state to start from, or `anywhere`; for `eventually_reachable`.", key="from"
    )

    def build(self, kind: PropertyKind) -> Property | None:
        """The property of a kind (None where its subject cannot be read), without its title."""
        subjects = [subject for subject in PROPERTIES[kind] if subject in self.key_marks]
        if len(subjects) != 1:
            self.shape.problem(self.mark, f"'{kind}' needs one of {quoted(PROPERTIES[kind])}, and one only.")
            return None
        conditions = [field for field in (PropertyBodyForm.when, PropertyBodyForm.unless) if field in self]
        if len(conditions) == 2:
            self.shape.problem(self.at(PropertyBodyForm.unless), f"'{kind}' takes 'when' or 'unless', not both.")
        if subjects[0] in ("held", "task_for") and conditions:
            message = f"'{subjects[0]}' always holds; it takes neither 'when' nor 'unless'."
            self.shape.problem(self.key_marks[subjects[0]], message)
            return None
        if ("task_for" in subjects) != (PropertyBodyForm.within in self):
            message = "'task_for' needs 'within' (such as P1D), which no other property takes."
            self.shape.problem(self.at(PropertyBodyForm.within), message)
            return None
        by_key = {field.key: field for field in _SUBJECT_FIELDS}
        name = self[by_key[subjects[0]]]
        within = self.within if "task_for" in subjects else None
        return (
            Property(kind, subjects[0], name, self.when, self.unless, self.start, within) if name is not None else None
        )


_SUBJECT_FIELDS = (
    PropertyBodyForm.state,
    PropertyBodyForm.piece,
    PropertyBodyForm.content_tag,
    PropertyBodyForm.purpose,
    PropertyBodyForm.held,
    PropertyBodyForm.first,
    PropertyBodyForm.partial,
    PropertyBodyForm.value,
    PropertyBodyForm.task_for,
)


def _body(kind: PropertyKind) -> Kind[Property | None]:
    accepted = (*PROPERTIES[kind], *_CONDITIONS_OF[kind])

    def read(shape: Shape, node: Node | None, _label: str) -> Property | None:
        return PropertyBodyForm.read(shape, node, f"'{kind}'", only=accepted).build(kind)

    subjects = ", ".join(f"`{subject}`" for subject in PROPERTIES[kind])
    return Kind(f"one of {subjects}", read, lambda definitions: PropertyBodyForm.schema(definitions, accepted))


class PropertyForm(FileForm):
    """A property that must hold for every patient: one of `never`, `always` and `eventually_reachable`."""

    never = FormField(_body("never"), "Never happens.")
    always = FormField(_body("always"), "Holds at all times.")
    eventually_reachable = FormField(_body("eventually_reachable"), "Can still be reached.")
    title = FormField(TITLES, "The property in the words of reviewers.")

    def build(self) -> Property | None:
        """The property, or None where its kind or its subject cannot be read."""
        fields = (PropertyForm.never, PropertyForm.always, PropertyForm.eventually_reachable)
        kinds_written = [field for field in fields if field in self]
        if len(kinds_written) != 1:
            self.shape.problem(self.mark, f"A property needs one of {quoted(PROPERTIES)}, and one only.")
            return None
        body = self[kinds_written[0]]
        return None if body is None else replace(body, title=self.title, mark=self.mark)


def _read_locales(shape: Shape, node: Node | None, label: str) -> tuple[str, ...]:
    locales: list[str] = []
    for text in shape.texts(node, label):
        if not LOCALE.fullmatch(text.text):
            shape.problem(text.mark, f"'{text.text[:40]}' is not a locale such as en or es-US.{spelling_of(text.text)}")
        elif text.text in locales:
            shape.problem(text.mark, f"The locale '{text.text}' is listed twice.")
        else:
            locales.append(text.text)
    return tuple(locales) or ("en",)


def _read_key(shape: Shape, node: Node | None, label: str) -> str:
    key = shape.text(node, label)
    return shape.key(node, "The key") if key and isinstance(node, Scalar) else "journey"


def _read_renames(shape: Shape, node: Node | None, label: str) -> tuple[Rename, ...]:
    return tuple(
        Rename(old.text, new.text, old.mark, new.mark)
        for old, value in shape.entries(node, label)
        for new in _read_new_names(shape, value, f"The new name of '{old.text}'")
    )


def _read_new_names(shape: Shape, node: Node | None, label: str) -> tuple[Text, ...]:
    if isinstance(node, Sequence) and node.items:
        return shape.texts(node, label)
    name = shape.marked(node, label)
    return (name,) if name is not None else ()


KEY_SCHEMA = {"type": "string", "pattern": f"^(?:{KEY.pattern})$", "maxLength": MAX_NAME}
LOCALES_SCHEMA = {"anyOf": [kinds.NAME_SCHEMA, {"type": "array", "items": kinds.NAME_SCHEMA}]}
JOURNEY_KEY = Kind("lower case letters, digits, `_` and `-`", _read_key, kinds.fixed(KEY_SCHEMA))
LOCALES = Kind("a locale (`en`, `es-US`), or a list", _read_locales, kinds.fixed(LOCALES_SCHEMA))
RENAMES = Kind("by old path: the new path, or a list", _read_renames, map_of(TEXTS, "").schema)
PROPERTY_LIST = forms_in_list(PropertyForm, PropertyForm.build, "property")
TRACKS = forms_by_name(TrackForm, TrackForm.build, "track")
FACTS_BY_NAME = forms_by_name(FactForm, FactForm.build, "fact", WORDS_OF_CONDITIONS)
TRIGGERS = forms_by_name(TriggerForm, TriggerForm.build, "trigger", _OWN_EVENTS, may_be_empty=True)
ENDS = forms_by_name(TriggerForm, TriggerForm.build, "end", _OWN_EVENTS, may_be_empty=True)
ENTRIES = forms_by_name(EntryForm, EntryForm.build, "entry")
VALUES = forms_by_name(ProgrammeValueForm, ProgrammeValueForm.build, "value of the programme")


class JourneyForm(FileForm):
    """A patient journey."""

    journey = FormField(JOURNEY_KEY, "The key of the journey.", required=True)
    title = FormField(TITLES, "The name of the journey.", required=True)
    locales = FormField(LOCALES, "The languages of its texts; the first replaces a missing one.", required=True)
    tracks = FormField(TRACKS, "The state machines, side by side.", required=True)
    facts = FormField(FACTS_BY_NAME, "Facts that may be known about a patient.")
    groups = FormField(by_name(GROUP, "group"), "Facts that are reported together or not at all.")
    conditions = FormField(by_name(CONDITION, "condition", WORDS_OF_CONDITIONS), "Conditions that are used again.")
    triggers = FormField(TRIGGERS, "Event types that may be reported.")
    ends = FormField(ENDS, "Event types that end all tracks, from anywhere.")
    entry = FormField(ENTRIES, "The points at which patients join.")
    programme = FormField(VALUES, "Values that each programme sets.")
    contacts = FormField(built(ContactsForm, ContactsForm.build, "keys below"), "The contacts of each programme.")
    topics = FormField(by_name(TOPIC, "topic"), "Topics of pieces, by key. A patient may decline or ask for them.")
    renamed = FormField(RENAMES, "States and tracks with another name in an earlier release.")
    properties = FormField(PROPERTY_LIST, "Properties that must hold for every patient.")
    asking = FormField(ASKING, "How much patients are asked.")
    surveys = FormField(SURVEYS, "Questions that come together, now and then, with thanks.")

    def build(self, file: str, digest: str) -> Journey:
        """The journey, as far as it can be read."""
        tracks = {track.name: track for track in self.tracks.values()}
        total = sum(len(track.states) for track in tracks.values())
        if total > MAX_STATES:
            self.shape.problem(NOWHERE, f"The journey has {total} states; at most {MAX_STATES} are accepted.")
        groups = self.groups
        return Journey(
            key=self.journey,
            file=file,
            digest=digest,
            title=self.title,
            locales=self.locales,
            facts=self.facts,
            groups={name: facts for name, (facts, _) in groups.items()},
            conditions=self.conditions,
            triggers=self.triggers,
            ends=self.ends,
            entries=self.entry,
            tracks=tracks,
            programme=self.programme,
            contacts=self.contacts or {},
            topics={name: topic.title for name, topic in self.topics.items()},
            on_request=frozenset(name for name, topic in self.topics.items() if topic.is_on_request),
            renamed=self.renamed,
            properties=self.properties,
            mark=self.mark,
            group_asks={name: ask for name, (_, ask) in groups.items() if ask is not None},
            asking=self.asking or Asking(),
            surveys=self.surveys,
        )


def definitions_in(folder: Path) -> list[Path]:
    """Every definition of a folder (`*.yaml` with no further suffix such as `.fhir.yaml`), by name."""
    return sorted(path for path in folder.glob("*.yaml") if path.name.count(".") == 1)


def read_journey(data: bytes, file: str) -> tuple[Journey | None, list[Problem]]:
    """The journey that a file declares, as far as its shape can be read, and every problem of shape.

    Args:
        data: the bytes of the file.
        file: its name, for the problems.

    Returns:
        The journey (None when nothing can be read at all) and the problems. The journey may be handed to the lint
        rules even when there are problems, so that all are reported at once; never to the compiler.
    """
    form, problems = JourneyForm.read_file(data, file, "a journey")
    return form.build(file, hashlib.sha256(data).hexdigest()) if form else None, problems


def _texts(parts: dict[str, Text | None]) -> dict[str, Text]:
    return {key: text for key, text in parts.items() if text is not None}
