"""What a patient can share with a caregiver of each enrollment, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from journeys.content.catalogue import triggers_of_family
from journeys.content.screen import in_locale, journey_title, reportable, trigger_title
from journeys.definition.model import ANSWERED
from service.access.caller import Caller
from service.access.store.caregivers import StoredCaregiver
from service.caregivers.rules import told_plan
from service.enrollments.answers import told_view
from service.enrollments.read import fold_to_now
from service.enrollments.store import enrollments
from service.enrollments.store.enrollments import StoredEnrollment
from service.publishing.service import Service

_MOST_ENROLLMENTS = 100


@dataclass(frozen=True, slots=True)
class ShareChoices:
    """What can be shared of an enrollment, in words.

    Attributes:
        enrollment: the id of the enrollment.
        journey: the title of its journey.
        topics: the title of each topic.
        triggers: the title of each trigger and end that the family may report, and of answers.
        offered: those of them that are of use now, so that nobody reads of a hospice first in a list.
    """

    enrollment: str
    journey: str
    topics: Mapping[str, str]
    triggers: Mapping[str, str]
    offered: frozenset[str] = frozenset()


def list_choices(service: Service, caller: Caller, locale: str) -> list[ShareChoices]:
    """What a patient can share of each enrollment, in a locale or else the first that its journey declares."""
    with service.database.reading() as connection:
        rows = enrollments.list_of_patient(
            connection, caller.patient_ref or "", caller.journey, caller.enrollments, "", _MOST_ENROLLMENTS
        )
        return [
            replace(
                _choices(service, connection, row, locale), offered=_offered(service, connection, caller, row, locale)
            )
            for row in rows
        ]


def choices_of(service: Service, caregiver: StoredCaregiver, locale: str) -> ShareChoices:
    """What the patient of a caregiver can share; the caregiver has just accepted."""
    with service.database.reading() as connection:
        row = enrollments.load(connection, caregiver.enrollment)
        assert row is not None
        return _choices(service, connection, row, locale)


def _choices(service: Service, connection: Connection, row: StoredEnrollment, locale: str) -> ShareChoices:
    plan = told_plan(service, connection, row)
    topics = {key: in_locale(title, locale, plan.journey.locales) for key, title in plan.journey.topics.items()}
    triggers = {name: trigger_title(plan, name, locale) for name in triggers_of_family(plan)}
    return ShareChoices(row.id, journey_title(plan, locale), topics, triggers)


def _offered(
    service: Service, connection: Connection, caller: Caller, row: StoredEnrollment, locale: str
) -> frozenset[str]:
    """What the family can report in the told view of now, and answers; no patient is asked who may report an end."""
    now = service.clock()
    seen = told_view(service, connection, caller, fold_to_now(service, connection, row, now).stored, locale, now)
    catalogue, shown = seen.servable.catalogue, seen.view.shown
    if shown is None or shown.ended is not None:
        return frozenset()
    forms = reportable(catalogue, shown, seen.chosen.locale, by="family")
    return frozenset({ANSWERED, *(form.type for form in forms)} - catalogue.plan.ends)
