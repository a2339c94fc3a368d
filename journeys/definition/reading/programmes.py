"""The file of a journey's programmes: the fields of its format, and the reading of the values that differ by site."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

from journeys.definition.message_limits import Cap, MessageLimits
from journeys.definition.programmes import Programme, Programmes, ValueSetting
from journeys.definition.reading import kinds
from journeys.definition.reading.forms import FileForm, FormField, forms_in_list, map_of, names_of, part
from journeys.definition.reading.kinds import TEXT_SCHEMA, TITLES, TITLES_SCHEMA
from journeys.definition.reading.nodes import MappingNode, Node, Scalar, Sequence
from journeys.definition.reading.registration import REGISTRATION
from journeys.definition.reading.shape import KEY, Shape
from journeys.permission import is_purpose
from journeys.primitives.durations import parse_duration
from journeys.primitives.problems import Problem, did_you_mean
from journeys.primitives.words import MESSAGE_PURPOSES

SUFFIX = ".programmes.yaml"
EXAMPLE = '["21:00", "08:00"]'
LONGEST_APART = timedelta(days=28)
#: Four weeks; a month has no fixed length.
VALUE = kinds.node("a text, or a text by locale", kinds.fixed({"anyOf": [TEXT_SCHEMA, TITLES_SCHEMA]}))


def _read_quiet(shape: Shape, node: Node | None, label: str) -> tuple[time, time] | None:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        if node is not None:
            shape.problem(node.mark, f"{label} must be two times, when quiet hours begin and end, such as {EXAMPLE}.")
        return None
    begin, end = (shape.time_of_day(item, label) for item in node.items)
    if begin is None or end is None:
        return None
    if begin == end:
        shape.problem(
            node.mark, f"{label} begins and ends at {begin:%H:%M}; write two different times, such as {EXAMPLE}."
        )
        return None
    return begin, end


def _read_purposes(shape: Shape, node: Node | None, label: str) -> tuple[str, ...]:
    texts = shape.texts(node, label)
    accepted = ", ".join(MESSAGE_PURPOSES)
    for index, text in enumerate(texts):
        if text.text in MESSAGE_PURPOSES:
            if text.text in (other.text for other in texts[:index]):
                shape.problem(text.mark, f"'{text.text}' is listed twice in {label}; remove one of them.")
        elif is_purpose(text.text):
            shape.problem(text.mark, f"'{text.text[:40]}' in {label} sends no messages. Accepted: {accepted}.")
        else:
            hint = did_you_mean(text.text, MESSAGE_PURPOSES)
            shape.problem(text.mark, f"'{text.text[:40]}' in {label} is not a purpose of messages.{hint}")
    if node is not None and not texts:
        shape.problem(node.mark, f"{label} is empty. Accepted: {accepted}.")
    return tuple(text.text for text in texts)


QUIET = kinds.Kind(
    f"two times (`{EXAMPLE}`)",
    _read_quiet,
    kinds.fixed({"type": "array", "items": kinds.TIME_OF_DAY_SCHEMA, "minItems": 2, "maxItems": 2}),
)


class CapForm(FileForm):
    """The most messages of some purposes to one patient, over all journeys, in `caps`: with `day`, `week` or both."""

    purposes = FormField(
        kinds.some_of(MESSAGE_PURPOSES, _read_purposes), "The purposes that count together.", required=True
    )
    day = FormField(kinds.NUMBER, "The most on one day of the patient's calendar.")
    week = FormField(kinds.NUMBER, "The most in one week, Monday to Sunday.")

    def build(self) -> Cap:
        """The cap."""
        if CapForm.day not in self and CapForm.week not in self:
            self.shape.problem(self.mark, f"{self.subject} needs 'day', 'week' or both.")
        return Cap(purposes=frozenset(self.purposes), day=self.most(CapForm.day), week=self.most(CapForm.week))

    def most(self, field: FormField[int | None]) -> int | None:
        """The number of a field; None where it is absent or wrong."""
        number = self[field]
        if number is None or number >= 1:
            return number
        self.shape.problem(self.at(field), f"{self.label(field)} is {number}; it must be 1 or more.")
        return None


class MessageLimitsForm(FileForm):
    """How often, and at what hours, a programme sends messages to a patient, `messages`."""

    quiet = FormField(QUIET, "When quiet hours begin and end; 21:00 to 08:00 unless given.")
    apart = FormField(kinds.duration("PT1M"), "The least time between two messages, at most P28D; none unless given.")
    caps = FormField(forms_in_list(CapForm, CapForm.build, "cap"), "The most messages by group of purposes.")

    def build(self) -> MessageLimits:
        """The limits."""
        caps = self.caps
        if len({cap.purposes for cap in caps}) < len(caps):
            label = self.label(MessageLimitsForm.caps)
            message = f"{label} has two caps for the same purposes; write one, with 'day' and 'week'."
            self.shape.problem(self.at(MessageLimitsForm.caps), message)
        return MessageLimits(quiet=self.quiet, apart=self.gap(), caps=caps)

    def gap(self) -> timedelta:
        """The least time between two messages."""
        if MessageLimitsForm.apart not in self:
            return timedelta()
        written = self.apart
        apart = parse_duration(written)
        if apart.months or not timedelta(minutes=1) <= apart.rest <= LONGEST_APART:
            label = self.label(MessageLimitsForm.apart)
            message = f"{label} is {written}; accepted are durations from PT1M to P28D, such as PT4H."
            self.shape.problem(self.at(MessageLimitsForm.apart), message)
        return apart.rest


class ProgrammeForm(FileForm):
    """A programme: one site, or one team, that runs the journey."""

    title = FormField(TITLES, "The name of the programme.", required=True)
    values = FormField(
        map_of(VALUE, "by name: a text, or a text by locale", may_be_empty=False),
        "The values that the journey declares under `programme`.",
    )
    messages = FormField(
        part(MessageLimitsForm, "`{quiet: …, apart: …, caps: …}`"), "The limits of messages to a patient."
    )
    registration = FormField(REGISTRATION, "How people join by themselves; without it they cannot.")

    def build(self, key: Scalar) -> Programme:
        """The programme with a key, and its values and limits as far as they can be read."""
        settings = {
            name.text: _read_setting(self.shape, name, node, f"'{name.text[:80]}' of {self.subject}")
            for name, node in self.shape.entries(self.values, self.label(ProgrammeForm.values))
        }
        values = {name: setting for name, setting in settings.items() if setting is not None}
        limits = MessageLimitsForm.read(self.shape, self.messages, self.label(ProgrammeForm.messages))
        return Programme(
            key.text, self.title, values, key.mark, limits.build(), limits.key_marks, registration=self.registration
        )


class ProgrammesForm(FileForm):
    """The programmes of a journey."""

    programmes = FormField(
        names_of(ProgrammeForm, "by key: a programme", KEY.pattern),
        "The programmes; patients for whom none is named belong to the first.",
        required=True,
    )

    def build(self) -> dict[str, Programme]:
        """The programmes by key."""
        return {
            self.shape.key(key, "The key of the programme"): ProgrammeForm.read(
                self.shape, node, f"the programme '{key.text[:80]}'"
            ).build(key)
            for key, node in self.shape.entries(self.programmes, self.label(ProgrammesForm.programmes))
        }


def programmes_file(definition: Path) -> Path:
    """The path of a definition's programmes: `nsclc.programmes.yaml` beside `nsclc.yaml`."""
    return definition.with_name(f"{definition.stem}{SUFFIX}")


def read_programmes(data: bytes, file: str) -> tuple[Programmes, list[Problem]]:
    """The programmes of a file, as far as its shape can be read, and every problem of shape.

    The lint rules compare the values with those that the journey declares.
    """
    form, problems = ProgrammesForm.read_file(data, file, "a file of programmes")
    return Programmes(file, form.build() if form else {}), problems


def _read_setting(shape: Shape, name: Scalar, node: Node, label: str) -> ValueSetting | None:
    if isinstance(node, Sequence):
        shape.problem(node.mark, f"{label} must be a text, or a text by locale.")
        return None
    if isinstance(node, MappingNode):
        return ValueSetting(shape.titles(node, label), name.mark, node.mark)
    if node.plain and node.comment:
        message = f"{label} ends at ' #': the rest counts as a comment. Put the text in quotes."
        shape.problem(node.mark, message)
    text = shape.text(node, label)
    return ValueSetting(text.strip(), name.mark, node.mark) if text else None
