"""Reads what one rule asks of one resource: its status and category, and the values of facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from journeys.definition.facts import Value
from journeys.interop.fhir import verdicts
from journeys.interop.fhir.mapping import EventRule, FactRule
from journeys.interop.fhir.resources import Resource, When, codes_of, codings, day_of


def misfit_of(rule: EventRule, resource: Resource) -> str | None:
    """None where status, verification and category match a rule; else the code that says why not."""
    if "modified" in resource:
        return verdicts.MEANING_CHANGED
    is_condition = rule.resource == "Condition"
    status = codes_of(resource, "clinicalStatus" if is_condition else "status")
    verification = codes_of(resource, "verificationStatus")
    # FHIR allows a Condition to omit both; all other resource types require a status.
    if rule.status is not None and not (rule.status & status or (is_condition and not status)):
        return verdicts.ANOTHER_STATUS
    if rule.verification is not None and verification and not rule.verification & verification:
        return verdicts.ANOTHER_STATUS
    if rule.category is not None and not any(pair in rule.category for pair in codings(resource.get("category"))):
        return verdicts.ANOTHER_CATEGORY
    return None


def value_of(fact: FactRule, code: str, resource: Resource, dates: Mapping[When, tuple[str, ...]]) -> Value | None:
    """The value of a fact by the code that matched and by the resource; None where the resource has none."""
    match fact.kind:
        case "constant":
            return fact.value
        case "date":
            return day_of(resource, dates[fact.when])
        case "code":
            return fact.table[code]
        case _:
            return _table_value(fact, resource)


def _table_value(fact: FactRule, resource: Resource) -> Value | None:
    """The value by the codes of an Observation; of a set, all that its codes name."""
    codes = [code for system, code in codings(resource.get("valueCodeableConcept")) if system == fact.system]
    values = [fact.table[code] for code in codes if code in fact.table]
    sets = [value for value in values if isinstance(value, list)]
    if sets:
        return sorted({item for items in sets for item in items})
    return next(iter(values), None)


def missing_value(fact: FactRule, resource: Resource) -> str:
    """The code for a fact without a value: what can be read and is not in the table no longer fits the rule."""
    if fact.kind != "value":
        return verdicts.DATE_UNREADABLE
    has_value = "valueOther" in resource or any(True for _ in codings(resource.get("valueCodeableConcept")))
    return verdicts.VALUE_OUTSIDE_TABLE if has_value else verdicts.VALUE_UNREADABLE
