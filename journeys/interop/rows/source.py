"""The declared sources whose rows become events of a journey, read from YAML with every problem at once.

The manual is docs/authoring.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import FactType, Value
from journeys.definition.model import NOWHERE, REPORTERS, Fact, Mark
from journeys.definition.reading import MappingNode, Node, Scalar, kinds, read_tree
from journeys.definition.reading.forms import FileForm, FormField, map_of, names_of
from journeys.definition.reading.kinds import FLAG, TEXT, TEXTS, TEXTS_SCHEMA, Kind
from journeys.definition.reading.shape import KEY, NAME, Shape
from journeys.interop.release_shape import ReleaseShape
from journeys.primitives.problems import Problem

REPORTS_AS = "this source reports as"


@dataclass(frozen=True, slots=True)
class RowFact:
    """Where a fact's value comes from: `value` itself, or a cell, by `table` where its texts are other words.

    `column` is None for a fact that is the same for every row. With `may_be_empty`, an empty cell tells nothing.
    """

    name: str
    kind: FactType
    value: Value | None = None
    column: str | None = None
    table: Mapping[str, Value] = field(default_factory=dict)
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class RowRule:
    """Which rows report a trigger, by the accepted texts of columns, and with which facts."""

    name: str
    texts: Mapping[str, frozenset[str]]
    trigger: str
    facts: tuple[RowFact, ...] = ()
    mark: Mark = NOWHERE

    def fits(self, cells: Mapping[str, str]) -> bool:
        """Whether every column, which the row must have, has one of its accepted texts."""
        return all(cells[column].strip() in accepted for column, accepted in self.texts.items())


@dataclass(frozen=True, slots=True)
class RowSource:
    """How the rows of one system become events of one journey.

    `id` has the columns whose texts together are the id of a row; `patient` and `time` are those with the reference of
    its patient and the time of its event. A reference within an identifier `system` is that of the patient as
    `system|reference`.
    """

    name: str
    journey: str
    by: str
    id: tuple[str, ...]
    patient: str
    time: str
    rules: tuple[RowRule, ...]
    system: str | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Every column that is read."""
        read = {*self.id, self.patient, self.time}
        for rule in self.rules:
            read |= rule.texts.keys() | {fact.column for fact in rule.facts if fact.column is not None}
        return frozenset(read)

    @property
    def reporter(self) -> str:
        """The name under which its events are recorded."""
        return f"source:{self.name}"


# --- forms ---------------------------------------------------------------------------------------------------


def _read_by(shape: Shape, node: Node | None, label: str) -> str:
    return shape.one_of(node, label, REPORTERS) or "staff"


class RowFactForm(FileForm):
    """The cell that holds a fact, in `facts`."""

    column = FormField(TEXT, "The column.", required=True)
    values = FormField(
        map_of(TEXTS, "values by text"), "The value by the text of the cell; any other text is a mistake of the row."
    )
    may_be_empty = FormField(FLAG, "Whether an empty cell tells nothing; otherwise it is a mistake of the row.")


class RowRuleForm(FileForm):
    """A rule: the rows that report a trigger, in `rules`."""

    trigger = FormField(TEXT, "A trigger or an end that this reporter may report.", required=True)
    rows = FormField(
        map_of(TEXTS, "texts by column"),
        "The accepted texts of columns; every row unless given. No row fits two rules.",
    )
    facts = FormField(
        map_of(
            kinds.node("", lambda schemas: {"anyOf": [TEXTS_SCHEMA, RowFactForm.reference(schemas)]}),
            "by fact: a value, or its column",
        ),
        "The facts of the event; of a group, all of them.",
    )


class RowSourceForm(FileForm):
    """A source: a table of another system, in `sources`."""

    row_id = FormField(
        replace(TEXTS, accepts="a column, or a list of columns"),
        "The columns that name a row for good: another row, or a row that says something else, differs in them.",
        required=True,
        key="id",
    )
    patient = FormField(TEXT, "The column with the reference of the patient.", required=True)
    time = FormField(TEXT, "The column with the date, or the time with its offset, of the event.", required=True)
    rules = FormField(
        names_of(RowRuleForm, "rules by name", NAME.pattern),
        "The rules: which rows report which trigger. Rows that fit none are counted.",
        required=True,
    )
    by = FormField(
        Kind(kinds.one_of(REPORTERS).accepts, _read_by, kinds.one_of(REPORTERS).schema),
        "The kind of reporter that the source is; `staff` unless given.",
    )
    system = FormField(TEXT, "The identifier system: patients are enrolled under it, a bar and the reference.")


class RowSourcesForm(FileForm):
    """The sources of a journey: tables of other systems whose rows become events."""

    sources = FormField(
        names_of(RowSourceForm, "by name: a source", KEY.pattern),
        "The sources; each name is used once among all journeys.",
        required=True,
    )


# --- reading -------------------------------------------------------------------------------------------------


def read_row_sources(data: bytes, file: str, plan: ReleasePlan) -> tuple[Mapping[str, RowSource], list[Problem]]:
    """The sources that a file declares, by name, and every problem; no sources where there is any.

    Args:
        data: the bytes of the file.
        file: its name, for the problems.
        plan: the release of the journey whose triggers and facts it names.
    """
    tree, problems = read_tree(data, file)
    reader = _SourcesReader(file, "rows", plan)
    if tree is None and not problems:
        reader.problem(NOWHERE, "The file is empty; it needs 'sources'.")
    sources = reader.sources(tree) if tree is not None else {}
    problems += reader.problems
    return ({} if problems else sources), problems


class _SourcesReader(ReleaseShape):
    """Reads the sources of one file against one release."""

    def sources(self, tree: Node) -> dict[str, RowSource]:
        if not isinstance(tree, MappingNode):
            self.problem(tree.mark, "A file of sources must be keys and values, beginning with 'sources'.")
            return {}
        form = RowSourcesForm.read(self, tree, "a file of sources", is_file=True)
        entries = self.entries(form.sources, form.label(RowSourcesForm.sources))
        if not entries and RowSourcesForm.sources in form:
            self.problem(form.at(RowSourcesForm.sources), "'sources' is empty; leave the file out instead.")
        return {self.key(name, "The name of the source"): self.source(name, node) for name, node in entries}

    def source(self, name: Scalar, node: Node) -> RowSource:
        form = RowSourceForm.read(self, node, f"the source '{name.text[:80]}'")
        by = form.by
        rules = [self.row_rule(rule, of_rule, by) for rule, of_rule in self.names(form.rules, "a rule")]
        if not rules and RowSourceForm.rules in form:
            self.problem(form.at(RowSourceForm.rules), f"{form.label(RowSourceForm.rules)} is empty.")
        self.require_disjoint(rules)
        columns = tuple(column.text for column in form.row_id)
        if not columns and RowSourceForm.row_id in form:
            self.problem(form.at(RowSourceForm.row_id), f"{form.label(RowSourceForm.row_id)} is empty; name a column.")
        return RowSource(
            name=name.text,
            journey=self.journey.key,
            by=by,
            id=columns,
            patient=form.patient,
            time=form.time,
            rules=tuple(rules),
            system=form.system or None,
        )

    def row_rule(self, name: Scalar, node: Node, by: str) -> RowRule:
        form = RowRuleForm.read(self, node, f"the rule '{name.text[:80]}'")
        texts = {
            column.text: frozenset(text.text for text in self.texts(accepted, f"The column '{column.text[:80]}'"))
            for column, accepted in self.entries(form.rows, form.label(RowRuleForm.rows))
        }
        for column, accepted in texts.items():
            if not accepted:
                self.problem(
                    form.at(RowRuleForm.rows), f"The column '{column[:80]}' accepts no text; no row would fit."
                )
        trigger = self.trigger(form, RowRuleForm.trigger, by, REPORTS_AS)
        facts = self.facts(form, by)
        self.require_facts(form, trigger, facts)
        return RowRule(name.text, texts, trigger, facts, name.mark)

    def require_disjoint(self, rules: list[RowRule]) -> None:
        for rule, other in combinations(rules, 2):
            shared = rule.texts.keys() & other.texts.keys()
            if all(rule.texts[column] & other.texts[column] for column in shared):
                self.problem(
                    other.mark,
                    f"A row can fit both '{rule.name}' and '{other.name}'. Give both a column in 'rows', with "
                    "different texts.",
                )

    def require_facts(self, form: RowRuleForm, trigger: str, facts: tuple[RowFact, ...]) -> None:
        """Notes the facts that a trigger requires and a rule does not tell: the event would wait for them."""
        declared = self.journey.triggers.get(trigger)
        told = {fact.name for fact in facts if not fact.may_be_empty}
        missing = [fact.text for fact in declared.requires if fact.text not in told] if declared is not None else []
        if missing:
            mark = form.marks[RowRuleForm.trigger.key]
            self.problem(
                mark, f"'{trigger}' requires {', '.join(missing)}; tell it in 'facts', never from an empty cell."
            )

    # --- facts ---------------------------------------------------------------------------------------------

    def facts(self, form: RowRuleForm, by: str) -> tuple[RowFact, ...]:
        node = form.facts
        facts: dict[str, RowFact | None] = {}
        for name, value in self.entries(node, form.label(RowRuleForm.facts)):
            fact = self.fact(name, by, REPORTS_AS)
            if fact is not None:
                facts[name.text] = self.row_fact(fact, value)
        self.complete_groups(node, facts, form.subject, "the row")
        return tuple(fact for fact in facts.values() if fact is not None)

    def row_fact(self, fact: Fact, node: Node) -> RowFact | None:
        if not isinstance(node, MappingNode):
            value = self.constant(fact, node)
            return RowFact(fact.name, fact.kind, value) if value is not None else None
        form = RowFactForm.read(self, node, f"the fact '{fact.name}'")
        table = self.table(fact, form.values, form.subject)
        if fact.kind.kind == "set" and not table:
            self.problem(node.mark, f"{form.subject} is a set; it needs 'values', with a list for each text.")
        return RowFact(fact.name, fact.kind, column=form.column, table=table, may_be_empty=form.may_be_empty)
