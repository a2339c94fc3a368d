"""The task for staff to find out the day of a death that a record reports without its day."""

from __future__ import annotations

from journeys.definition.compiler import ReleasePlan, disclosure_of
from journeys.definition.model import Hold
from journeys.engine.effects import Following
from journeys.interop.fhir import DEATH, Ingested
from journeys.primitives.canonical import derived_id
from service.effects.store import tasks
from service.effects.store.tasks import DONE, MOOT
from service.publishing.service import Service

TITLE = "Find out the day of the death: the health record does not have it"
#: Whose task it is, and by when: as with the task to tell the patient, where the journey does not say.
_ANY_TASK = disclosure_of(Hold(trigger=""))


def follow_up_death(service: Service, enrollment: str, ingested: Ingested, plan: ReleasePlan) -> None:
    """Opens the task where a death has no day, and ends it once the day is known or the death is denied."""
    death = next((planned for planned in ingested.reports if planned.rule == DEATH), None)
    id, now = derived_id("effect", enrollment, "day of death"), service.clock()
    with service.database.reading() as connection:
        task = tasks.find_task(connection, id)
    if task is None and (death is None or death.is_dated):
        return
    with service.database.writing() as connection:
        if death is None or death.is_dated:
            tasks.end_task(connection, id, MOOT if death is None else DONE, now)
        else:
            following = Following(
                id=id,
                kind="task",
                name=DEATH,
                stay="",
                state=death.type,
                title=TITLE,
                assignee=_ANY_TASK.assignee,
                due=_ANY_TASK.within.after(now),
            )
            tasks.open_task(connection, enrollment, id, following, now)
