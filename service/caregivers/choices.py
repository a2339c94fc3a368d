"""What a patient can share with a caregiver of each enrollment, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from journeys.content.catalogue import triggers_of_family
from journeys.content.screen import in_locale, journey_title, trigger_title
from service.access.caller import Caller
from service.access.store.caregivers import StoredCaregiver
from service.caregivers.rules import told_plan
from service.enrollments.store import enrollments
from service.enrollments.store.enrollments import StoredEnrollment
from service.publishing.service import Service

_MOST_ENROLLMENTS = 100


@dataclass(frozen=True, slots=True)
class ShareChoices:
    """An enrollment with the title of its journey, and what can be shared: the title of each topic, trigger and end."""

    enrollment: str
    journey: str
    topics: Mapping[str, str]
    triggers: Mapping[str, str]
    ends: Mapping[str, str]


def list_choices(service: Service, caller: Caller, locale: str) -> list[ShareChoices]:
    """What a patient can share of each enrollment, in a locale or else the first that its journey declares."""
    with service.database.reading() as connection:
        rows = enrollments.list_of_patient(
            connection, caller.patient_ref or "", caller.journey, caller.enrollments, "", _MOST_ENROLLMENTS
        )
        for row in rows:
            caller.disclose(row)
        return [_choices(service, connection, row, locale) for row in rows]


def choices_of(service: Service, caregiver: StoredCaregiver, locale: str) -> ShareChoices:
    """What the patient of a caregiver can share; the caregiver has just accepted."""
    with service.database.reading() as connection:
        row = enrollments.load(connection, caregiver.enrollment)
        assert row is not None
        return _choices(service, connection, row, locale)


def _choices(service: Service, connection: Connection, row: StoredEnrollment, locale: str) -> ShareChoices:
    plan = told_plan(service, connection, row)
    topics = {key: in_locale(title, locale, plan.journey.locales) for key, title in plan.journey.topics.items()}
    reported = {name: trigger_title(plan, name, locale) for name in triggers_of_family(plan)}
    triggers = {name: title for name, title in reported.items() if name not in plan.ends}
    ends = {name: title for name, title in reported.items() if name in plan.ends}
    return ShareChoices(row.id, journey_title(plan, locale), topics, triggers, ends)
