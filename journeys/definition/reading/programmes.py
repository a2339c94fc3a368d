"""The file of a journey's programmes: the fields of its format, and the reading of the values that differ by site."""

from __future__ import annotations

from pathlib import Path

from journeys.definition.model import Programme, Programmes, ValueSetting
from journeys.definition.reading import kinds
from journeys.definition.reading.forms import FileForm, FormField, map_of, names_of
from journeys.definition.reading.kinds import TEXT_SCHEMA, TITLES, TITLES_SCHEMA
from journeys.definition.reading.shape import KEY, Shape
from journeys.definition.reading.tree import MappingNode, Node, Scalar, Sequence
from journeys.primitives.problems import Problem

SUFFIX = ".programmes.yaml"
VALUE = kinds.node("a text, or a text by locale", kinds.fixed({"anyOf": [TEXT_SCHEMA, TITLES_SCHEMA]}))


class ProgrammeForm(FileForm):
    """A programme: one site, or one team, that runs the journey."""

    title = FormField(TITLES, "The name of the programme.", required=True)
    values = FormField(
        map_of(VALUE, "by name: a text, or a text by locale", may_be_empty=False),
        "The values that the journey declares under `programme`.",
    )

    def build(self, key: Scalar) -> Programme:
        """The programme with a key, and its values as far as they can be read."""
        settings = {
            name.text: _read_setting(self.shape, name, node, f"'{name.text[:80]}' of {self.subject}")
            for name, node in self.shape.entries(self.values, self.label(ProgrammeForm.values))
        }
        values = {name: setting for name, setting in settings.items() if setting is not None}
        return Programme(key.text, self.title, values, key.mark)


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
