"""Reading the facts of a journey: their types, values, reporters and holds."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from journeys.definition.facts import FACT_KINDS, FactType
from journeys.definition.model import (
    REPORTERS,
    Fact,
    Hold,
)
from journeys.definition.reading.shape import WORDS_OF_CONDITIONS, Fields, Shape
from journeys.definition.reading.tree import MappingNode, Node, Scalar, Sequence
from journeys.primitives.problems import did_you_mean

MAX_INTEGER = 2**31 - 1
MAX_TEXT = 2000


class FactReader(Shape):
    """Reads what a file declares under `facts`."""

    def facts(self, node: Node | None) -> dict[str, Fact]:
        """The declared facts by name."""
        return {name.text: self.fact(name, value) for name, value in self.names(node, "a fact", WORDS_OF_CONDITIONS)}

    def fact(self, name: Scalar, node: Node) -> Fact:
        """A declared fact."""
        subject = f"the fact '{name.text}'"
        optional = ("by", "hold_until", "title", "labels", "lasting", "values", "min", "max", "max_length")
        fields = self.fields(node, subject, ("type",), optional)
        kind = self.one_of(fields.get("type"), f"The type of {subject}", FACT_KINDS) or _nearest_kind(
            fields.get("type")
        )
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
            for key, value in self.entries(fields.get("labels"), f"the labels of {subject}")
        }
        return Fact(
            name=name.text,
            kind=self.fact_type(kind, fields.get("values"), fields, name),
            by=self.reporters(fields.get("by"), subject),
            hold=self.hold(fields.get("hold_until"), subject),
            title=self.titles(fields.get("title"), f"the title of {subject}"),
            labels=labels,
            lasting=self.flag(fields.get("lasting"), f"'lasting' of {subject}"),
            mark=name.mark,
        )

    def fact_type(self, kind: str, values: Node | None, fields: Fields, name: Scalar) -> FactType:
        """The type of a fact, with the values or bounds it accepts."""
        subject = f"the fact '{name.text}'"
        if kind == "integer":
            low = self.number(fields.get("min"), f"'min' of {subject}")
            high = self.number(fields.get("max"), f"'max' of {subject}")
            if "min" not in fields or "max" not in fields:
                self.problem(name.mark, f"An integer needs 'min' and 'max'; {subject} lacks one.")
            elif low is not None and high is not None and low > high:
                self.problem(fields.at("min"), f"'min' is above 'max' in {subject}.")
            return FactType("integer", minimum=low or 0, maximum=high if high is not None else MAX_INTEGER)
        if kind == "text":
            length = self.number(fields.get("max_length"), f"'max_length' of {subject}")
            if length is not None and not 1 <= length <= MAX_TEXT:
                self.problem(fields.at("max_length"), f"'max_length' of {subject} must be from 1 to {MAX_TEXT}.")
                length = None
            return FactType("text", max_length=length or 200)
        if kind not in ("choice", "set"):
            return FactType(kind)  # type: ignore[arg-type]
        tree = _ValueTree(self, subject)
        tree.read(values, frozenset())
        if (values is None or isinstance(values, Sequence)) and len(tree.ancestors) < (2 if kind == "choice" else 1):
            least = "two at least" if kind == "choice" else "one at least"
            self.problem(fields.at("values") if values else name.mark, f"{subject} needs 'values', a list, {least}.")
        if kind == "set" and any(len(above) > 1 for above in tree.ancestors.values()):
            self.problem(fields.at("values"), f"{subject} is a set; its values cannot be a tree.")
        leaves = tuple(value for value in tree.ancestors if value not in tree.parents)
        return FactType(kind, tuple(tree.ancestors), tree.ancestors, leaves)  # type: ignore[arg-type]

    def reporters(self, node: Node | None, subject: str) -> frozenset[str]:
        """The reporter types of a `by`; all of them where it is left out."""
        if node is None:
            return frozenset(REPORTERS)
        reporters = []
        for text in self.texts(node, f"'by' of {subject}"):
            if text.text in REPORTERS:
                reporters.append(text.text)
            else:
                hint = did_you_mean(text.text, REPORTERS)
                self.problem(text.mark, f"'{text.text[:40]}' in 'by' of {subject} is not a reporter.{hint}")
        return frozenset(reporters)

    def hold(self, node: Node | None, subject: str) -> Hold | None:
        """The trigger of a `hold_until`."""
        if node is None:
            return None
        if isinstance(node, Scalar):
            return Hold(self.text(node, f"'hold_until' of {subject}"), mark=node.mark)
        fields = self.fields(node, f"'hold_until' of {subject}", ("trigger",), ("within", "for"))
        return Hold(
            self.text(fields.get("trigger"), "'trigger'"),
            self.duration(fields.get("within"), "'within'", "P2D"),
            self.text(fields.get("for"), "'for'", "care_team"),
            fields.mark,
        )

    # --- triggers and entries ------------------------------------------------------------------------------


def quoted(words: Iterable[str]) -> str:
    """Words in quotes, separated by commas."""
    return ", ".join(f"'{word}'" for word in words)


class _ValueTree:
    """The values of a choice: a list whose items are values, or one value over a list of finer ones."""

    def __init__(self, shape: Shape, subject: str) -> None:
        self.shape = shape
        self.what = subject
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
                    self.shape.problem(key.mark, f"'{key.text}' in {self.what} has an empty list; write it alone.")
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
            self.shape.problem(scalar.mark, f"The value '{scalar.text}' of {self.what} is listed twice.")
        self.ancestors[scalar.text] = above | {scalar.text}


def _nearest_kind(node: Node | None) -> str:
    """What a misspelt type is taken for, so that its facts are not reported as well."""
    written = node.text if isinstance(node, Scalar) else ""
    return next(iter(difflib.get_close_matches(written, FACT_KINDS, n=1, cutoff=0.6)), "text")
