"""What a patient can share with a caregiver of each enrollment, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from journeys.content.catalogue import triggers_of_family
from journeys.content.screen import in_locale, journey_title, trigger_title
from service.access.caller import Caller
from service.caregivers.rules import told_plan
from service.enrollments.store import enrollments
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
    choices = []
    with service.database.reading() as connection:
        rows = enrollments.list_of_patient(
            connection, caller.patient_ref or "", caller.journey, caller.enrollments, "", _MOST_ENROLLMENTS
        )
        for row in rows:
            caller.disclose(row)
            plan = told_plan(service, connection, row)
            titles = plan.journey.topics.items()
            topics = {key: in_locale(title, locale, plan.journey.locales) for key, title in titles}
            reported = {name: trigger_title(plan, name, locale) for name in triggers_of_family(plan)}
            triggers = {name: title for name, title in reported.items() if name not in plan.ends}
            ends = {name: title for name, title in reported.items() if name in plan.ends}
            choices.append(ShareChoices(row.id, journey_title(plan, locale), topics, triggers, ends))
    return choices
