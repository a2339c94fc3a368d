"""A form declares its keys once: reader, JSON Schema and table come from them."""

from jsonschema import Draft202012Validator

from journeys.definition.model import Mark
from journeys.definition.reading.forms import FileForm, FormField, built, by_name, forms_by_name, forms_in_list
from journeys.definition.reading.kinds import MARKED, NUMBER, TEXT, choice, fixed, node


class DoseForm(FileForm):
    """A dose of a drug."""

    unit = FormField(choice(("mg", "ml"), "mg"), "The unit.", required=True)
    amount = FormField(NUMBER, "The amount.")

    def build(self):
        return self.amount, self.unit

    def build_as(self, name):
        return name.text, *self.build()


class PlanForm(FileForm):
    """A plan of drugs."""

    title = FormField(TEXT, "The title.")
    start = FormField(TEXT, "The first day.", key="from")
    drugs = FormField(forms_by_name(DoseForm, DoseForm.build_as, "drug", ("water",)), "The drugs.", required=True)
    extra = FormField(forms_in_list(DoseForm, DoseForm.build, "dose"), "Doses beside the drugs.")
    first = FormField(built(DoseForm, DoseForm.build, "a dose"), "The first dose.")
    notes = FormField(by_name(MARKED, "note"), "Notes.")
    raw = FormField(node("anything", fixed({})), "Read by hand.")


class ShortPlanForm(PlanForm):
    """A plan whose title is required."""

    title = FormField(TEXT, "The title.", required=True)


PLAN = b"""title: Morning
from: today
drugs:
  a: {unit: mg, amount: 5}
  b: {unit: ml}
extra:
  - {unit: ml, amount: 1}
first: {unit: mg}
notes: {x: take it, y: }
raw: [1]
"""


def read(data, form=PlanForm):
    return form.read_file(data, "plan.yaml", "a plan")


def messages_of(data, *fields):
    form, problems = read(data)
    for field in fields:
        form.read_as(field, field.kind)
    return [(problem.line, problem.message) for problem in problems]


def test_a_filled_form_reads_each_value_as_its_kind_says():
    form, problems = read(PLAN)
    assert (form.title, form.start, form.first) == ("Morning", "today", (None, "mg"))
    assert form.drugs == {"a": ("a", 5, "mg"), "b": ("b", None, "ml")}
    assert form.extra == ((1, "ml"),)
    assert form.title == form[PlanForm.title] == form.read_as(PlanForm.title, TEXT)
    assert PlanForm.raw in form
    assert form.node(PlanForm.raw).items[0].text == "1"
    assert problems == []
    assert {key: text.text for key, text in form.notes.items()} == {"x": "take it"}
    assert [problem.message for problem in problems] == ["The note 'y' is empty."]


def test_positions_are_those_of_the_keys():
    form, _ = read(b"drugs: {}\ntitle: A\n")
    assert form.at(PlanForm.title) == form.key_marks["title"] == Mark(2, 1)
    assert form.marks["title"] == Mark(2, 8)
    assert form.at(PlanForm.raw) == form.mark == Mark(1, 1)


def test_absent_keys_have_the_default_of_their_kind():
    form, problems = read(b"drugs: {}\n")
    assert (form.title, form.drugs, form.extra, form.first, form.raw) == ("", {}, (), None, None)
    assert problems == []


def test_problems_name_the_value_and_its_form():
    assert messages_of(b"titel: A\n") == [
        (1, "'titel' is not a key of a plan. Did you mean 'title'?"),
        (1, "A plan needs 'drugs'."),
    ]
    assert messages_of(b"drugs: []\nextra: x\n", PlanForm.drugs, PlanForm.extra) == [
        (1, "'drugs' must be keys and values, not a list."),
        (2, "'extra' must be a list: each item begins with '- '."),
    ]
    assert messages_of(b"drugs:\n  water: {unit: mgg}\n  b: {}\n", PlanForm.drugs) == [
        (2, "The name of a drug is 'water', a word of the language itself; choose another."),
        (2, "'unit' of the drug 'water' is 'mgg'. Did you mean 'mg'?"),
        (3, "The drug 'b' needs 'unit'."),
    ]
    assert messages_of(b"drugs: {}\nextra:\n- {amount: x}\n", PlanForm.extra) == [
        (3, "A dose needs 'unit'."),
        (3, "'amount' of a dose is 'x'; it must be a whole number."),
    ]


def test_a_misspelt_choice_is_taken_for_the_nearest():
    assert [DoseForm.read_file(text, "", "a dose")[0].unit for text in (b"unit: mll", b"unit: kg", b"unit: []")] == [
        *("ml", "mg", "mg")
    ]


def test_a_file_must_be_a_mapping():
    assert read(b"")[0] is None
    assert messages_of(b"") == [(1, "The file is empty; it needs 'drugs'.")]
    assert messages_of(b"- a\n") == [(1, "A plan must be keys and values, beginning with 'drugs'.")]
    assert [problem.rule for problem in read(b"a: &b c")[1]] == ["yaml"]


def test_the_schema_accepts_what_the_reader_accepts():
    schema = PlanForm.file_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert schema["title"] == "A plan of drugs"
    assert validator.is_valid({"drugs": {"a": {"unit": "mg", "amount": "5"}}, "extra": [{"unit": "ml"}], "from": "x"})
    for refused in (
        {},
        {"drugs": {}, "start": "x"},
        {"drugs": {"A": {"unit": "mg"}}},
        {"drugs": {"a": {"unit": "kg"}}},
        {"drugs": {}, "extra": {}},
        {"drugs": {}, "notes": {"x": []}},
    ):
        assert not validator.is_valid(refused), refused


def test_a_form_inherits_the_fields_that_it_does_not_declare_itself():
    assert [field.key for field in ShortPlanForm.fields if field.is_required] == ["drugs", "title"]
    assert [field.key for field in ShortPlanForm.accepted(("title", "raw"))] == ["title", "raw"]
    assert len(ShortPlanForm.fields) == len(PlanForm.fields)


def test_the_table_has_a_row_for_each_key_the_required_ones_first():
    assert DoseForm.table().splitlines() == [
        "| key | accepts | required | meaning |",
        "|---|---|---|---|",
        "| `unit` | `mg`, `ml` | yes | The unit. |",
        "| `amount` | a whole number |  | The amount. |",
    ]
