"""A file format, declared once: its reader, its JSON Schema and its table in the manual are derived from its fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

from journeys.definition.model import NOWHERE, Mark
from journeys.definition.reading.kinds import Definitions, Kind, Schema, node
from journeys.definition.reading.nodes import MappingNode, Node, Scalar, Sequence
from journeys.definition.reading.shape import MAX_NAME, NAME, Shape
from journeys.definition.reading.tree import read_tree
from journeys.primitives.problems import Problem

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
F = TypeVar("F", bound="FileForm")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class FormField(Generic[T_co]):
    """One key of a form: the kind of its value, one sentence of help, and whether it is required.

    The key is the name of the attribute, unless that is a word of Python: then `key` says it. Read from a form that is
    filled, the attribute is the value: `form.title` is short for `form[TaskForm.title]`.
    """

    def __init__(self, kind: Kind[T_co], help_text: str, *, required: bool = False, key: str = "") -> None:
        self.kind = kind
        self.help_text = help_text
        self.is_required = required
        self.key = key

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = self.key or name

    @overload
    def __get__(self, form: None, owner: type[FileForm]) -> FormField[T_co]: ...

    @overload
    def __get__(self, form: FileForm, owner: type[FileForm]) -> T_co: ...

    def __get__(self, form: FileForm | None, owner: type[FileForm]) -> FormField[T_co] | T_co:
        return self if form is None else form[self]


class FileForm:
    """A mapping with a closed set of keys. A subclass declares each key as a `FormField`; its docstring is the help.

    An instance is one mapping of a file, filled in. Each value is read once, however often it is used, because
    reading notes its problems.
    """

    fields: ClassVar[tuple[FormField[object], ...]] = ()

    def __init_subclass__(cls) -> None:
        inherited = cls.__mro__[1].fields if issubclass(cls.__mro__[1], FileForm) else ()
        declared = [value for value in vars(cls).values() if isinstance(value, FormField)]
        keys = {field.key for field in declared}
        both = (*(field for field in inherited if field.key not in keys), *declared)
        cls.fields = tuple(sorted(both, key=lambda field: not field.is_required))

    def __init__(
        self, shape: Shape, subject: str, suffix: str, mark: Mark, entries: Mapping[str, tuple[Scalar, Node]]
    ) -> None:
        self.shape = shape
        self.subject = subject
        self.mark = mark
        self._suffix = suffix
        self.marks = {key: value.mark for key, (_, value) in entries.items()}
        self.key_marks = {key: name.mark for key, (name, _) in entries.items()}
        self._nodes = {key: value for key, (_, value) in entries.items()}
        self._values: dict[str, Any] = {}

    @classmethod
    def read(
        cls,
        shape: Shape,
        node: Node | None,
        subject: str,
        *,
        is_file: bool = False,
        only: Collection[str] | None = None,
    ) -> Self:
        """The keys that a mapping has; unknown and missing ones are noted.

        Args:
            shape: collects the problems.
            node: the mapping.
            subject: the name of the mapping in messages, such as "the fact 'stage'".
            is_file: whether it is a whole file, whose keys are named alone in messages.
            only: the keys that are accepted; all unless given.
        """
        accepted = cls.accepted(only)
        required = [field.key for field in accepted if field.is_required]
        optional = [field.key for field in accepted if not field.is_required]
        mark = node.mark if node is not None else NOWHERE
        suffix = "" if is_file else f" of {subject}"
        return cls(shape, subject, suffix, mark, shape.keys(node, subject, required, optional))

    @classmethod
    def read_file(cls, data: bytes, file: str, subject: str, rule: str = "shape") -> tuple[Self | None, list[Problem]]:
        """The form of a file (None where it is not a mapping), and the list that collects its problems.

        Args:
            data: the bytes of the file.
            file: its name, for the problems.
            subject: the name of its kind in messages, such as "a journey".
            rule: the lint rule that reports the problems.
        """
        shape = Shape(file, rule)
        tree, problems = read_tree(data, file)
        shape.problems += problems
        if isinstance(tree, MappingNode):
            return cls.read(shape, tree, subject, is_file=True), shape.problems
        first = cls.fields[0].key
        if tree is not None:
            shape.problem(tree.mark, f"{subject} must be keys and values, beginning with '{first}'.")
        elif not problems:
            shape.problem(NOWHERE, f"The file is empty; it needs '{first}'.")
        return None, shape.problems

    def __contains__(self, field: FormField[object]) -> bool:
        return field.key in self._nodes

    def __getitem__(self, field: FormField[T]) -> T:
        """The value, read as its kind says; the default of the kind where the key is absent."""
        if field.key not in self._values:
            self._values[field.key] = self.read_as(field, field.kind)
        value: T = self._values[field.key]
        return value

    def read_as(self, field: FormField[object], kind: Kind[T]) -> T:
        """The value, read as a narrower kind than the declared one."""
        return kind.read(self.shape, self.node(field), self.label(field))

    def node(self, field: FormField[object]) -> Node | None:
        """The node of the value, unread."""
        return self._nodes.get(field.key)

    def at(self, field: FormField[object]) -> Mark:
        """The position of the key, or of the mapping where the key is absent."""
        return self.key_marks.get(field.key, self.mark)

    def label(self, field: FormField[object]) -> str:
        """The name of the value in messages."""
        return f"'{field.key}'{self._suffix}"

    @classmethod
    def accepted(cls, only: Collection[str] | None = None) -> tuple[FormField[object], ...]:
        """The fields, the required ones first; those of `only` where it is given."""
        return cls.fields if only is None else tuple(field for field in cls.fields if field.key in only)

    @classmethod
    def schema(cls, definitions: Definitions, only: Collection[str] | None = None) -> Schema:
        """The JSON Schema of the mapping: these keys and no others."""
        accepted = cls.accepted(only)
        return {
            "description": cls.description(),
            "type": "object",
            "properties": {
                field.key: {**field.kind.schema(definitions), "description": field.help_text} for field in accepted
            },
            "required": [field.key for field in accepted if field.is_required],
            "additionalProperties": False,
        }

    @classmethod
    def reference(cls, definitions: Definitions) -> Schema:
        """A reference to the schema, which is put into the definitions once."""
        name = cls.__name__.removesuffix("Form").lower()
        if name not in definitions:
            definitions[name] = {}  # a form may hold itself
            definitions[name] = cls.schema(definitions)
        return {"$ref": f"#/$defs/{name}"}

    @classmethod
    def file_schema(cls) -> Schema:
        """The JSON Schema (2020-12) of a file with this form."""
        definitions: Definitions = {}
        body = cls.schema(definitions)
        return {"$schema": DIALECT, "title": cls.description().rstrip("."), **body, "$defs": definitions}

    @classmethod
    def description(cls) -> str:
        """The first line of the docstring."""
        return (cls.__doc__ or "").strip().split("\n")[0]

    @classmethod
    def table(cls) -> str:
        """The table of the keys in the manual, as Markdown."""
        rows = [
            f"| `{field.key}` | {field.kind.accepts} | {'yes' if field.is_required else ''} | {field.help_text} |"
            for field in cls.fields
        ]
        return "\n".join(["| key | accepts | required | meaning |", "|---|---|---|---|", *rows])


def built(form: type[F], build: Callable[[F], T], accepts: str) -> Kind[T | None]:
    """A mapping that is a form of its own, made into a value; None where it is absent."""

    def read(shape: Shape, node: Node | None, label: str) -> T | None:
        return None if node is None else build(form.read(shape, node, label))

    return Kind(accepts, read, form.reference)


def forms_in_list(form: type[F], build: Callable[[F], T | None], noun: str) -> Kind[tuple[T, ...]]:
    """A list of forms, each made into a value; a value that is None is left out."""

    def read(shape: Shape, node: Node | None, label: str) -> tuple[T, ...]:
        if node is not None and not isinstance(node, Sequence):
            shape.problem(node.mark, f"{label} must be a list: each item begins with '- '.")
        owner = label.partition(" of ")[2]
        subject = f"a {noun} in {owner}" if owner else f"a {noun}"
        items = node.items if isinstance(node, Sequence) else ()
        values = [build(form.read(shape, item, subject)) for item in items]
        return tuple(value for value in values if value is not None)

    return Kind(f"a list: a {noun}", read, list_of(form, "").schema)


def forms_by_name(
    form: type[F],
    build: Callable[[F, Scalar], T],
    noun: str,
    reserved: Iterable[str] = (),
    *,
    may_be_empty: bool = False,
) -> Kind[dict[str, T]]:
    """A mapping from names that the author chooses, none of the reserved ones, to forms, each made into a value."""

    def read(shape: Shape, name: Scalar, node: Node, label: str) -> T:
        return build(form.read(shape, node, label), name)

    return _by_name(read, names_of(form, "", NAME.pattern, may_be_empty=may_be_empty), noun, reserved)


def by_name(value: Kind[T | None], noun: str, reserved: Iterable[str] = ()) -> Kind[dict[str, T]]:
    """A mapping from names that the author chooses to values of one kind; a value that is None is left out."""

    def read(shape: Shape, _name: Scalar, node: Node, label: str) -> T | None:
        return value.read(shape, node, label)

    return _by_name(read, names_of(value, "", NAME.pattern), noun, reserved)


def _by_name(
    read: Callable[[Shape, Scalar, Node, str], T | None], names: Kind[object], noun: str, reserved: Iterable[str]
) -> Kind[dict[str, T]]:
    singular = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"

    def read_all(shape: Shape, node: Node | None, label: str) -> dict[str, T]:
        values = {}
        for name, item in shape.entries(node, label):
            shape.name(name, f"The name of {singular}", reserved)
            values[name.text] = read(shape, name, item, f"the {noun} '{name.text}'")
        return {name: value for name, value in values.items() if value is not None}

    return Kind(f"by name: {singular}", read_all, names.schema)


def part(form: type[FileForm], accepts: str) -> Kind[Node | None]:
    """A mapping that is a form of its own."""
    return node(accepts, form.reference)


def names_of(
    form: type[FileForm] | Kind[object], accepts: str, pattern: str, *, may_be_empty: bool = False
) -> Kind[Node | None]:
    """A mapping from names that the author chooses to forms, or to values of one kind."""

    def schema(definitions: Definitions) -> Schema:
        value = form.schema(definitions) if isinstance(form, Kind) else form.reference(definitions)
        return {
            "type": ["object", "null"],
            "propertyNames": {"pattern": f"^(?:{pattern})$", "maxLength": MAX_NAME},
            "additionalProperties": {"anyOf": [value, {"type": "null"}]} if may_be_empty else value,
        }

    return node(accepts, schema)


def map_of(value: Kind[object], accepts: str, *, may_be_empty: bool = True) -> Kind[Node | None]:
    """A mapping from any keys to values of one kind."""
    kinds = ["object", "null"] if may_be_empty else "object"
    return node(accepts, lambda definitions: {"type": kinds, "additionalProperties": value.schema(definitions)})


def list_of(form: type[FileForm], accepts: str, *, may_be_empty: bool = True) -> Kind[Node | None]:
    """A list of forms."""
    kinds: Schema = {"type": ["array", "null"]} if may_be_empty else {"type": "array", "minItems": 1}
    return node(accepts, lambda definitions: {**kinds, "items": form.reference(definitions)})
