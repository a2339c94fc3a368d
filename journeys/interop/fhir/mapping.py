"""The declared mapping from FHIR resources to triggers and facts, read from YAML with every problem at once.

The manual is docs/fhir.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import Value
from journeys.definition.model import NOWHERE, Fact, Mark, Text
from journeys.definition.reading import MappingNode, Node, Scalar, Shape, kinds, read_tree
from journeys.definition.reading.forms import FileForm, FormField, map_of, names_of, part
from journeys.definition.reading.kinds import MARKED, TEXT, TEXTS, TEXTS_SCHEMA, Kind
from journeys.definition.reading.shape import NAME
from journeys.interop.fhir.resources import FORMS, WHENS, When
from journeys.interop.release_shape import ReleaseShape
from journeys.primitives.durations import Duration, parse_duration
from journeys.primitives.problems import Problem, did_you_mean

BY = "staff"
#: What kind of reporter a record is.
REPORTS_AS = "a record counts as"


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of one code system."""

    system: str
    codes: frozenset[str]

    def __contains__(self, coding: tuple[str, str]) -> bool:
        return coding[0] == self.system and coding[1] in self.codes


@dataclass(frozen=True, slots=True)
class FactRule:
    """Where a fact's value comes from: `value` itself, or by `table` the code that matched or the resource's value.

    `kind` is `constant`, `date` (the day of `when`), `code` (the code that made the rule fit) or `value` (the
    resource's `valueCodeableConcept`, of `system`).
    """

    name: str
    kind: Literal["constant", "date", "code", "value"]
    value: Value | None = None
    when: When = "start"
    system: str = ""
    table: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventRule:
    """Which resources report a trigger: of a type, with a code, with a status (None: any), for a reason, of a category.

    `at` says which of the resource's dates is when it happened; the first that is told counts.
    """

    name: str
    resource: str
    codes: Codes
    trigger: str
    status: frozenset[str] | None = None
    verification: frozenset[str] | None = None
    reason: Codes | None = None
    category: Codes | None = None
    at: tuple[When, ...] = ("start",)
    facts: tuple[FactRule, ...] = ()
    mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class FhirMapping:
    """How the resources of a bundle become reports of one journey.

    `enroll` gives the rules whose first event makes a patient join, each with the entry, in the order that decides at
    one instant. `death` is the end that the Patient's death reports. What was recorded `told_after` ago counts as
    told to the patient; None: nothing does.
    """

    journey: str
    key: str
    rules: tuple[EventRule, ...]
    enroll: Mapping[str, str | None]
    death: str | None = None
    told_after: Duration | None = None


# --- forms ---------------------------------------------------------------------------------------------------


def _read_told_after(shape: Shape, node: Node | None, label: str) -> Duration | None:
    if node is None:
        return None
    text = shape.duration(node, label, "P0D")
    if text.startswith("-"):
        shape.problem(node.mark, f"{label} is '{text}'; it must not be negative.")
    return parse_duration(text)


class CodesForm(FileForm):
    """Codes of one code system, in `reason` and `category`."""

    system = FormField(MARKED, "The code system: a name from `systems`, or a URI.", required=True)
    codes = FormField(TEXTS, "The accepted codes.", required=True)


class FhirFactForm(FileForm):
    """The source of a fact's value: either `date`, `of_code` or `of_value`."""

    date = FormField(kinds.one_of(WHENS), "The date of the resource that is the value.")
    of_code = FormField(map_of(TEXTS, "values by code"), "The value by the code of the resource.")
    of_value = FormField(map_of(TEXTS, "values by code"), "The value by `Observation.valueCodeableConcept`.")
    system = FormField(MARKED, "The code system of `of_value`: a name from `systems`, or a URI.")


SOURCES: tuple[FormField[object], ...] = (FhirFactForm.date, FhirFactForm.of_code, FhirFactForm.of_value)


class FhirRuleForm(FileForm):
    """A rule: the resources that report a trigger, in `rules`."""

    resource = FormField(replace(kinds.one_of(FORMS), accepts="a type, listed above"), "The type.", required=True)
    system = CodesForm.system
    codes = CodesForm.codes
    trigger = FormField(TEXT, "A trigger or an end that staff may report.", required=True)
    status = FormField(TEXTS, "The accepted statuses; required for all types but Condition.")
    verification = FormField(TEXTS, "The accepted `Condition.verificationStatus`; an absent one is accepted.")
    reason = FormField(
        part(CodesForm, "`system` and `codes`"), "The accepted reasons: `reasonCode`, or the code of a reference."
    )
    category = FormField(part(CodesForm, "`system` and `codes`"), "The accepted categories.")
    dates = FormField(
        kinds.some_of(WHENS, Shape.texts),
        "The date of the event: the first that is there; `start` unless given.",
        key="at",
    )
    facts = FormField(
        map_of(
            kinds.node("", lambda schemas: {"anyOf": [TEXTS_SCHEMA, FhirFactForm.reference(schemas)]}),
            "by fact: a value, or its source",
        ),
        "The facts of the event; of a group, all of them.",
    )


class FhirEnrollForm(FileForm):
    """A rule whose first event makes a patient join, in `enroll`."""

    entry = FormField(TEXT, "The entry; the initial states unless given.")


class FhirMappingForm(FileForm):
    """A FHIR mapping: how the resources of a bundle become events of a journey."""

    journey = FormField(TEXT, "The key of the journey.", required=True)
    enroll = FormField(
        names_of(FhirEnrollForm, "by rule: `{entry: …}`", NAME.pattern, may_be_empty=True),
        "The rules whose earliest event makes a patient join; at one time the first in the list decides.",
        required=True,
    )
    rules = FormField(
        names_of(FhirRuleForm, "rules by name", NAME.pattern),
        "The rules: which resources report which trigger.",
        required=True,
    )
    systems = FormField(names_of(TEXT, "URIs by name", NAME.pattern), "Short names of code systems.")
    key = FormField(kinds.text("fhir"), "The key of enrollments that bundles make; `fhir` unless given.")
    death = FormField(TEXT, "The end that the death of the Patient reports.")
    told_after = FormField(
        Kind("a duration (`P90D`)", _read_told_after, kinds.duration("P0D").schema),
        "How long ago an event must be recorded to count as told to the patient; without it, none does.",
    )


# --- reading -------------------------------------------------------------------------------------------------


def read_mapping(data: bytes, file: str, plan: ReleasePlan) -> tuple[FhirMapping | None, list[Problem]]:
    """The mapping that a file declares, and every problem; None where there is any.

    Args:
        data: the bytes of the file.
        file: its name, for the problems.
        plan: the release of the journey whose triggers, facts and entries it names.
    """
    tree, problems = read_tree(data, file)
    if tree is None:
        if not problems:
            problems.append(Problem(file, 1, 1, "error", "fhir", "The file is empty; it needs 'journey' and 'rules'."))
        return None, problems
    reader = _MappingReader(file, plan)
    mapping = reader.mapping(tree)
    problems += reader.problems
    return (None if problems else mapping), problems


class _MappingReader(ReleaseShape):
    """Reads one mapping against one release."""

    def __init__(self, file: str, plan: ReleasePlan) -> None:
        super().__init__(file, "fhir", plan)
        self.systems: dict[str, str] = {}

    def mapping(self, tree: Node) -> FhirMapping | None:
        if not isinstance(tree, MappingNode):
            self.problem(tree.mark, "A mapping must be keys and values, beginning with 'journey'.")
            return None
        form = FhirMappingForm.read(self, tree, "a mapping", is_file=True)
        form.read_as(FhirMappingForm.journey, kinds.one_of([self.journey.key]))
        for name, node in self.names(form.systems, "a code system"):
            self.systems[name.text] = self.text(node, f"The code system '{name.text}'")
        rules = {name.text: self.event_rule(name, node) for name, node in self.names(form.rules, "a rule", ("death",))}
        if not rules and FhirMappingForm.rules in form:
            self.problem(form.at(FhirMappingForm.rules), "'rules' is empty; without a rule nothing is mapped.")
        return FhirMapping(
            journey=self.journey.key,
            key=form.key,
            rules=tuple(rules.values()),
            enroll=self.enroll(form.enroll, rules),
            death=form.read_as(FhirMappingForm.death, kinds.one_of(self.journey.ends)) or None,
            told_after=form.told_after,
        )

    def enroll(self, node: Node | None, rules: Mapping[str, EventRule]) -> dict[str, str | None]:
        entries: dict[str, str | None] = {}
        for name, value in self.entries(node, "'enroll'"):
            if name.text not in rules:
                self.problem(
                    name.mark, f"'{name.text[:80]}' in 'enroll' is not a rule.{did_you_mean(name.text, rules)}"
                )
            form = FhirEnrollForm.read(self, value, f"'{name.text[:80]}' in 'enroll'")
            entries[name.text] = form.read_as(FhirEnrollForm.entry, kinds.one_of(self.journey.entries)) or None
        if node is not None and not entries:
            self.problem(node.mark, "'enroll' is empty; it needs a rule whose event makes a patient join.")
        return entries

    # --- one rule ------------------------------------------------------------------------------------------

    def event_rule(self, name: Scalar, node: Node) -> EventRule:
        form = FhirRuleForm.read(self, node, f"the rule '{name.text[:80]}'")
        resource = form.resource
        codes = self.codes(form)
        if resource and resource != "Condition":
            if FhirRuleForm.status not in form:
                self.problem(form.mark, f"{form.subject} needs 'status': which ones of {resource} count.")
            if FhirRuleForm.verification in form:
                mark = form.at(FhirRuleForm.verification)
                self.problem(mark, f"'verification' has no meaning for {resource}; use 'status'.")
        return EventRule(
            name=name.text,
            resource=resource,
            codes=codes,
            trigger=self.trigger(form, FhirRuleForm.trigger, BY, REPORTS_AS),
            status=self.statuses(form, FhirRuleForm.status),
            verification=self.statuses(form, FhirRuleForm.verification),
            reason=self.filter(form, FhirRuleForm.reason),
            category=self.filter(form, FhirRuleForm.category),
            at=self.whens(form, resource),
            facts=self.facts(form, codes, resource),
            mark=name.mark,
        )

    def codes(self, form: FileForm) -> Codes:
        codes = [text.text for text in form[CodesForm.codes]]
        if not codes and CodesForm.codes in form:
            self.problem(form.at(CodesForm.codes), f"{form.label(CodesForm.codes)} is empty.")
        return Codes(self.system(form), frozenset(codes))

    def system(self, form: FileForm) -> str:
        system = form[CodesForm.system]
        if system is None:
            return ""
        if system.text not in self.systems and ":" not in system.text:
            message = (
                f"{form.label(CodesForm.system)} is '{system.text[:80]}', neither a declared code system nor a URI."
            )
            self.problem(system.mark, message + did_you_mean(system.text, self.systems))
        return self.systems.get(system.text, system.text)

    def statuses(self, form: FhirRuleForm, field: FormField[tuple[Text, ...]]) -> frozenset[str] | None:
        if field not in form:
            return None
        statuses = frozenset(text.text for text in form[field])
        if not statuses:
            self.problem(form.at(field), f"{form.label(field)} is empty; nothing would count.")
        if "entered-in-error" in statuses:
            self.problem(form.at(field), "'entered-in-error' always takes back what the resource reported before.")
        return statuses

    def filter(self, form: FhirRuleForm, field: FormField[Node | None]) -> Codes | None:
        node = form[field]
        return None if node is None else self.codes(CodesForm.read(self, node, form.label(field)))

    def whens(self, form: FhirRuleForm, resource: str) -> tuple[When, ...]:
        accepted = _whens_of(resource)
        whens: list[When] = []
        for text in form.dates:
            when = next((when for when in accepted if when == text.text), None)
            if when is None:
                hint = did_you_mean(text.text, accepted)
                message = f"'{text.text[:80]}' in {form.label(FhirRuleForm.dates)} is not a date of {resource}.{hint}"
                self.problem(text.mark, message)
            else:
                whens.append(when)
        return tuple(whens) or ("start",)

    # --- facts ---------------------------------------------------------------------------------------------

    def facts(self, form: FhirRuleForm, codes: Codes, resource: str) -> tuple[FactRule, ...]:
        node = form.facts
        rules: dict[str, FactRule | None] = {}
        for name, value in self.entries(node, form.label(FhirRuleForm.facts)):
            fact = self.fact(name, BY, REPORTS_AS)
            if fact is not None:
                rules[name.text] = self.fact_rule(fact, value, codes, resource)
        self.complete_groups(node, rules, form.subject, "the record")
        return tuple(rule for rule in rules.values() if rule is not None)

    def fact_rule(self, fact: Fact, node: Node, codes: Codes, resource: str) -> FactRule | None:
        if not isinstance(node, MappingNode):
            value = self.constant(fact, node)
            return FactRule(fact.name, "constant", value) if value is not None else None
        form = FhirFactForm.read(self, node, f"the fact '{fact.name}'")
        sources = [source for source in SOURCES if source in form]
        if len(sources) != 1:
            self.problem(node.mark, f"{form.subject} needs a value, or one of 'date', 'of_code' and 'of_value'.")
            return None
        if FhirFactForm.date in form:
            return self.date(fact, form, resource)
        if FhirFactForm.of_code in form:
            table = self.table(fact, form.of_code, form.subject)
            self.compare(form, set(table), codes.codes)
            return FactRule(fact.name, "code", table=table)
        table = self.table(fact, form.of_value, form.subject)
        if resource and resource != "Observation":
            mark = form.at(FhirFactForm.of_value)
            self.problem(mark, f"'of_value' has no meaning for {resource}, only for Observation.")
        return FactRule(fact.name, "value", table=table, system=self.system(form))

    def date(self, fact: Fact, form: FhirFactForm, resource: str) -> FactRule:
        accepted = _whens_of(resource)
        text = form.read_as(FhirFactForm.date, kinds.one_of(accepted))
        if fact.kind.kind != "date":
            mark = form.at(FhirFactForm.date)
            self.problem(mark, f"The fact '{fact.name}' is not a date but a {fact.kind.kind}.")
        return FactRule(fact.name, "date", when=next((when for when in accepted if when == text), "start"))

    def compare(self, form: FhirFactForm, tabled: set[str], codes: frozenset[str]) -> None:
        mark = form.at(FhirFactForm.of_code)
        if missing := sorted(codes - tabled):
            self.problem(mark, f"The table of {form.subject} lacks the codes {', '.join(missing)}.")
        if added := sorted(tabled - codes):
            self.problem(mark, f"The table of {form.subject} has more codes than the rule: {', '.join(added)}.")


def _whens_of(resource: str) -> tuple[When, ...]:
    """The dates that a resource type has; all where the type is not known."""
    form = FORMS.get(resource)
    return tuple(when for when in WHENS if form is None or when in form.dates)
