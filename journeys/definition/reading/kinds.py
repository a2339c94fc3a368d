"""Kinds of values that a file format may declare: how each is read, its JSON Schema, and what the manual calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from journeys.definition.model import Text
from journeys.definition.reading.nodes import Node, Scalar
from journeys.definition.reading.shape import LOCALE, Shape
from journeys.primitives.canonical import TIME_OF_DAY_PATTERN
from journeys.primitives.durations import parse_duration

T_co = TypeVar("T_co", covariant=True)
C = TypeVar("C", bound=str)
Schema = dict[str, Any]
Definitions = dict[str, Schema]
#: The `$defs` of one JSON Schema, by name.

#: Editors read some texts as a number or a truth value; to us each is a text.
TEXT_SCHEMA: Schema = {"type": ["string", "number", "boolean"]}
NAME_SCHEMA: Schema = {"type": "string"}
TEXTS_SCHEMA: Schema = {"anyOf": [TEXT_SCHEMA, {"type": "array", "items": TEXT_SCHEMA}]}
CONDITION_SCHEMA: Schema = {"type": ["string", "boolean"]}
DAY_SCHEMA: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}"}
NUMBER_SCHEMA: Schema = {"type": ["integer", "string"], "pattern": "^-?[0-9]{1,9}$"}
TITLES_SCHEMA: Schema = {
    "type": "object",
    "propertyNames": {"pattern": f"^(?:{LOCALE.pattern})$"},
    "additionalProperties": TEXT_SCHEMA,
}
TIME_OF_DAY_SCHEMA: Schema = {"type": "string", "pattern": f"^{TIME_OF_DAY_PATTERN}$"}
HTTPS_SCHEMA: Schema = {"type": "string", "pattern": "^https://"}


@dataclass(frozen=True)
class Kind(Generic[T_co]):
    """A kind of value: `read` returns it (or a default) and notes problems, `schema` returns its JSON Schema.

    `accepts` says in the manual which values are accepted. `read` takes the shape that collects problems, the node
    (None where the key is absent) and the label that names the value in messages. `schema` takes the definitions of
    the schema as far as they are collected, and may add to them.
    """

    accepts: str
    read: Callable[[Shape, Node | None, str], T_co]
    schema: Callable[[Definitions], Schema]


def fixed(schema: Schema) -> Callable[[Definitions], Schema]:
    """The schema function of a kind that needs no definitions."""
    return lambda _: dict(schema)


def text(default: str = "", *, accepts: str = "a text", schema: Schema = TEXT_SCHEMA) -> Kind[str]:
    """A text that is not empty; `default` where it is absent."""
    return Kind(accepts, lambda shape, node, label: shape.text(node, label, default), fixed(schema))


def name(accepts: str) -> Kind[str]:
    """The name of something that is declared elsewhere."""
    return text(accepts=accepts, schema=NAME_SCHEMA)


def marked(accepts: str = "a text", schema: Schema = TEXT_SCHEMA) -> Kind[Text | None]:
    """A text with its position, or None where it is absent."""
    return Kind(accepts, Shape.marked, fixed(schema))


def texts(accepts: str = "a text, or a list of texts", schema: Schema = TEXTS_SCHEMA) -> Kind[tuple[Text, ...]]:
    """Texts with their positions; a single text counts as a list with one item."""
    return Kind(accepts, Shape.texts, fixed(schema))


def duration(default: str) -> Kind[str]:
    """An ISO 8601 duration as written; `default` where it is absent or cannot be read."""
    schema: Schema = {"type": "string", "pattern": "^-?P"}
    accepts = "a duration (`P6M`, `P2W`, `PT12H`)"
    return Kind(accepts, lambda shape, node, label: shape.duration(node, label, default), fixed(schema))


def positive_duration(default: str) -> Kind[str]:
    """An ISO 8601 duration of more than zero as written; `default` where it is absent or cannot be read."""
    written = duration(default)

    def read(shape: Shape, node: Node | None, label: str) -> str:
        text = written.read(shape, node, label)
        if node is None or not parse_duration(text).is_zero_or_negative:
            return text
        shape.problem(node.mark, f"{label} must be a duration of more than zero, such as {default}.")
        return default

    return Kind(written.accepts, read, fixed({"type": "string", "pattern": "^P"}))


def number_between(least: int, most: int, default: int) -> Kind[int]:
    """A whole number in a range; `default` where it is absent or cannot be read."""

    def read(shape: Shape, node: Node | None, label: str) -> int:
        number = shape.number(node, label)
        if number is None or node is None:
            return default
        if least <= number <= most:
            return number
        shape.problem(node.mark, f"{label} must be from {least} to {most}.")
        return default

    schema: Schema = {**NUMBER_SCHEMA, "minimum": least, "maximum": most}
    return Kind(f"a whole number, {least} to {most}", read, fixed(schema))


def one_of(accepted: Iterable[str]) -> Kind[str]:
    """One text out of a closed list, or an empty one."""
    choices = tuple(accepted)
    schema: Schema = {"enum": list(choices)}
    return Kind(_either(choices), lambda shape, node, label: shape.one_of(node, label, choices), fixed(schema))


def choice(accepted: tuple[C, ...], default: C) -> Kind[C]:
    """One text out of a closed list; a misspelt one is taken for the nearest, so that nothing else is reported."""

    def read(shape: Shape, node: Node | None, label: str) -> C:
        shape.one_of(node, label, accepted)
        nearest = get_close_matches(node.text if isinstance(node, Scalar) else "", accepted, n=1)
        return next((text for text in accepted if text in nearest), default)

    return Kind(_either(accepted), read, fixed({"enum": list(accepted)}))


def some_of(accepted: Iterable[str], read: Callable[[Shape, Node | None, str], T_co]) -> Kind[T_co]:
    """One text out of a closed list, or a list of them, read by a function of the format."""
    choices = tuple(accepted)
    enum: Schema = {"enum": list(choices)}
    return Kind(f"{_either(choices)}, or a list", read, fixed({"anyOf": [enum, {"type": "array", "items": enum}]}))


def node(accepts: str, schema: Callable[[Definitions], Schema]) -> Kind[Node | None]:
    """A structure that the reader of the format takes apart itself."""
    return Kind(accepts, lambda _shape, node, _label: node, schema)


def _either(choices: tuple[str, ...]) -> str:
    return ", ".join(f"`{choice}`" for choice in choices)


TEXT = text()
MARKED = marked()
TEXTS = texts()
STATE = marked("a state", NAME_SCHEMA)
STATES = texts("a state, or a list of states")
FACTS = texts("a fact, or a list of facts")
CONDITION = marked("a condition", CONDITION_SCHEMA)
TITLES = Kind("a text by locale (`{en: …, es: …}`)", Shape.titles, fixed(TITLES_SCHEMA))
NUMBER = Kind("a whole number", Shape.number, fixed(NUMBER_SCHEMA))
TIME_OF_DAY = Kind('a time (`"09:00"`)', Shape.time_of_day, fixed(TIME_OF_DAY_SCHEMA))
FLAG = Kind("`true` or `false`", Shape.flag, fixed({"enum": [True, False, "true", "false"]}))
