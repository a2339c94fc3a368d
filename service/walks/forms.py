"""The forms of a walk as JSON, in the form of `can_report`: reports, beginnings, and placements. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from journeys.content.catalogue import Catalogue
from journeys.content.screen import form_of_facts, in_locale, reportable, title_of
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Reporter
from journeys.engine import News, State
from journeys.primitives.state_path import StatePath
from service.enrollments.staff_reports import reports_of_staff
from service.http.screens import reportable_body
from service.walks.steps import STATE

PLACE = "place"


def forms_of_staff(plan: ReleasePlan, state: State, open_news: Iterable[News]) -> list[dict[str, Any]]:
    """Return the reports that staff may send, in the form of `can_report`; `does` is the effect of each."""
    reports = reports_of_staff(plan, state, open_news, plan.journey.locales[0])
    return [{**reportable_body(report.form), "does": report.does} for report in reports]


def forms_of_patient(
    catalogue: Catalogue, view: State, locale: str, to_answer: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Return the reports that the patient may send in a told view, with the facts of questions; none after the end."""
    if view.ended is not None:
        return []
    return [reportable_body(form) for form in reportable(catalogue, view, locale, to_answer=to_answer)]


def forms_of_joining(plan: ReleasePlan) -> list[dict[str, Any]]:
    """Return a form for each entry, with the facts that patients report; the facts that the entry asks come first."""
    locales, told = plan.journey.locales, _facts_of(plan, "patient")
    forms = []
    for entry in plan.journey.entries.values():
        asked = [text.text for text in entry.asks]
        facts = sorted(told, key=lambda fact: fact not in asked)
        title = in_locale(entry.title, locales[0], locales)
        forms.append(form_of_facts(plan, entry.name, title, facts, locales[0]))
    forms = forms or [form_of_facts(plan, "", "In the first states", told, locales[0])]
    return [reportable_body(form) for form in forms]


def form_of_placing(plan: ReleasePlan, state: State) -> dict[str, Any]:
    """Return the form that places the patient in a state, with the facts that staff report; open states come first."""
    locale = plan.journey.locales[0]
    leaves = [f"{track}.{stays[-1].state}" for track, stays in state.tracks.items()]
    paths = [*leaves, *(path for path in plan.journey.state_paths if path not in leaves)]
    choices = [{"value": path, "label": _label(plan, path), "within": None} for path in paths]
    form = reportable_body(form_of_facts(plan, PLACE, "Place the patient", _facts_of(plan, "staff"), locale))
    field = {"name": STATE, "label": "State", "type": "choice", "required": True, "choices": choices}
    return {**form, "fields": [field, *form["fields"]]}


def _facts_of(plan: ReleasePlan, reporter: Reporter) -> list[str]:
    """The facts that a reporter may report."""
    return [name for name, fact in plan.journey.facts.items() if reporter in fact.by]


def _label(plan: ReleasePlan, full_path: str) -> str:
    state = StatePath.parse(full_path)
    return f"{title_of(plan, state.track, state.path, plan.journey.locales[0])} ({full_path})"
