"""What the care team may report from where a patient is, with the fields of a form for each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from journeys.compiler import ReleasePlan
from journeys.engine import State
from journeys.facts import FactType
from journeys.model import STAY, Fact, Text, Titles, Trigger
from journeys.model import State as DeclaredState


def reports_of_staff(plan: ReleasePlan, state: State) -> list[dict[str, Any]]:
    """The triggers that staff may report, those that say the patient was told first, ends last.

    Each with what it does here: `tells` what is held, `moves` the patient, is `noted`, or `ends` the enrollment.
    """
    journey = plan.journey
    declared = _declared(plan, state)
    missing = sorted({fact for waiting in state.waiting for fact in waiting.missing})
    found: dict[str, str] = {hold.until: "tells" for hold in state.holds}
    if missing:
        found |= dict.fromkeys(_bringing(plan), "noted")
    found |= {name: does for name, does in declared.items() if name not in found}
    found |= dict.fromkeys(journey.ends, "ends")
    triggers = {**journey.triggers, **journey.ends}
    return [_report(plan, name, does, missing) for name, does in found.items() if "staff" in triggers[name].by]


def _declared(plan: ReleasePlan, state: State) -> dict[str, str]:
    """What the triggers declared from here do, those that move first: by track, state from within, and declaration."""
    moving: dict[str, str] = {}
    noted: dict[str, str] = {}
    for track in plan.tracks:
        declared = plan.journey.tracks[track].states
        for stay in reversed(state.tracks.get(track, ())):
            for transition in declared[stay.state].on:
                if transition.to == STAY:
                    noted.setdefault(transition.trigger, "noted")
                else:
                    moving.setdefault(transition.trigger, "moves")
    found = moving | {name: does for name, does in noted.items() if name not in moving}
    return {name: does for name, does in found.items() if name in plan.journey.triggers}


def _bringing(plan: ReleasePlan) -> list[str]:
    """The triggers that no state declares and that tell nothing held: they only bring facts."""
    declared = {
        transition.trigger
        for track in plan.journey.tracks.values()
        for state in track.states.values()
        for transition in state.on
    }
    tells = {
        state.hold.trigger for track in plan.journey.tracks.values() for state in track.states.values() if state.hold
    } | {hold.trigger for hold in plan.held_facts.values()}
    closing = {
        text.text
        for track in plan.journey.tracks.values()
        for state in track.states.values()
        for text in _closing(state)
    }
    return [name for name in plan.journey.triggers if name not in declared | tells | closing]


def _closing(state: DeclaredState) -> Iterable[Text]:
    """The triggers that close a task of a state."""
    tasks = (state.task, *(timer.task for timer in state.after))
    return (text for task in tasks if task is not None for text in task.closed_by)


def _report(plan: ReleasePlan, name: str, does: str, missing: Iterable[str]) -> dict[str, Any]:
    journey = plan.journey
    trigger = journey.triggers.get(name) or journey.ends[name]
    required = [fact.text for fact in trigger.requires]
    wanted = required if does in ("tells", "moves", "ends") or required else list(missing)
    return {
        "type": name,
        "label": _title(trigger.title, trigger, journey.locales),
        "does": does,
        "fields": [_field(plan, journey.facts[fact], is_required=fact in required) for fact in wanted],
    }


def _field(plan: ReleasePlan, fact: Fact, *, is_required: bool) -> dict[str, Any]:
    locales = plan.journey.locales
    group = next(
        (name for name, facts in plan.journey.groups.items() if fact.name in {one.text for one in facts}), None
    )
    field: dict[str, Any] = {
        "name": fact.name,
        "label": _title(fact.title, fact, locales),
        "type": fact.kind.kind,
        "required": is_required,
        "group": group,
    }
    if fact.kind.kind in ("choice", "set"):
        field["choices"] = [
            {
                "value": value,
                "label": _label(fact.labels.get(value, {}), value, locales),
                "within": _within(fact.kind, value),
            }
            for value in fact.kind.values
        ]
    if fact.kind.kind == "integer":
        field |= {"min": fact.kind.minimum, "max": fact.kind.maximum}
    if fact.kind.kind == "text":
        field["max_length"] = fact.kind.max_length
    return field


def _within(kind: FactType, value: str) -> str | None:
    """The next coarser value around a value: of those above it, the one that has the most above itself."""
    above = [one for one in kind.ancestors.get(value, frozenset()) if one != value]
    return max(above, key=lambda one: len(kind.ancestors[one]), default=None)


def _title(title: Titles, named: Trigger | Fact, locales: tuple[str, ...]) -> str:
    return _label(title, named.name.replace("_", " "), locales)


def _label(titles: Mapping[str, str], otherwise: str, locales: tuple[str, ...]) -> str:
    return next((titles[locale] for locale in locales if locale in titles), otherwise)
