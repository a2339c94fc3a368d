"""The surveys of a journey: the fields of their format, and the reading of each."""

from __future__ import annotations

from journeys.definition.model import Fact, Task, Titles
from journeys.definition.reading import kinds
from journeys.definition.reading.facts import FactForm
from journeys.definition.reading.forms import FileForm, FormField, built, forms_by_name
from journeys.definition.reading.kinds import CONDITION, FACTS, MARKED, STATES, TITLES, Definitions, Kind, Schema
from journeys.definition.reading.nodes import Node, Scalar
from journeys.definition.reading.questions import AskForm
from journeys.definition.reading.shape import NAME, Shape
from journeys.definition.reading.tracks import TaskForm
from journeys.definition.surveys import MEASURED, Survey, Thanks
from journeys.primitives.problems import did_you_mean

_KEYS_OF_TASKS = ("for", "within", "title")
_KEYS_OF_MEASURES = ("type", "title", "labels", "values", "min", "max")


def _read_measures(shape: Shape, node: Node | None, label: str) -> dict[str, Fact]:
    measures = {}
    accepted = ", ".join(MEASURED)
    for name, item in shape.entries(node, label):
        shape.name(name, "The name of a measure")
        form = FactForm.read(shape, item, f"the measure '{name.text[:80]}'", only=_KEYS_OF_MEASURES)
        measure = form.build(name)
        if FactForm.type in form and measure.kind.kind not in MEASURED:
            hint = did_you_mean(measure.kind.kind, MEASURED)
            message = f"{form.label(FactForm.type)} is {measure.kind.kind}. Accepted: {accepted}.{hint}"
            shape.problem(form.at(FactForm.type), message)
        else:
            measures[name.text] = measure
    return measures


def _measures_schema(definitions: Definitions) -> Schema:
    definitions.setdefault("measure", FactForm.schema(definitions, _KEYS_OF_MEASURES))
    return {
        "type": "object",
        "propertyNames": {"pattern": f"^(?:{NAME.pattern})$"},
        "additionalProperties": {"$ref": "#/$defs/measure"},
    }


def _read_task(shape: Shape, node: Node | None, label: str) -> Task | None:
    return TaskForm.read(shape, node, label, only=_KEYS_OF_TASKS).build() if node is not None else None


def _task_schema(definitions: Definitions) -> Schema:
    return TaskForm.schema(definitions, _KEYS_OF_TASKS)


MEASURES = Kind("by name: `{type: …, title: …}`, as of a fact", _read_measures, _measures_schema)
TASK = Kind("`{for: …, within: …, title: …}`", _read_task, _task_schema)


class ThanksForm(FileForm):
    """What people get for a survey: one of `piece`, `value` and `task`."""

    text = FormField(TITLES, "What they get, in the words of patients; it must be true.", required=True)
    piece = FormField(MARKED, "A piece, by its key, which is shown from then on.")
    value = FormField(kinds.marked("a name under `programme`"), "A value of the programme, which the answer tells.")
    task = FormField(TASK, "A task for staff, which is opened.")

    def build(self) -> Thanks:
        """What people get; nothing where it cannot be read."""
        gifts = (ThanksForm.piece, ThanksForm.value, ThanksForm.task)
        if sum(gift in self for gift in gifts) != 1:
            self.shape.problem(self.mark, f"{self.subject} needs one of 'piece', 'value' and 'task', and one only.")
        return Thanks(self.text, self.piece, self.value, self.task, self.mark)


class SurveyForm(AskForm):
    """A survey: questions that come together, now and then."""

    purpose = FormField(TITLES, "What is done with the answers, in the words of patients.", required=True)
    show_in = FormField(STATES, "The states, in full, in which it comes.", required=True)
    when = FormField(CONDITION, "It comes only where this is true.")
    again = FormField(kinds.positive_duration("P180D"), "The time after which it comes again; once unless given.")
    facts = FormField(FACTS, "Facts of the journey that it asks for.")
    measures = FormField(MEASURES, "Its own questions, whose answers are kept apart and counted.")
    thanks = FormField(
        built(ThanksForm, ThanksForm.build, "`{text: …, piece: …}`"), "What people get for it.", required=True
    )

    def build_survey(self, name: Scalar) -> Survey:
        """The survey with a name; the default of each key that cannot be read."""
        show_in = self.show_in
        if not show_in and SurveyForm.show_in in self:
            self.shape.problem(self.at(SurveyForm.show_in), f"{self.label(SurveyForm.show_in)} is empty; name a state.")
        if SurveyForm.facts not in self and SurveyForm.measures not in self:
            self.shape.problem(name.mark, f"{self.subject} asks nothing; it needs 'facts' or 'measures'.")
        return Survey(
            key=name.text,
            ask=self.build(),
            purpose=self.purpose or Titles(),
            show_in=show_in,
            when=self.when,
            again=self.again if SurveyForm.again in self else None,
            facts=self.facts,
            measures=self.measures,
            thanks=self.thanks or Thanks(),
            mark=name.mark,
        )


SURVEYS = forms_by_name(SurveyForm, SurveyForm.build_survey, "survey")
