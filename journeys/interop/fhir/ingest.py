"""Reads a bundle by the mapping of a journey: when the patient joins, and the events to report, in order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import Value, wire_value
from journeys.interop.fhir.bundle import Bundle, open_bundle
from journeys.interop.fhir.mapping import Codes, EventRule, FactRule, FhirMapping
from journeys.interop.fhir.resources import (
    FORMS,
    Resource,
    When,
    any_time_of,
    codes_of,
    codings,
    day_of,
    fingerprint,
    is_entered_in_error,
    references,
    time_of,
    type_of,
)
from journeys.primitives.canonical import canonical, time_text

EASTERNMOST = timedelta(hours=14)
#: A day has begun somewhere this long before it begins in UTC.
DEATH = "death"
#: The name of the rule for the Patient's death.


@dataclass(frozen=True, slots=True)
class Planned:
    """An event to report. `slot` (`Type/id/rule`) names its source permanently, `twins` the sources with equal content.

    `told` is not part of the content: it depends on the time of the first report.
    """

    slot: str
    type: str
    at: datetime
    day: bool
    facts: Mapping[str, Value] = field(default_factory=dict)
    told: bool = False
    twins: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """The content of the event, as one text."""
        return content_of(self.type, self.at, self.day, self.facts)


@dataclass(frozen=True, slots=True)
class Enrolling:
    """The entry at which the patient joins (None: in the initial states), and the time."""

    key: str
    entry: str | None
    at: datetime
    day: bool


@dataclass(frozen=True, slots=True)
class Ingested:
    """The result of reading a bundle.

    `enrolling` is None if no resource makes a patient join. `reports` are ordered by the time of the event. `sources`
    are the resources (`Type/id`) in the bundle: events that they reported before and no longer contain are to be
    retracted. `dates` are the dates of all entries. `read` is the sum of `mapped`, `unmapped` and `duplicates`.
    """

    patient_ref: str
    language: str | None
    enrolling: Enrolling | None
    reports: tuple[Planned, ...]
    sources: frozenset[str]
    dates: tuple[datetime, ...]
    read: int
    mapped: int
    unmapped: int
    duplicates: int


def content_of(trigger: str, at: datetime, day: bool, facts: Mapping[str, Value]) -> str:
    """The content of an event as one text; equal events have equal texts."""
    wire = {name: wire_value(value) for name, value in facts.items()}
    return canonical([trigger, time_text(at, day), wire]).decode()


def events_of(bundle: Mapping[str, Any], mapping: FhirMapping, plan: ReleasePlan, *, now: datetime) -> Ingested:
    """The events of a bundle for a journey; the order of the entries does not matter.

    Args:
        bundle: the Bundle as plain JSON values (`read_bundle` makes them from bytes).
        mapping: the mapping of the journey.
        plan: the release; its order of triggers decides the order of events at one instant.
        now: the present, UTC. Resources with a later date are not mapped, because they have not happened yet.

    Raises:
        NotABundle: the object is not a Bundle about one patient. Resources that cannot be read are not mapped.
    """
    return _Reading(open_bundle(bundle), mapping, plan, now).ingested()


class _Reading:
    """Reads one bundle once."""

    def __init__(self, bundle: Bundle, mapping: FhirMapping, plan: ReleasePlan, now: datetime) -> None:
        self.bundle = bundle
        self.mapping = mapping
        self.plan = plan
        self.now = now
        self.by_type: dict[str, list[EventRule]] = {}
        for rule in mapping.rules:
            self.by_type.setdefault(rule.resource, []).append(rule)
        self.planned: dict[tuple[str, str, str], Planned] = {}
        self.unreadable: set[str] = set()

    def ingested(self) -> Ingested:
        mapped = unmapped = duplicates = 0
        contents: set[str] = set()
        for name, resource in self.bundle.resources.items():
            fits, is_new = self.take(name, resource)
            content = fingerprint(resource)
            if is_new or (fits and is_entered_in_error(resource)):
                mapped += 1
            elif fits or content in contents:
                duplicates += 1
            else:
                unmapped += 1
            contents.add(content)
        ranks = self.plan.ranks
        reports = sorted(
            self.planned.values(), key=lambda planned: (planned.at, ranks.get(planned.type, len(ranks)), planned.slot)
        )
        dated = [
            any_time_of(resource) for name, resource in self.bundle.resources.items() if type_of(resource) != "Patient"
        ]
        return Ingested(
            patient_ref=self.bundle.patient_ref,
            language=self.bundle.language,
            enrolling=self.enrolling(),
            reports=tuple(reports),
            sources=frozenset(name for name in self.bundle.resources if name not in self.unreadable),
            dates=tuple(sorted(date for date in dated if date is not None)),
            read=self.bundle.read,
            mapped=mapped,
            unmapped=unmapped + self.bundle.broken,
            duplicates=duplicates + self.bundle.older,
        )

    def take(self, name: str, resource: Resource) -> tuple[bool, bool]:
        """Whether a resource fits a rule, and whether it reports anything that no earlier resource reported."""
        fits = is_new = False
        for rule, code, planned in self.events(name, resource):
            fits = True
            if planned is None:
                continue
            same = (rule, code, planned.content)
            before = self.planned.get(same)
            if before is None:
                self.planned[same] = planned
                is_new = True
            else:
                self.planned[same] = _with_twin(before, planned.slot)
        return fits, is_new

    def events(self, name: str, resource: Resource) -> Iterator[tuple[str, str, Planned | None]]:
        """For each rule that fits: its name, the code that matched, and the event (None if it was entered in error)."""
        kind = type_of(resource)
        if kind == "Patient":
            yield from self.death(name, resource)
            return
        rules = self.by_type.get(kind, [])
        if not rules or not any(map(self.bundle.is_about_patient, references(resource, "subject", "patient"))):
            return
        in_error = is_entered_in_error(resource)
        for rule in rules:
            code = self.code(rule, resource)
            if code is None:
                continue
            if in_error:
                yield rule.name, code, None
            elif self.fits(rule, resource):
                planned = self.event(name, rule, code, resource)
                if planned is None:
                    self.unreadable.add(name)
                elif planned.at <= self.now:
                    yield rule.name, code, planned

    def death(self, name: str, patient: Resource) -> Iterator[tuple[str, str, Planned | None]]:
        if self.mapping.death is None or "deceasedDateTime" not in patient:
            return
        died = time_of(patient, ("deceasedDateTime",))
        if died is None:
            self.unreadable.add(name)
        elif died[0] <= self.now:
            yield DEATH, "", self.plan_event(f"{name}/{DEATH}", self.mapping.death, died, {})

    def code(self, rule: EventRule, resource: Resource) -> str | None:
        """The code of a resource that the rule lists, or None."""
        return next((code for system, code in self.codings(rule, resource) if (system, code) in rule.codes), None)

    def codings(self, rule: EventRule, resource: Resource) -> Iterator[tuple[str, str]]:
        for element in FORMS[rule.resource].codes:
            yield from codings(resource.get(element))
            for reference in references(resource, element):
                meant = self.bundle.resolve(reference, resource)
                if meant is not None:
                    yield from codings(meant.get("code"))

    def fits(self, rule: EventRule, resource: Resource) -> bool:
        """Whether status, verification, reason and category match a rule."""
        is_condition = rule.resource == "Condition"
        status = codes_of(resource, "clinicalStatus" if is_condition else "status")
        verification = codes_of(resource, "verificationStatus")
        # FHIR allows a Condition to omit both; all other resource types require a status.
        if rule.status is not None and not (rule.status & status or (is_condition and not status)):
            return False
        if rule.verification is not None and verification and not rule.verification & verification:
            return False
        if rule.reason is not None and not self.has_reason(rule.reason, resource):
            return False
        return rule.category is None or any(coding in rule.category for coding in codings(resource.get("category")))

    def has_reason(self, reason: Codes, resource: Resource) -> bool:
        if any(coding in reason for coding in codings(resource.get("reasonCode"))):
            return True
        for reference in references(resource, "reasonReference", "addresses"):
            meant = self.bundle.resolve(reference, resource)
            if meant is not None and any(coding in reason for coding in codings(meant.get("code"))):
                return True
        return False

    def event(self, name: str, rule: EventRule, code: str, resource: Resource) -> Planned | None:
        """The event of a resource that fits a rule; None if its date or a fact cannot be read."""
        dates = FORMS[rule.resource].dates
        at = time_of(resource, tuple(path for when in rule.at for path in dates[when]))
        if at is None:
            return None
        facts: dict[str, Value] = {}
        for fact in rule.facts:
            value = _value(fact, code, resource, dates)
            if value is None or not self.is_accepted(fact.name, value):
                return None
            facts[fact.name] = value
        return self.plan_event(f"{name}/{rule.name}", rule.trigger, at, facts)

    def is_accepted(self, name: str, value: Value) -> bool:
        """Whether the journey accepts a value today; the day may already have begun east of UTC."""
        declared = self.plan.journey.facts.get(name)
        if declared is None:  # the fact is missing in this release, and the report of it is refused
            return True
        try:
            declared.kind.read(value, (self.now + EASTERNMOST).date())
        except ValueError:
            return False
        return True

    def plan_event(self, slot: str, trigger: str, at: tuple[datetime, bool], facts: Mapping[str, Value]) -> Planned:
        after = self.mapping.told_after
        is_told = after is not None and after.after(at[0]) <= self.now
        return Planned(slot, trigger, at[0], at[1], facts, is_told)

    def enrolling(self) -> Enrolling | None:
        places = {rule: rank for rank, rule in enumerate(self.mapping.enroll)}
        joining = [
            (planned.at, places[rule], rule, planned.day)
            for (rule, _, _), planned in self.planned.items()
            if rule in places
        ]
        if not joining:
            return None
        at, _, rule, day = min(joining)
        return Enrolling(self.mapping.key, self.mapping.enroll[rule], at, day)


def _value(fact: FactRule, code: str, resource: Resource, dates: Mapping[When, tuple[str, ...]]) -> Value | None:
    match fact.kind:
        case "constant":
            return fact.value
        case "date":
            return day_of(resource, dates[fact.when])
        case "code":
            return fact.table[code]
        case _:
            codes = [
                value_code
                for system, value_code in codings(resource.get("valueCodeableConcept"))
                if system == fact.system
            ]
            return next((fact.table[value_code] for value_code in codes if value_code in fact.table), None)


def _with_twin(planned: Planned, slot: str) -> Planned:
    twins = (*planned.twins, slot)
    return Planned(planned.slot, planned.type, planned.at, planned.day, planned.facts, planned.told, twins)
