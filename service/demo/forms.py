"""The forms of the care team's reports as JSON, in the form of `can_report`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from journeys.definition.compiler import ReleasePlan
from journeys.engine import News, State
from service.enrollments.staff_reports import reports_of_staff
from service.http.screens import reportable_body


def forms_of_staff(plan: ReleasePlan, state: State, open_news: Iterable[News]) -> list[dict[str, Any]]:
    """Return the reports that staff may send, in the form of `can_report`; `does` is the effect of each."""
    reports = reports_of_staff(plan, state, open_news, plan.journey.locales[0])
    return [{**reportable_body(report.form), "does": report.does} for report in reports]
