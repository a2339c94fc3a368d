"""The shape of a journey's file of programmes: who runs it, and the values that differ between them."""

from __future__ import annotations

from pathlib import Path

from journeys.definition.model import Programme, Programmes, ValueSetting
from journeys.definition.reading.shape import KEY, Shape
from journeys.definition.reading.tree import MappingNode, Node, Scalar, Sequence, read_tree
from journeys.primitives.problems import Problem

SUFFIX = ".programmes.yaml"


def programmes_file(definition: Path) -> Path:
    """Where the programmes of a definition stand: beside `nsclc.yaml`, in `nsclc.programmes.yaml`."""
    return definition.with_name(f"{definition.stem}{SUFFIX}")


def read_programmes(data: bytes, file: str) -> tuple[Programmes, list[Problem]]:
    """The programmes of a file, as far as its shape can be read, and every problem of shape.

    Whether the values are those that the journey declares is the lint rules' to say.
    """
    tree, problems = read_tree(data, file)
    if tree is None:
        if not problems:
            problems.append(Problem(file, 1, 1, "error", "shape", "The file is empty; it needs 'programmes'."))
        return Programmes(file), problems
    reader = _ProgrammesReader(file)
    programmes = reader.programmes(tree)
    return Programmes(file, programmes), problems + reader.problems


class _ProgrammesReader(Shape):
    """Reads one file."""

    def programmes(self, tree: Node) -> dict[str, Programme]:
        fields = self.fields(tree, "a file of programmes", ("programmes",))
        by_key = {}
        for key, node in self.entries(fields.get("programmes"), "'programmes'"):
            if not KEY.fullmatch(key.text) or len(key.text) > 64:
                self.problem(
                    key.mark,
                    f"The key of the programme '{key.text[:80]}' must be lower case letters, digits, '_' and '-'.",
                )
            by_key[key.text] = self.programme(key, node)
        return by_key

    def programme(self, key: Scalar, node: Node) -> Programme:
        subject = f"the programme '{key.text[:80]}'"
        fields = self.fields(node, subject, ("title",), ("values",))
        values = {
            name.text: value_set
            for name, value in self.entries(fields.get("values"), f"the values of {subject}")
            if (value_set := self.value_of(name, value, subject)) is not None
        }
        return Programme(key.text, self.titles(fields.get("title"), f"the title of {subject}"), values, key.mark)

    def value_of(self, name: Scalar, node: Node, subject: str) -> ValueSetting | None:
        subject = f"'{name.text[:80]}' of {subject}"
        if isinstance(node, Sequence):
            self.problem(node.mark, f"{subject} must be a text, or a text by locale.")
            return None
        if isinstance(node, MappingNode):
            return ValueSetting(self.titles(node, subject), name.mark, node.mark)
        if node.plain and node.comment:
            message = f"{subject} ends at ' #': the rest counts as a comment. Put the text in quotes."
            self.problem(node.mark, message)
        text = self.text(node, subject)
        return ValueSetting(text.strip(), name.mark, node.mark) if text else None
