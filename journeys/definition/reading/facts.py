"""The facts of a journey: the fields of their format, and the reading of one."""

from __future__ import annotations

from datetime import date

from journeys.definition.facts import FACT_KINDS, FIRST_DAY, DateBound, FactKind, FactType
from journeys.definition.model import REPORTERS, Fact, Hold, Text
from journeys.definition.reading import kinds
from journeys.definition.reading.forms import FileForm, FormField, map_of
from journeys.definition.reading.kinds import FLAG, NUMBER, TEXT_SCHEMA, TITLES, Definitions, Kind, Schema
from journeys.definition.reading.nodes import MappingNode, Node, Scalar, Sequence
from journeys.definition.reading.questions import ASK
from journeys.definition.reading.shape import MAX_NAME, Shape
from journeys.primitives.canonical import parse_day
from journeys.primitives.durations import parse_duration
from journeys.primitives.problems import did_you_mean

MAX_INTEGER = 2**31 - 1
MAX_TEXT = 2000
TODAY = DateBound("P0D", parse_duration("P0D"))
SOME_DAY = date(2026, 1, 1)
#: Bounds that move with the day of the report are compared on this day.
DEFAULT_LENGTH = 200
_KEYS_OF_TYPES: dict[str, tuple[str, ...]] = {
    "choice": ("values", "labels"),
    "set": ("values", "labels"),
    "boolean": ("labels",),
    "integer": ("min", "max"),
    "date": ("min", "max", "past"),
    "text": ("max_length",),
}
#: The keys that only facts of some types have.


def _read_reporters(shape: Shape, node: Node | None, label: str) -> frozenset[str]:
    if node is None:
        return frozenset(REPORTERS)
    texts = shape.texts(node, label)
    for text in texts:
        if text.text not in REPORTERS:
            hint = did_you_mean(text.text, REPORTERS)
            shape.problem(text.mark, f"'{text.text[:40]}' in {label} is not a reporter.{hint}")
    return frozenset(text.text for text in texts) & frozenset(REPORTERS)


def _read_purpose(shape: Shape, node: Node | None, label: str) -> str:
    text = shape.text(node, label)
    if node is not None and text and len(text.split()) == 1:
        shape.problem(
            node.mark, f"{label} is '{text[:40]}'; write the purpose in words, as in 'for the cancer registry'."
        )
    return text


#: A purpose in at least two words: neither a truth value nor a name says what a fact is kept for.
PURPOSE_IN_WORDS = Kind("a text of two words or more", _read_purpose, kinds.fixed(TEXT_SCHEMA))


def _date_bound(shape: Shape, text: Text | None, label: str) -> DateBound | None:
    if text is None:
        return None
    try:
        if "P" in text.text:
            return DateBound(text.text, parse_duration(text.text))
        day = parse_day(text.text)
    except ValueError:
        message = f"{label} is '{text.text[:40]}'; write a date (2020-01-31) or a duration from today (P2Y)."
        shape.problem(text.mark, message)
        return None
    if day < FIRST_DAY:
        shape.problem(text.mark, f"{label} lies before {FIRST_DAY}.")
    return DateBound(text.text, day)


def _read_hold(shape: Shape, node: Node | None, label: str) -> Hold | None:
    if isinstance(node, Scalar):
        return Hold(shape.text(node, label), mark=node.mark)
    return None if node is None else HoldForm.read(shape, node, label).build()


def _values_schema(definitions: Definitions) -> Schema:
    reference: Schema = {"$ref": "#/$defs/values"}
    items = {"anyOf": [TEXT_SCHEMA, {"type": "object", "additionalProperties": reference}]}
    definitions["values"] = {"type": "array", "items": items}
    return reference


BY = kinds.some_of(REPORTERS, _read_reporters)
BOUND = kinds.marked(
    "a whole number; of a `date` a day, or a duration from today",
    {"type": ["integer", "string"], "pattern": "^(-?[0-9]{1,9}|-?P.+|[0-9]{4}-[0-9]{2}-[0-9]{2})$"},
)
LENGTH = kinds.number_between(1, MAX_TEXT, DEFAULT_LENGTH)
HOLD: Kind[Hold | None] = Kind(
    "a trigger, or keys below", _read_hold, lambda schemas: {"anyOf": [kinds.NAME_SCHEMA, HoldForm.reference(schemas)]}
)


class HoldForm(FileForm):
    """A hold: staff must tell the patient in person before the app shows it."""

    trigger = FormField(kinds.name("a trigger"), "The trigger that reports the talk.", required=True)
    within = FormField(kinds.duration("P2D"), "The time in which staff must tell; `P2D` unless given.")
    assignee = FormField(kinds.text("care_team"), "The team that must tell; `care_team` unless given.", key="for")

    def build(self) -> Hold:
        """The hold; the default of each key that cannot be read."""
        return Hold(self.trigger, self.within, self.assignee, self.mark)


class FactForm(FileForm):
    """A fact that may be known about a patient."""

    type = FormField(kinds.choice(FACT_KINDS, "text"), "The type of its values.", required=True)
    by = FormField(BY, "Who may report it; everybody unless given.")
    hold_until = FormField(HOLD, "Hides it from the patient until the trigger is reported.")
    title = FormField(TITLES, "The fact in the words of patients and staff.")
    labels = FormField(map_of(TITLES, "by value: a text by locale", may_be_empty=False), "The words for its values.")
    lasting = FormField(FLAG, "Whether it stays the same once reported; a loop may then ask it each time.")
    kept = FormField(PURPOSE_IN_WORDS, "The purpose outside the journey, of a fact that nothing in the journey uses.")
    values = FormField(
        kinds.node("a list; a value over a list of finer ones makes a tree", _values_schema),
        "The values of a `choice` (at least two) or a `set` (at least one).",
    )
    min = FormField(BOUND, "The least value; each `integer` needs it.")
    max = FormField(BOUND, "The greatest value; each `integer` needs it.")
    past = FormField(FLAG, "Whether a `date` may not lie in the future.")
    max_length = FormField(LENGTH, f"The most characters of a `text`; {DEFAULT_LENGTH} unless given.")
    ask = FormField(ASK, "The question about it; nobody is asked about a fact without it.")

    def build(self, name: Scalar) -> Fact:
        """The fact with a name; what cannot be read is replaced by a default."""
        kind = self.type
        for field in (FactForm.values, FactForm.labels, FactForm.min, FactForm.max, FactForm.past, FactForm.max_length):
            if field in self and field.key not in _KEYS_OF_TYPES.get(kind, ()):
                self.shape.problem(self.at(field), f"'{field.key}' has no meaning for a fact of type {kind}.")
        labels = {
            key.text: self.shape.titles(value, f"the label of '{key.text}'")
            for key, value in self.shape.entries(self.labels, self.label(FactForm.labels))
        }
        if kind == "integer":
            fact_type = self._integer(name)
        elif kind == "text":
            fact_type = FactType(kind, max_length=self.max_length)
        elif kind == "date":
            fact_type = self._date()
        else:
            fact_type = self._listed(kind, name) if kind in ("choice", "set") else FactType(kind)
        return Fact(
            name=name.text,
            kind=fact_type,
            by=self.by,
            hold=self.hold_until,
            title=self.title,
            labels=labels,
            lasting=self.lasting,
            kept=self.kept,
            mark=name.mark,
            ask=self.ask,
        )

    def _date(self) -> FactType:
        low = _date_bound(self.shape, self.min, self.label(FactForm.min))
        high = _date_bound(self.shape, self.max, self.label(FactForm.max))
        if self.past:
            if FactForm.max in self:
                self.shape.problem(self.at(FactForm.past), f"{self.subject} has 'max' and 'past: true'; one is enough.")
            high = TODAY
        if low is not None and high is not None and low.on(SOME_DAY) > high.on(SOME_DAY):
            self.shape.problem(self.at(FactForm.min), f"'min' is after 'max' in {self.subject}.")
        return FactType("date", earliest=low, latest=high)

    def _integer(self, name: Scalar) -> FactType:
        low = self.read_as(FactForm.min, NUMBER)
        high = self.read_as(FactForm.max, NUMBER)
        if FactForm.min not in self or FactForm.max not in self:
            self.shape.problem(name.mark, f"An integer needs 'min' and 'max'; {self.subject} lacks one.")
        elif low is not None and high is not None and low > high:
            self.shape.problem(self.at(FactForm.min), f"'min' is above 'max' in {self.subject}.")
        return FactType("integer", minimum=low or 0, maximum=high if high is not None else MAX_INTEGER)

    def _listed(self, kind: FactKind, name: Scalar) -> FactType:
        values = self.values
        ancestors: dict[str, frozenset[str]] = {}
        _read_values(self.shape, values, self.subject, frozenset(), ancestors)
        least = "two at least" if kind == "choice" else "one at least"
        if (values is None or isinstance(values, Sequence)) and len(ancestors) < (2 if kind == "choice" else 1):
            mark = self.at(FactForm.values) if values else name.mark
            self.shape.problem(mark, f"{self.subject} needs 'values', a list, {least}.")
        if kind == "set" and any(len(above) > 1 for above in ancestors.values()):
            self.shape.problem(self.at(FactForm.values), f"{self.subject} is a set; its values cannot be a tree.")
        coarser = frozenset[str]().union(*(above - {value} for value, above in ancestors.items()))
        return FactType(kind, tuple(ancestors), ancestors, tuple(value for value in ancestors if value not in coarser))


def _read_values(
    shape: Shape, node: Node | None, subject: str, above: frozenset[str], ancestors: dict[str, frozenset[str]]
) -> None:
    """Adds each value of a list, with itself and all coarser values above it, to `ancestors`."""
    if node is not None and not isinstance(node, Sequence):
        shape.problem(node.mark, f"The values of {subject} must be a list.")
        return
    for item in node.items if node is not None else ():
        if isinstance(item, Sequence):
            shape.problem(item.mark, f"A value of {subject} must be a text, or a text over a list of finer ones.")
        for value, finer in item.entries if isinstance(item, MappingNode) else ((item, None),):
            if not isinstance(value, Scalar):
                continue
            if not 1 <= len(value.text) <= MAX_NAME:
                shape.problem(value.mark, f"A value of {subject} must have from 1 to {MAX_NAME} characters.")
            if value.text in ancestors:
                shape.problem(value.mark, f"The value '{value.text}' of {subject} is listed twice.")
            if isinstance(finer, Sequence) and not finer.items:
                shape.problem(value.mark, f"'{value.text}' in {subject} has an empty list; write it alone.")
            ancestors[value.text] = above | {value.text}
            _read_values(shape, finer, subject, ancestors[value.text], ancestors)
