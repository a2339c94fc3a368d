"""The declared mapping from FHIR resources to triggers and facts, read from YAML with every problem at once.

The manual is docs/fhir.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import Value, read_text
from journeys.definition.model import NOWHERE, Fact, Mark, Trigger
from journeys.definition.reading import Fields, MappingNode, Node, Scalar, Sequence, Shape, read_tree
from journeys.interop.fhir.resources import FORMS, WHENS, When
from journeys.primitives.durations import Duration, parse_duration
from journeys.primitives.problems import Problem, did_you_mean

BY = "staff"
#: What kind of reporter a record is.


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
    one instant. `death` is the end that the Patient's death reports. What happened `told_after` ago counts as told to
    the patient; None: nothing does.
    """

    journey: str
    key: str
    rules: tuple[EventRule, ...]
    enroll: Mapping[str, str | None]
    death: str | None = None
    told_after: Duration | None = None


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


class _MappingReader(Shape):
    """Reads one mapping against one release."""

    def __init__(self, file: str, plan: ReleasePlan) -> None:
        super().__init__(file, "fhir")
        self.plan = plan
        self.journey = plan.journey
        self.systems: dict[str, str] = {}

    def mapping(self, tree: Node) -> FhirMapping | None:
        if not isinstance(tree, MappingNode):
            self.problem(tree.mark, "A mapping must be keys and values, beginning with 'journey'.")
            return None
        fields = self.fields(
            tree, "a mapping", ("journey", "enroll", "rules"), ("systems", "key", "death", "told_after")
        )
        self.one_of(fields.get("journey"), "'journey'", (self.journey.key,))
        for name, node in self.names(fields.get("systems"), "a code system"):
            self.systems[name.text] = self.text(node, f"The code system '{name.text}'")
        rules = {
            name.text: self.one_rule(name, node) for name, node in self.names(fields.get("rules"), "a rule", ("death",))
        }
        if not rules and "rules" in fields:
            self.problem(fields.at("rules"), "'rules' is empty; without a rule nothing is mapped.")
        return FhirMapping(
            journey=self.journey.key,
            key=self.text(fields.get("key"), "'key'", "fhir"),
            rules=tuple(rules.values()),
            enroll=self.enroll(fields.get("enroll"), rules),
            death=self.one_of(fields.get("death"), "'death'", self.journey.ends) or None,
            told_after=self.told_after(fields.get("told_after")),
        )

    def told_after(self, node: Node | None) -> Duration | None:
        if node is None:
            return None
        text = self.duration(node, "'told_after'", "P0D")
        if text.startswith("-"):
            self.problem(node.mark, f"'told_after' is '{text}'; it must not be negative.")
        return parse_duration(text)

    def enroll(self, node: Node | None, rules: Mapping[str, EventRule]) -> dict[str, str | None]:
        entries: dict[str, str | None] = {}
        for name, value in self.entries(node, "'enroll'"):
            if name.text not in rules:
                self.problem(name.mark, f"'{name.text[:80]}' in 'enroll' is no rule.{did_you_mean(name.text, rules)}")
            fields = self.fields(value, f"'{name.text[:80]}' in 'enroll'", (), ("entry",))
            entry = self.one_of(fields.get("entry"), "'entry'", self.journey.entries)
            entries[name.text] = entry or None
        if node is not None and not entries:
            self.problem(node.mark, "'enroll' is empty; it needs a rule whose event makes a patient join.")
        return entries

    # --- one rule ------------------------------------------------------------------------------------------

    def one_rule(self, name: Scalar, node: Node) -> EventRule:
        label = f"the rule '{name.text[:80]}'"
        required = ("resource", "system", "codes", "trigger")
        optional = ("status", "verification", "reason", "category", "at", "facts")
        fields = self.fields(node, label, required, optional)
        resource = self.one_of(fields.get("resource"), f"'resource' of {label}", FORMS)
        codes = self.codes(fields, label)
        trigger = self.trigger(fields.get("trigger"), label)
        is_condition = resource == "Condition"
        if resource and not is_condition and "status" not in fields:
            self.problem(fields.mark, f"{label} needs 'status': which ones of {resource} count.")
        if resource and not is_condition and "verification" in fields:
            self.problem(fields.at("verification"), f"'verification' has no meaning for {resource}; use 'status'.")
        return EventRule(
            name=name.text,
            resource=resource,
            codes=codes,
            trigger=trigger.name if trigger else "",
            status=self.statuses(fields, "status", label),
            verification=self.statuses(fields, "verification", label),
            reason=self.filter(fields.get("reason"), f"'reason' of {label}"),
            category=self.filter(fields.get("category"), f"'category' of {label}"),
            at=self.when(fields.get("at"), resource, label),
            facts=self.facts(fields.get("facts"), label, codes, resource),
            mark=name.mark,
        )

    def codes(self, fields: Fields, label: str) -> Codes:
        system = self.system(fields.get("system"), label)
        codes = [text.text for text in self.texts(fields.get("codes"), f"'codes' of {label}")]
        if not codes and "codes" in fields:
            self.problem(fields.at("codes"), f"'codes' of {label} is empty.")
        return Codes(system, frozenset(codes))

    def system(self, node: Node | None, label: str) -> str:
        text = self.text(node, f"'system' of {label}")
        if text and text not in self.systems and ":" not in text and node is not None:
            hint = did_you_mean(text, self.systems)
            self.problem(node.mark, f"'system' of {label} is '{text[:80]}', no declared code system and no URI.{hint}")
        return self.systems.get(text, text)

    def trigger(self, node: Node | None, label: str) -> Trigger | None:
        triggers = {**self.journey.triggers, **self.journey.ends}
        name = self.one_of(node, f"'trigger' of {label}", triggers)
        trigger = triggers.get(name)
        if trigger is not None and BY not in trigger.by and node is not None:
            self.problem(node.mark, f"'{name}' cannot be reported by {BY}, and a record counts as {BY}.")
        return trigger

    def statuses(self, fields: Fields, key: str, label: str) -> frozenset[str] | None:
        if key not in fields:
            return None
        statuses = frozenset(text.text for text in self.texts(fields.get(key), f"'{key}' of {label}"))
        if not statuses:
            self.problem(fields.at(key), f"'{key}' of {label} is empty; nothing would count.")
        if "entered-in-error" in statuses:
            self.problem(fields.at(key), "'entered-in-error' always takes back what the resource reported before.")
        return statuses

    def filter(self, node: Node | None, label: str) -> Codes | None:
        if node is None:
            return None
        return self.codes(self.fields(node, label, ("system", "codes")), label)

    def when(self, node: Node | None, resource: str, label: str) -> tuple[When, ...]:
        form = FORMS.get(resource)
        accepted = [when for when in WHENS if form is None or when in form.dates]
        whens: list[When] = []
        for text in self.texts(node, f"'at' of {label}"):
            when = next((when for when in accepted if when == text.text), None)
            if when is None:
                hint = did_you_mean(text.text, accepted)
                self.problem(text.mark, f"'{text.text[:80]}' in 'at' of {label} is no date of {resource}.{hint}")
            else:
                whens.append(when)
        return tuple(whens) or ("start",)

    # --- facts ---------------------------------------------------------------------------------------------

    def facts(self, node: Node | None, label: str, codes: Codes, resource: str) -> tuple[FactRule, ...]:
        rules: dict[str, FactRule | None] = {}
        for name, value in self.entries(node, f"'facts' of {label}"):
            fact = self.journey.facts.get(name.text)
            if fact is None:
                hint = did_you_mean(name.text, self.journey.facts)
                self.problem(name.mark, f"'{name.text[:80]}' is no fact of the journey.{hint}")
                continue
            if BY not in fact.by:
                self.problem(name.mark, f"'{name.text}' cannot be told by {BY}, and a record counts as {BY}.")
            rules[name.text] = self.fact(fact, value, codes, resource)
        for group, members in self.journey.groups.items():
            names = [member.text for member in members]
            missing = [name for name in names if name not in rules]
            if node is not None and missing and len(missing) < len(names):
                self.problem(
                    node.mark,
                    f"The facts of '{group}' are told together; {label} lacks {', '.join(missing)}. "
                    "Write 'declined' where the record does not say.",
                )
        return tuple(rule for rule in rules.values() if rule is not None)

    def fact(self, fact: Fact, node: Node, codes: Codes, resource: str) -> FactRule | None:
        if not isinstance(node, MappingNode):
            value = self.constant(fact, node)
            return FactRule(fact.name, "constant", value) if value is not None else None
        label = f"the fact '{fact.name}'"
        fields = self.fields(node, label, (), ("date", "of_code", "of_value", "system"))
        sources = [key for key in ("date", "of_code", "of_value") if key in fields]
        if len(sources) != 1:
            self.problem(node.mark, f"{label} needs a value, or one of 'date', 'of_code' and 'of_value'.")
            return None
        if sources == ["date"]:
            return self.date(fact, fields, resource)
        table = self.table(fact, fields.get(sources[0]), label)
        if sources == ["of_code"]:
            self.compare(fields, set(table), codes.codes, label)
            return FactRule(fact.name, "code", table=table)
        if resource and resource != "Observation":
            self.problem(fields.at("of_value"), f"'of_value' has no meaning for {resource}, only for Observation.")
        return FactRule(fact.name, "value", table=table, system=self.system(fields.get("system"), label))

    def date(self, fact: Fact, fields: Fields, resource: str) -> FactRule:
        form = FORMS.get(resource)
        accepted: list[When] = [when for when in WHENS if form is None or when in form.dates]
        text = self.one_of(fields.get("date"), f"'date' of the fact '{fact.name}'", accepted)
        if fact.kind.kind != "date":
            self.problem(fields.at("date"), f"The fact '{fact.name}' is no date; it is a {fact.kind.kind}.")
        when: When | None = next((when for when in accepted if when == text), None)
        return FactRule(fact.name, "date", when=when or "start")

    def table(self, fact: Fact, node: Node | None, label: str) -> dict[str, Value]:
        table = {}
        for code, value in self.entries(node, f"the table of {label}"):
            read = self.constant(fact, value)
            if read is not None:
                table[code.text] = read
        return table

    def compare(self, fields: Fields, tabled: set[str], codes: frozenset[str], label: str) -> None:
        if missing := sorted(codes - tabled):
            self.problem(fields.at("of_code"), f"The table of {label} lacks the codes {', '.join(missing)}.")
        if added := sorted(tabled - codes):
            self.problem(
                fields.at("of_code"), f"The table of {label} has more codes than the rule: {', '.join(added)}."
            )

    def constant(self, fact: Fact, node: Node) -> Value | None:
        try:
            if isinstance(node, Sequence):
                texts = self.texts(node, f"The fact '{fact.name}'")
                return fact.kind.read([text.text for text in texts])
            return read_text(fact.kind, self.text(node, f"The fact '{fact.name}'"))
        except ValueError:
            accepts = fact.kind.accepts()
            self.problem(node.mark, f"The value of the fact '{fact.name}' must be {accepts}, or 'declined'.")
            return None
