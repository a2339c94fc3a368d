"""The questions of a journey: the fields of their format, and the reading of each."""

from __future__ import annotations

from journeys.definition.model import Ask, Asking, Text
from journeys.definition.reading import kinds
from journeys.definition.reading.forms import FileForm, FormField, built
from journeys.definition.reading.kinds import FACTS, FLAG, TITLES, Definitions, Kind, Schema
from journeys.definition.reading.nodes import MappingNode, Node
from journeys.definition.reading.shape import Shape

NOBODY = "none"
#: The `ask` of a state in which patients are asked nothing.

DEFAULT = Asking()


class AskForm(FileForm):
    """A question, `ask`, in the words of patients."""

    question = FormField(TITLES, "The question, as a sentence.", required=True)
    why = FormField(TITLES, "Why it is asked: what the answer changes for the reader.")
    help = FormField(TITLES, "Help for an answer, such as where to look.")
    sensitive = FormField(FLAG, "Whether it is a sensitive question, which apps ask with care.")
    rest = FormField(
        kinds.positive_duration("P30D"),
        "The time until a question without an answer may come again; `rest` of `asking` unless given.",
    )

    def build(self) -> Ask:
        """The question; the default of each key that cannot be read."""
        return Ask(
            question=self.question,
            why=self.why,
            help=self.help,
            sensitive=self.sensitive,
            rest=self.rest if AskForm.rest in self else None,
            mark=self.mark,
        )


class AskingForm(FileForm):
    """How much is asked, `asking`."""

    at_once = FormField(
        kinds.number_between(1, 5, DEFAULT.at_once), f"The most questions at once; {DEFAULT.at_once} unless given."
    )
    a_week = FormField(
        kinds.number_between(1, 20, DEFAULT.a_week),
        f"The most questions shown in seven days; {DEFAULT.a_week} unless given.",
    )
    horizon = FormField(
        kinds.number_between(0, 4, DEFAULT.horizon),
        f"How many steps ahead an answer may matter; {DEFAULT.horizon} unless given.",
    )
    showings = FormField(
        kinds.number_between(1, 10, DEFAULT.showings),
        f"How often a question is shown without an answer before it rests; {DEFAULT.showings} unless given.",
    )
    rest = FormField(
        kinds.positive_duration(DEFAULT.rest), f"How long a question rests; `{DEFAULT.rest}` unless given."
    )

    def build(self) -> Asking:
        """The limits; the default of each key that is absent or cannot be read."""
        return Asking(
            at_once=self.at_once,
            a_week=self.a_week,
            horizon=self.horizon,
            showings=self.showings,
            rest=self.rest,
            mark=self.mark,
        )


ASK = built(AskForm, AskForm.build, "`{question: …, why: …}`")
ASKING = built(AskingForm, AskingForm.build, "`{at_once: …, a_week: …}`")


class GroupForm(FileForm):
    """A group with a question about all its facts."""

    facts = FormField(FACTS, "Its facts.", required=True)
    ask = FormField(ASK, "The question about all of them.")

    def build(self) -> Group:
        """The facts, and the question."""
        facts = self.facts
        if GroupForm.facts in self and not facts:
            self.shape.problem(self.at(GroupForm.facts), f"{self.label(GroupForm.facts)} is empty; name its facts.")
        return facts, self.ask


Group = tuple[tuple[Text, ...], Ask | None]


def _read_group(shape: Shape, node: Node | None, label: str) -> Group:
    if isinstance(node, MappingNode):
        return GroupForm.read(shape, node, label).build()
    return shape.texts(node, label), None


def _group_schema(definitions: Definitions) -> Schema:
    return {"anyOf": [*kinds.TEXTS_SCHEMA["anyOf"], GroupForm.reference(definitions)]}


def _read_silence(shape: Shape, node: Node | None, label: str) -> bool:
    if isinstance(node, MappingNode):
        shape.problem(node.mark, f"{label} must be '{NOBODY}'; write a question at a fact or a group.")
        return False
    return shape.one_of(node, label, (NOBODY,)) == NOBODY


SILENCE = Kind(f"`{NOBODY}`", _read_silence, kinds.fixed({"enum": [NOBODY]}))
GROUP: Kind[Group | None] = Kind("a fact, a list of facts, or keys below", _read_group, _group_schema)
