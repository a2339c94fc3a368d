"""The events that the care team may report about a patient now, in the order of its forms. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from journeys.content.catalogue import Catalogue
from journeys.content.screen import Reportable, correction_form, reportable, required_form
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import DECLINED, Value
from journeys.definition.model import ANSWERED, STAY
from journeys.engine import Event, News, State

TELLS, MOVES, NOTED, ENDS = "tells", "moves", "noted", "ends"


@dataclass(frozen=True, slots=True)
class StaffReport:
    """A report and its form. `does` is its effect in the current state: `tells` (news that is held), `moves`, `noted`
    or `ends` (the enrollment).
    """

    does: str
    form: Reportable


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The form that replaces an event by a corrected event, filled in with what was reported.

    Attributes:
        form: the fields.
        values: the texts of each field, by fact.
        day: the date of the event where the patient lives, as text; with this day the corrected event keeps the time.
        event: the event.
    """

    form: Reportable
    values: Mapping[str, Sequence[str]]
    day: str
    event: Event


def correction_of(event: Event, plan: ReleasePlan, zone: tzinfo, locale: str) -> Correction | None:
    """The form that corrects an event.

    None of a beginning, a placement and a migration, of what staff may not report, and where a fact was declined: no
    form can say so.
    """
    if event.kind != "reported" or event.is_mark or DECLINED in event.facts.values():
        return None
    form = correction_form(plan, event.type, event.facts, locale, by="staff")
    if form is None:
        return None
    return Correction(
        form=form,
        values={name: _texts(value) for name, value in event.facts.items()},
        day=(event.at if event.day else event.at.astimezone(zone)).date().isoformat(),
        event=event,
    )


def reports_of_staff(plan: ReleasePlan, state: State, open_news: Iterable[News], locale: str) -> list[StaffReport]:
    """The triggers that staff may report, those that tell news first.

    To tell news, only the facts that the trigger requires are asked; in other forms, facts that an event waits for come
    first. Where an event waits for facts, the form of answers is the first after those.
    """
    missing = {fact for waiting in state.waiting for fact in waiting.missing}
    tellings = dict.fromkeys(news.until for news in open_news)
    does: dict[str, str] = {ANSWERED: NOTED} if missing else {}
    does |= {name: action for name, action in _declared(plan, state).items() if name not in does}
    does.setdefault(ANSWERED, NOTED)
    does |= dict.fromkeys(plan.journey.ends, ENDS)
    forms = {form.type: form for form in reportable(Catalogue(plan, {}), state, locale, by="staff")}
    # A release to which the patient migrated may no longer declare the trigger.
    declared = [name for name in tellings if name in plan.journey.triggers]
    tells = [StaffReport(TELLS, required_form(plan, name, locale, by="staff")) for name in declared]
    return tells + [
        StaffReport(action, _missing_first(forms[name], missing))
        for name, action in does.items()
        if name in forms and name not in tellings
    ]


def _texts(value: Value) -> Sequence[str]:
    """The texts of a field with a value."""
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(each) for each in value] if isinstance(value, list | tuple | set | frozenset) else [str(value)]


def _declared(plan: ReleasePlan, state: State) -> dict[str, str]:
    """The effect of each trigger that an open state declares, those that move first; inner states come first."""
    moving: dict[str, str] = {}
    noted: dict[str, str] = {}
    for track in plan.tracks:
        declared = plan.journey.tracks[track].states
        for stay in reversed(state.tracks.get(track, ())):
            for transition in declared[stay.state].on:
                if transition.to == STAY:
                    noted.setdefault(transition.trigger, NOTED)
                else:
                    moving.setdefault(transition.trigger, MOVES)
    return moving | {name: action for name, action in noted.items() if name not in moving}


def _missing_first(form: Reportable, missing: set[str]) -> Reportable:
    return replace(form, fields=tuple(sorted(form.fields, key=lambda field: field.name not in missing)))
