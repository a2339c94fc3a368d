"""The events that the care team may report about a patient now, in the order of the demonstration's forms. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from journeys.content.catalogue import Catalogue
from journeys.content.screen import Reportable, reportable
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import STAY
from journeys.engine import News, State
from service.http.screens import reportable_body


def reports_of_staff(plan: ReleasePlan, state: State, open_news: Iterable[News]) -> list[dict[str, Any]]:
    """Return the triggers that staff may report, in the form of `can_report`; those that end a hold come first.

    `does` is the effect in the current state: `tells` (ends a hold), `moves`, `noted`, or `ends` (the enrollment).
    """
    missing = {fact for waiting in state.waiting for fact in waiting.missing}
    does = {news.until: "tells" for news in open_news}
    if missing:
        does |= dict.fromkeys(_bringing(plan), "noted")
    does |= {name: action for name, action in _declared(plan, state).items() if name not in does}
    does |= dict.fromkeys(plan.journey.ends, "ends")
    event_forms = {
        event.type: event for event in reportable(Catalogue(plan, {}), state, plan.journey.locales[0], by="staff")
    }
    return [
        {**reportable_body(event_forms[name]), "does": action, "fields": _fields(event_forms[name], action, missing)}
        for name, action in does.items()
        if name in event_forms
    ]


def _declared(plan: ReleasePlan, state: State) -> dict[str, str]:
    """The effect of each trigger that an open state declares, those that move first; inner states come first."""
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
    return moving | {name: action for name, action in noted.items() if name not in moving}


def _bringing(plan: ReleasePlan) -> Iterable[str]:
    """The triggers that patients may report and that no state declares: they only carry facts."""
    heard = {name for track in plan.tracks.values() for name in track.triggers}
    return (name for name, trigger in plan.journey.triggers.items() if name not in heard and "patient" in trigger.by)


def _fields(report: Reportable, does: str, missing: set[str]) -> list[dict[str, Any]]:
    """The fields of a report: for the end of a hold only required fields, else missing facts first."""
    fields: list[dict[str, Any]] = reportable_body(report)["fields"]
    if does == "tells":
        return [field for field in fields if field["required"]]
    return sorted(fields, key=lambda field: field["name"] not in missing)
